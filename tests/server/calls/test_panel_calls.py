"""Calls of more than two: who is rung, who joins later, who leaves, and when it is over."""

import pytest

from server import protocol as p
from server.calls.rules import ExpireCall, NoteConnection
from server.errors import Code, Refusal
from server.interview.state import Actor
from tests.support.history import (
    ADA,
    BEN,
    BO,
    CREATE,
    MO,
    OLA,
    SYSTEM,
    History,
    command_id,
    opened,
    panel,
)


def ring(history: History, actor: Actor = ADA) -> None:
    history.give(actor, p.RingCall(id=command_id(), media=p.Format.VIDEO))


def accept(history: History, *actors: Actor) -> None:
    for actor in actors:
        history.give(actor, p.AcceptCall(id=command_id()))


def leave(history: History, actor: Actor) -> list[str]:
    return tags(history.give(actor, p.LeaveCall(id=command_id())))


def decline(history: History, actor: Actor) -> list[str]:
    return tags(history.give(actor, p.DeclineCall(id=command_id(), reason="Later")))


def tags(events: list[p.RecordEvent]) -> list[str]:
    return [p.wire_name(type(event)) for event in events]


def call_of(history: History) -> p.Call:
    assert history.state.call is not None
    return history.state.call


def people(history: History) -> list[str]:
    return [person.seat for person in call_of(history).people]


def in_call(*also: Actor) -> History:
    """Ada, Ben and Bo talk, with those besides."""
    history = panel()
    ring(history)
    accept(history, BEN, BO, *also)
    for seat in people(history):
        connected(history, seat)
    return history


def connected(history: History, seat: str, *, up: bool = True) -> None:
    call = call_of(history).call
    note = NoteConnection(id=command_id(), call=call, seat=seat, connected=up)
    history.give(SYSTEM, note)


def a_minute_passes(history: History) -> list[p.RecordEvent]:
    return history.give(SYSTEM, ExpireCall(id=command_id(), call=call_of(history).call))


def code_of(history: History, actor: Actor, command: p.Command) -> Code:
    with pytest.raises(Refusal) as refusal:
        history.give(actor, command)
    return refusal.value.code


# ---------------------------------------------------------------- joining


def test_the_first_answer_begins_the_call_and_the_others_join_while_it_lasts() -> None:
    history = panel()
    ring(history, BEN)
    accept(history, BO)
    began = call_of(history).active_at

    accept(history, ADA, OLA)

    assert people(history) == ["freelancer", "client-2", "client", "observer"]
    assert call_of(history).active_at == began
    watching = call_of(history).people[-1]
    assert (watching.microphone, watching.camera) == (False, False)


def test_joining_twice_is_once_and_ringing_where_there_is_a_call_joins_it() -> None:
    history = panel()
    ring(history)
    accept(history, BEN)

    assert history.give(BEN, p.AcceptCall(id=command_id())) == []
    ring(history, BO)
    assert people(history) == ["client", "freelancer", "client-2"]


def test_an_observer_is_not_rung_and_cannot_answer_for_anybody() -> None:
    history = panel()
    ring(history)

    assert code_of(history, OLA, p.AcceptCall(id=command_id())) is Code.NO_CALL
    assert leave(history, OLA) == []
    assert call_of(history).phase is p.CallPhase.RINGING


# ---------------------------------------------------------------- declining


def test_a_colleagues_decline_is_for_them_alone_and_they_may_join_after_all() -> None:
    history = panel()
    ring(history)

    assert decline(history, BO) == ["call:declined"]
    assert call_of(history).declined == ("client-2",)
    accept(history, BEN, BO)
    assert people(history) == ["client", "freelancer", "client-2"]
    assert call_of(history).declined == ()


