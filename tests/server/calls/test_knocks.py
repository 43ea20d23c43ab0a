"""The door: knocking, being let in, waiting with a word."""

import pytest

from server import protocol as p
from server.calls.rules import ExpireCall, NoteConnection
from server.errors import Code, Refusal
from server.interview.state import Actor
from tests.support.history import ADA, BEN, BO, OLA, SYSTEM, History, command_id, opened, panel


def knock(history: History, actor: Actor = BEN) -> list[str]:
    return tags(history.give(actor, p.KnockCall(id=command_id())))


def admit(history: History, seat: str = "freelancer") -> list[str]:
    return tags(history.give(ADA, p.AdmitPerson(id=command_id(), seat=seat)))


def hold(history: History, text: str = "", seat: str = "freelancer") -> None:
    history.give(BO, p.HoldPerson(id=command_id(), seat=seat, text=text))


def refuse(history: History, text: str = "", seat: str = "freelancer") -> None:
    history.give(ADA, p.RefusePerson(id=command_id(), seat=seat, text=text))


def ring(history: History, actor: Actor = ADA) -> None:
    history.give(actor, p.RingCall(id=command_id(), media=p.Format.VIDEO))


def tags(events: list[p.RecordEvent]) -> list[str]:
    return [p.wire_name(type(event)) for event in events]


def waiting(history: History) -> list[tuple[str, p.KnockState, str | None]]:
    """Who waits, as Ben reads it: the seat, how it stands, and the last word."""
    return [
        (knock.seat, knock.state, knock.word.text if knock.word else None)
        for knock in history.view(BEN).waiting
    ]


def people(history: History) -> list[str]:
    call = history.state.live_call()
    return [person.seat for person in call.people] if call is not None else []


def code_of(history: History, actor: Actor, command: p.Command) -> Code:
    with pytest.raises(Refusal) as refusal:
        history.give(actor, command)
    return refusal.value.code


def test_the_clients_side_opens_a_call_among_themselves_and_nobody_is_rung() -> None:
    history = panel(knock=True)

    ring(history)
    call = history.state.live_call()
    history.give(BO, p.AcceptCall(id=command_id()))

    assert call is not None
    assert (call.phase, call.active_at) == (p.CallPhase.ACTIVE, history.now - 1000)
    assert people(history) == ["client", "client-2"]


def test_the_freelancer_and_observers_are_in_no_call_before_they_are_let_in() -> None:
    history = panel(knock=True)
    ring_it = p.RingCall(id=command_id(), media=p.Format.VIDEO)

    assert code_of(history, BEN, ring_it) is Code.NOT_ADMITTED
    ring(history)
    for actor in (BEN, OLA):
        assert code_of(history, actor, p.AcceptCall(id=command_id())) is Code.NOT_ADMITTED
        assert knock(history, actor) == ["call:knocked"]
        assert code_of(history, actor, p.AcceptCall(id=command_id())) is Code.NOT_ADMITTED
    assert code_of(history, BEN, ring_it) is Code.NOT_ADMITTED


def test_who_is_let_in_is_in_the_call_and_waits_no_more() -> None:
    history = panel(knock=True)
    ring(history)
    knock(history)

    assert admit(history) == ["call:admitted"]
    assert people(history) == ["client", "freelancer"]
    assert waiting(history) == []


def test_being_let_in_without_a_call_begins_it_as_it_was_agreed_to_meet() -> None:
    history = opened(knock=True)
    knock(history)

    assert admit(history) == ["call:rang", "call:admitted"]
    call = history.state.live_call()
    assert call is not None
    assert (call.media, call.phase) == (p.Format.VIDEO, p.CallPhase.ACTIVE)
    assert people(history) == ["client", "freelancer"]


