"""The panel: who the client's side may bring, and whom it may send away."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server import protocol as p
from server.errors import Code, Refusal
from server.interview.panel import SEATS_EVER, guest_of
from server.interview.state import SHARED, SIDE, Actor
from tests.support.history import (
    ADA,
    BEN,
    BO,
    MO,
    OLA,
    History,
    command_id,
    opened,
    panel,
    random_history,
)


def code_of(history: History, actor: Actor, command: p.Command) -> Code:
    with pytest.raises(Refusal) as refusal:
        history.give(actor, command)
    return refusal.value.code


def invite(role: p.Role, name: str = "") -> p.InvitePerson:
    return p.InvitePerson(id=command_id(), role=role, name=name)


def remove(seat: str, reason: str = "") -> p.RemovePerson:
    return p.RemovePerson(id=command_id(), seat=seat, reason=reason)


# ---------------------------------------------------------------- invited


def test_a_colleague_and_an_observer_get_seats_that_everybody_sees() -> None:
    history = panel()

    seen = {person.seat: person for person in history.view(BEN).people}
    assert seen["client-2"].role is p.Role.CLIENT
    assert seen["observer"].name == "Ola"
    assert seen["observer"].invited_by == "client"
    told = [n.event for n in history.view(BEN).thread if isinstance(n, p.Notice)]
    assert sum(isinstance(event, p.PersonInvited) for event in told) == 2


def test_who_is_invited_without_a_name_gives_one_as_a_guest() -> None:
    history = opened()
    history.give(ADA, invite(p.Role.CLIENT))

    assert code_of(history, BO, p.PostMessage(id=command_id(), text="Hi")) is Code.NAME_NEEDED
    history.give(BO, p.GiveName(id=command_id(), name="Bo"))

    bo = history.state.people["client-2"]
    assert (bo.name, bo.guest) == ("Bo", True)


def test_somebody_invited_may_invite_in_turn_and_a_seat_is_never_given_twice() -> None:
    history = panel()
    history.give(ADA, remove("client-2"))
    history.give(ADA, invite(p.Role.CLIENT, "Cy"))
    third = Actor(person="client-3", role=p.Role.CLIENT)
    history.give(third, invite(p.Role.OBSERVER, "Lea"))

    assert history.state.people["client-3"].name == "Cy"
    assert history.state.people["observer-2"].invited_by == "client-3"


@pytest.mark.parametrize("role", [p.Role.FREELANCER, p.Role.MODERATOR, p.Role.OPERATOR])
def test_only_colleagues_and_observers_can_be_invited(role: p.Role) -> None:
    assert code_of(opened(), ADA, invite(role, "Eve")) is Code.NOT_ALLOWED


def test_nobody_is_invited_under_a_name_that_somebody_has() -> None:
    assert code_of(opened(), ADA, invite(p.Role.CLIENT, "B\u200bEN")) is Code.ALREADY


def test_there_is_room_for_eight_of_whom_the_removed_do_not_count() -> None:
    history = opened()
    for number in range(p.SEATS_MAX - 2):
        history.give(ADA, invite(p.Role.OBSERVER, f"Observer {number}"))

    assert code_of(history, ADA, invite(p.Role.CLIENT, "Bo")) is Code.SEATS_FULL

    history.give(ADA, remove("observer-3"))
    history.give(ADA, invite(p.Role.CLIENT, "Bo"))
    assert "client-2" in history.state.people


def test_seats_cannot_be_given_and_taken_back_without_end() -> None:
    history = opened()
    for number in range(SEATS_EVER - 2):
        history.give(ADA, invite(p.Role.OBSERVER))
        history.give(ADA, remove(f"observer-{number + 1}" if number else "observer"))

    assert code_of(history, ADA, invite(p.Role.OBSERVER)) is Code.SEATS_FULL


def test_nobody_is_invited_once_the_interview_is_over() -> None:
    history = opened()
    history.give(BEN, p.EndInterview(id=command_id()))

    assert code_of(history, ADA, invite(p.Role.CLIENT, "Bo")) is Code.CLOSED


# ---------------------------------------------------------------- removed


def test_a_side_removes_whom_it_invited_with_a_reason_that_everybody_reads() -> None:
    history = panel()

    history.give(BO, remove("observer", "The hour is over."))

    assert history.state.people["observer"].removed
    notice = history.view(BEN).thread[-1]
    assert isinstance(notice, p.Notice)
    assert notice.text == "The hour is over."
    assert history.give(ADA, remove("observer")) == []


@pytest.mark.parametrize(
    ("seat", "code"),
    [
        ("freelancer", Code.NOT_ALLOWED),
        ("client", Code.NOT_ALLOWED),
        ("client-7", Code.NOT_FOUND),
    ],
)
def test_neither_the_freelancer_nor_the_first_client_can_be_removed(seat: str, code: Code) -> None:
    assert code_of(panel(), BO, remove(seat)) is code


def test_who_was_removed_gives_no_command_any_more() -> None:
    history = panel()
    history.give(ADA, remove("client-2"))

    assert code_of(history, BO, p.PostMessage(id=command_id(), text="Wait")) is Code.REMOVED


def test_links_are_made_only_for_people_whom_the_side_invited_and_still_wants() -> None:
    history = panel()
    history.give(ADA, remove("observer"))

    assert guest_of(history.state, "client-2") == BO
    for seat in ("client", "freelancer", "observer", "client-9"):
        with pytest.raises(Refusal):
            guest_of(history.state, seat)


# ---------------------------------------------------------------- the sides


def test_a_side_agrees_with_the_other_side_and_never_with_itself() -> None:
    history = panel()
    history.give(ADA, p.ProposeFormat(id=command_id(), format=p.Format.AUDIO))

    assert code_of(history, BO, p.AcceptFormat(id=command_id())) is Code.NOT_ALLOWED
    assert history.give(BO, p.ProposeFormat(id=command_id(), format=p.Format.AUDIO)) == []
    agreed = history.give(BEN, p.AcceptFormat(id=command_id()))
    history.give(BEN, p.ProposeFormat(id=command_id(), format=p.Format.VIDEO))
    again = history.give(BO, p.AcceptFormat(id=command_id()))

    assert [type(event) for event in (*agreed, *again)] == [p.FormatChanged] * 2
    assert history.state.format is p.Format.VIDEO


def test_the_sides_thread_is_one_of_its_own() -> None:
    history = panel()
    history.give(ADA, p.PostMessage(id=command_id(), text="What do you think?", side=True))
    history.give(BO, p.PostMessage(id=command_id(), text="Good", reply_to=1, side=True))
    history.give(BO, p.EditMessage(id=command_id(), message=2, text="Very good", side=True))
    history.give(ADA, p.DeleteMessage(id=command_id(), message=1, side=True))

    asked, answered = history.view(BO).side
    assert isinstance(asked, p.Message)
    assert isinstance(answered, p.Message)
    assert asked.state is p.MessageState.DELETED
    assert [version.text for version in answered.versions] == ["Good", "Very good"]
    assert history.view(BEN).side == history.view(OLA).side == ()
    assert all(not isinstance(item, p.Message) for item in history.view(BO).thread)


def test_a_message_of_one_thread_cannot_be_touched_or_answered_in_the_other() -> None:
    history = panel()
    history.give(ADA, p.PostMessage(id=command_id(), text="Hello"))
    shared = history.state.seqs[SHARED]

    edit = p.EditMessage(id=command_id(), message=shared, text="x", side=True)
    reply = p.PostMessage(id=command_id(), text="x", reply_to=shared, side=True)
    assert code_of(history, ADA, edit) is Code.NOT_FOUND
    assert code_of(history, ADA, reply) is Code.NOT_FOUND


def test_the_freelancer_cannot_write_there_nor_show_it_to_moderators() -> None:
    history = panel()
    for text in ("one", "two", "three", "four", "five", "six"):
        history.give(ADA, p.PostMessage(id=command_id(), text=text, side=True))

    post = p.PostMessage(id=command_id(), text="me too", side=True)
    flag = p.FlagMessage(id=command_id(), message=6, reason=p.FlagReason.OTHER)
    assert code_of(history, BEN, post) is Code.NOT_ALLOWED
    assert code_of(history, BO, flag) is Code.NOT_FOUND


@settings(max_examples=60, deadline=None)
@given(chance=st.randoms(use_true_random=False), reader=st.sampled_from((BEN, OLA, MO)))
def test_nothing_of_the_sides_thread_is_in_what_others_are_told(
    chance: random.Random,
    reader: Actor,
) -> None:
    history = random_history(chance, 60)

    told = [*history.entries(reader, 0, live=True), *history.entries(reader, 0, live=False)]
    assert all(entry.lane != SIDE for entry in told)
    assert all(entry.text not in ("between us", "as said") for entry in told)
    assert history.view(reader).side == ()
    assert "between us" not in str(history.view(reader))
    windows = [case.window for case in history.state.cases.values()]
    assert SIDE not in str(windows)