def test_a_call_is_declined_when_nobody_of_the_other_side_is_left_to_answer() -> None:
    from_client = panel()
    ring(from_client)
    assert decline(from_client, BEN) == ["call:ended"]

    from_freelancer = panel()
    ring(from_freelancer, BEN)
    assert decline(from_freelancer, ADA) == ["call:declined"]
    assert leave(from_freelancer, BO) == ["call:ended"]


# ---------------------------------------------------------------- leaving


def test_two_people_end_their_call_by_leaving_it_also_with_an_observer_there() -> None:
    history = opened()
    history.give(ADA, p.InvitePerson(id=command_id(), role=p.Role.OBSERVER, name="Ola"))
    ring(history)
    accept(history, BEN, OLA)

    assert leave(history, OLA) == ["call:departed"]
    accept(history, OLA)
    assert leave(history, BEN) == ["call:ended"]


def test_of_more_whoever_leaves_is_out_and_may_come_back() -> None:
    history = in_call()

    assert leave(history, BO) == ["call:departed"]
    assert people(history) == ["client", "freelancer"]
    accept(history, BO)
    assert people(history) == ["client", "freelancer", "client-2"]
    assert leave(history, BO) == ["call:departed"]
    assert leave(history, BO) == []


def test_whoever_is_left_alone_for_a_minute_ends_the_call() -> None:
    history = in_call(OLA)
    leave(history, BO)
    assert a_minute_passes(history) == []
    assert leave(history, BEN) == ["call:departed"]

    (ended,) = a_minute_passes(history)

    assert isinstance(ended, p.CallEnded)
    assert ended.reason is p.CallEnd.ALONE


def test_the_last_to_leave_ends_the_call_and_observers_do_not_count() -> None:
    history = in_call(OLA)
    leave(history, BO)
    leave(history, ADA)

    assert leave(history, BEN) == ["call:ended"]


def test_a_client_ends_the_call_for_all_and_a_freelancer_only_when_alone() -> None:
    history = in_call()
    end = p.EndCall(id=command_id())

    assert code_of(history, BEN, end) is Code.NOT_ALLOWED
    leave(history, ADA)
    leave(history, BO)
    assert tags(history.give(BEN, end)) == ["call:ended"]
    assert tags(in_call().give(ADA, end)) == ["call:ended"]
    assert opened().give(ADA, end) == []


# ---------------------------------------------------------------- removed


def test_who_is_removed_is_out_of_the_call_and_the_others_go_on() -> None:
    history = in_call(OLA)

    events = history.give(ADA, p.RemovePerson(id=command_id(), seat="client-2"))
    history.give(ADA, p.RemovePerson(id=command_id(), seat="observer"))

    assert tags(events) == ["person:removed"]
    assert people(history) == ["client", "freelancer"]
    assert call_of(history).phase is p.CallPhase.ACTIVE
    assert leave(history, BEN) == ["call:ended"]


def test_who_is_removed_while_it_rings_takes_their_call_with_them() -> None:
    history = panel()
    ring(history, BO)

    events = history.give(ADA, p.RemovePerson(id=command_id(), seat="client-2"))

    assert tags(events) == ["call:ended", "person:removed"]


def test_nobody_goes_on_ringing_when_the_last_who_could_answer_is_removed() -> None:
    history = panel()
    ring(history)
    claimed(history)
    decide = p.DecideCase(
        id=command_id(), interview=CREATE.id, case=1, action=p.Action.REMOVE, explanation="Rule 3"
    )

    events = tags(history.give(MO, decide))

    assert [tag for tag in events if tag.startswith("call:")] == ["call:ended"]
    assert history.state.people["freelancer"].removed


# ---------------------------------------------------------------- switched off


def mute(seat: str, kind: p.Source) -> p.MutePerson:
    return p.MutePerson(id=command_id(), seat=seat, kind=kind)


def part(history: History, seat: str) -> p.InCall:
    return next(person for person in call_of(history).people if person.seat == seat)