def test_who_was_let_in_comes_back_without_knocking_while_the_call_lasts() -> None:
    history = panel(knock=True)
    ring(history)
    history.give(BO, p.AcceptCall(id=command_id()))
    knock(history)
    admit(history)

    history.give(BEN, p.LeaveCall(id=command_id()))
    assert knock(history) == ["call:accepted"]
    history.give(BEN, p.LeaveCall(id=command_id()))
    assert tags(history.give(BEN, p.AcceptCall(id=command_id()))) == ["call:accepted"]
    assert knock(history) == []

    history.give(ADA, p.EndCall(id=command_id()))
    ring(history)
    assert code_of(history, BEN, p.AcceptCall(id=command_id())) is Code.NOT_ADMITTED


def test_who_waits_reads_how_it_stands_since_when_and_the_last_word() -> None:
    history = panel(knock=True)
    knock(history)
    since = history.now
    knock(history, OLA)
    assert waiting(history) == [
        ("freelancer", p.KnockState.WAITING, None),
        ("observer", p.KnockState.WAITING, None),
    ]

    hold(history, "Two minutes.")
    hold(history, "Three more.")
    assert waiting(history)[0] == ("freelancer", p.KnockState.HELD, "Three more.")
    assert knock(history) == []
    assert history.state.waiting[0].since == since

    refuse(history, "Not today, we write to you.")
    assert waiting(history)[0] == (
        "freelancer",
        p.KnockState.REFUSED,
        "Not today, we write to you.",
    )


def test_who_was_told_not_now_is_let_in_only_after_they_knock_again() -> None:
    history = opened(knock=True)
    knock(history)
    refuse(history)

    again = p.AdmitPerson(id=command_id(), seat="freelancer")
    assert code_of(history, ADA, again) is Code.NOT_FOUND
    assert knock(history) == ["call:knocked"]
    assert waiting(history) == [("freelancer", p.KnockState.WAITING, None)]
    assert admit(history) == ["call:rang", "call:admitted"]


def test_a_knock_can_be_taken_back() -> None:
    history = opened(knock=True)
    knock(history)

    events = history.give(BEN, p.LeaveCall(id=command_id()))

    assert tags(events) == ["call:withdrawn"]
    assert waiting(history) == []
    assert history.give(BEN, p.LeaveCall(id=command_id())) == []


@pytest.mark.parametrize("command", [p.AdmitPerson, p.HoldPerson, p.RefusePerson])
def test_nobody_is_answered_who_does_not_wait(
    command: type[p.AdmitPerson | p.HoldPerson | p.RefusePerson],
) -> None:
    answer = command(id=command_id(), seat="freelancer")

    assert code_of(opened(knock=True), ADA, answer) is Code.NOT_FOUND


def test_nobody_knocks_where_it_was_not_asked_for_or_before_there_can_be_a_call() -> None:
    assert code_of(opened(), BEN, p.KnockCall(id=command_id())) is Code.NOT_ALLOWED
    history = opened(knock=True)
    history.give(ADA, p.ProposeFormat(id=command_id(), format=p.Format.TEXT))
    history.give(BEN, p.AcceptFormat(id=command_id()))
    assert code_of(history, BEN, p.KnockCall(id=command_id())) is Code.FORMAT_NOT_AGREED


def test_whoever_opened_the_call_may_wait_alone_for_people_to_knock() -> None:
    history = opened(knock=True)
    ring(history)
    call = history.state.live_call()
    assert call is not None
    up = NoteConnection(id=command_id(), call=call.call, seat="client", connected=True)
    history.give(SYSTEM, up)

    assert history.give(SYSTEM, ExpireCall(id=command_id(), call=call.call)) == []


def test_nobody_waits_any_more_who_was_removed_or_when_the_interview_is_over() -> None:
    history = panel(knock=True)
    knock(history, OLA)
    knock(history)
    history.give(ADA, p.RemovePerson(id=command_id(), seat="observer"))
    assert [seat for seat, _, _ in waiting(history)] == ["freelancer"]

    history.give(ADA, p.EndInterview(id=command_id()))
    assert waiting(history) == []