def media(*, microphone: bool, camera: bool, screen: p.Screen = p.Screen.OFF) -> p.SetMedia:
    return p.SetMedia(id=command_id(), microphone=microphone, camera=camera, screen=screen)


def test_what_is_switched_off_stays_off_until_its_owner_switches_it_on() -> None:
    history = in_call()
    history.give(BEN, media(microphone=True, camera=True, screen=p.Screen.LIVE))

    for kind in p.Source:
        history.give(BO, mute("freelancer", kind))
        assert history.give(BO, mute("freelancer", kind)) == []
    muted = part(history, "freelancer")
    history.give(BEN, media(microphone=False, camera=True))

    assert (muted.microphone, muted.camera, muted.screen) == (False, False, p.Screen.OFF)
    assert muted.muted == tuple(p.Source)
    assert part(history, "freelancer").muted == (p.Source.MICROPHONE, p.Source.SCREEN)


def test_a_microphone_that_its_owner_says_is_off_can_be_switched_off_all_the_same() -> None:
    history = in_call()
    history.give(BEN, media(microphone=False, camera=False))

    assert tags(history.give(ADA, mute("freelancer", p.Source.MICROPHONE))) == ["call:muted"]


def test_nobody_is_muted_who_is_not_in_a_call() -> None:
    history = panel()
    assert code_of(history, ADA, mute("freelancer", p.Source.CAMERA)) is Code.NO_CALL
    ring(history)
    assert code_of(history, ADA, mute("freelancer", p.Source.CAMERA)) is Code.NO_CALL


# ---------------------------------------------------------------- a moderator's measures


def claimed(history: History) -> History:
    """Ben wrote something that Ada flagged; Mo works on the case."""
    said = history.give(BEN, p.PostMessage(id=command_id(), text="Pay me outside"))
    assert said
    flag = p.FlagMessage(
        id=command_id(), message=history.state.seqs["shared"], reason=p.FlagReason.HARASSMENT
    )
    history.give(ADA, flag)
    history.give(MO, p.ClaimCase(id=command_id(), interview=CREATE.id, case=1))
    return history


def intervene(measure: p.Measure) -> p.Intervene:
    return p.Intervene(id=command_id(), interview=CREATE.id, case=1, measure=measure)


def test_a_moderator_switches_the_accused_off_and_only_the_audit_says_who_it_was() -> None:
    history = claimed(in_call())

    events = history.give(MO, intervene(p.Measure.MUTE))

    assert tags(events) == ["case:intervened", *["call:muted"] * 3]
    assert [event.by for event in events] == ["moderator:Mo", *["moderator"] * 3]
    assert part(history, "freelancer").muted == tuple(p.Source)


def test_who_was_taken_out_by_a_moderator_does_not_come_back_to_this_call() -> None:
    history = claimed(in_call())

    events = history.give(MO, intervene(p.Measure.EJECT))

    assert tags(events) == ["case:intervened", "call:departed"]
    assert people(history) == ["client", "client-2"]
    assert code_of(history, BEN, p.AcceptCall(id=command_id())) is Code.NOT_ALLOWED
    history.give(ADA, p.EndCall(id=command_id()))
    ring(history)
    accept(history, BEN)


def test_taking_one_of_two_out_ends_the_call() -> None:
    history = opened()
    ring(history)
    accept(history, BEN)
    claimed(history)

    (_, ended) = history.give(MO, intervene(p.Measure.EJECT))

    assert isinstance(ended, p.CallEnded)
    assert ended.reason is p.CallEnd.REMOVED


def test_a_moderator_acts_only_on_a_claimed_case_and_a_call_that_goes_on() -> None:
    assert code_of(claimed(panel()), MO, intervene(p.Measure.MUTE)) is Code.NO_CALL
    history = claimed(in_call())
    history.give(MO, p.ReleaseCase(id=command_id(), interview=CREATE.id, case=1))
    assert code_of(history, MO, intervene(p.Measure.MUTE)) is Code.NOT_CLAIMED
