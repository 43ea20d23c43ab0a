"""The interview's course, as deciders see it."""

import pytest
from msgspec.structs import replace

from server import protocol as p
from server.errors import Code, Refusal
from server.interview.state import alike
from tests.support.history import ADA, BEN, CREATE, NOON, OPERATOR, History, command_id, opened


def invited(**changes: object) -> History:
    history = History()
    history.give(OPERATOR, replace(CREATE, **changes))
    return history


def test_an_accepted_invitation_opens_the_interview_at_once() -> None:
    history = invited()

    events = history.give(BEN, p.AcceptInvitation(id=command_id()))

    assert [type(event) for event in events] == [p.InvitationAccepted, p.InterviewOpened]
    assert history.state.phase is p.Phase.OPEN


def test_an_interview_for_later_waits_until_somebody_opens_it() -> None:
    history = invited(starts_at=NOON + 3_600_000)
    history.give(BEN, p.AcceptInvitation(id=command_id()))
    accepted = history.state.phase

    history.give(ADA, p.OpenInterview(id=command_id()))

    assert (accepted, history.state.phase) == (p.Phase.ACCEPTED, p.Phase.OPEN)


def test_only_the_freelancer_answers_the_invitation() -> None:
    history = invited()

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.AcceptInvitation(id=command_id()))

    assert refusal.value.code is Code.NOT_ALLOWED


def test_an_invitation_is_answered_once() -> None:
    history = opened()

    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.DeclineInvitation(id=command_id()))

    assert refusal.value.code is Code.ALREADY


def test_a_declined_interview_keeps_the_reason_and_takes_no_message() -> None:
    history = invited()
    history.give(BEN, p.DeclineInvitation(id=command_id(), reason="Booked until May"))

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.PostMessage(id=command_id(), text="Pity"))

    assert refusal.value.code is Code.CLOSED
    assert [told.text for told in history.told][-1] == "Booked until May"


def test_an_ended_interview_is_read_only_and_its_call_is_over() -> None:
    history = opened()
    history.give(ADA, p.RingCall(id=command_id(), media=p.Format.VIDEO))

    events = history.give(ADA, p.EndInterview(id=command_id(), reason="Thank you"))

    assert [type(event) for event in events] == [p.CallEnded, p.InterviewEnded]
    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.PostMessage(id=command_id(), text="One more thing"))
    assert refusal.value.code is Code.CLOSED


def test_a_guest_gives_a_name_before_anything_else_and_stays_marked() -> None:
    history = invited(freelancer="")
    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.PostMessage(id=command_id(), text="Hello"))
    assert refusal.value.code is Code.NAME_NEEDED

    history.give(BEN, p.GiveName(id=command_id(), name="  Benno   K. "))

    person = history.state.people["freelancer"]
    assert (person.name, person.guest) == ("Benno K.", True)


def test_everybodys_clock_is_known_and_told_once() -> None:
    history = opened()
    history.give(BEN, p.TellZone(id=command_id(), zone="Asia/Kolkata"))
    history.give(BEN, p.TellZone(id=command_id(), zone="Europe/Lisbon"))

    again = history.give(BEN, p.TellZone(id=command_id(), zone="Europe/Lisbon"))

    assert again == []
    assert history.view(ADA).zones == {"freelancer": "Europe/Lisbon"}


def test_a_given_name_is_not_changed_and_nobody_takes_anothers() -> None:
    history = invited(freelancer="")
    with pytest.raises(Refusal) as taken:
        history.give(BEN, p.GiveName(id=command_id(), name="ada"))
    with pytest.raises(Refusal) as fixed:
        history.give(ADA, p.GiveName(id=command_id(), name="Eve"))

    assert (taken.value.code, fixed.value.code) == (Code.ALREADY, Code.ALREADY)


def test_an_interview_needs_a_title_and_is_created_once() -> None:
    with pytest.raises(Refusal) as empty:
        invited(title="  ")
    with pytest.raises(Refusal) as twice:
        opened().give(OPERATOR, CREATE)

    assert (empty.value.code, twice.value.code) == (Code.EMPTY, Code.ALREADY)


def test_nothing_can_be_said_in_an_interview_that_does_not_exist() -> None:
    with pytest.raises(Refusal) as refusal:
        History().give(ADA, p.PostMessage(id=command_id(), text="Hello?"))

    assert refusal.value.code is Code.NOT_FOUND


@pytest.mark.parametrize(
    "name",
    [
        "Ben\u200b",
        "Be\u00adn",
        "B\u200den",
        "\uff22\uff45\uff4e",
        "\u202eBen",
        "BEN\ufe0f",
        "Be\u3164n",
        "\u0412en",  # Cyrillic В
        "B\u0435n",  # Cyrillic е
        "\u0392en",  # Greek Β
        "Be\u0578",  # Armenian ո
    ],
    ids=ascii,
)
def test_a_guest_cannot_look_like_the_other_side(name: str) -> None:
    history = invited(client="", freelancer="Ben")

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.GiveName(id=command_id(), name=name))

    assert refusal.value.code is Code.ALREADY


def test_names_of_one_script_differ_by_their_letters_and_not_by_their_case() -> None:
    assert alike("\u0412\u0435\u0440\u0430", "\u0432\u0435\u0440\u0430")  # Вера, вера
    assert not alike("\u0410\u043d\u043d\u0430", "Anna")  # Анна
    assert not alike("\u0412\u0435\u0440\u0430", "Bera")


@pytest.mark.parametrize(
    "name", ["\u200b", "\u3164", "\u2066\u2069", "\u200d \u2800", "\ufe0f"], ids=ascii
)
def test_a_name_is_something_that_can_be_seen(name: str) -> None:
    history = invited(client="")

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.GiveName(id=command_id(), name=name))

    assert refusal.value.code is Code.EMPTY


@pytest.mark.parametrize(
    "name", ["山田\u3000太郎", "नमस्\u200dते", "👩\u200d💻", "O\u2019Neil", "\U0001fae9"]
)
def test_names_of_all_scripts_are_kept(name: str) -> None:
    history = invited(client="")

    history.give(ADA, p.GiveName(id=command_id(), name=name))

    assert history.state.people["client"].name == name.replace("\u3000", " ")


def test_a_name_is_no_tower_of_marks() -> None:
    history = invited(client="Zo" + "e\u0308" + "\u0301" * 40, freelancer="Nguye\u0302\u0303n")

    people = history.state.people

    assert people["client"].name == "Zo\u00eb" + "\u0301" * 4
    assert people["freelancer"].name == "Nguy\u1ec5n"


def test_titles_and_names_are_one_line() -> None:
    history = invited(title="Hotel\n\n**Ben** I pay", client="Ada\n> x", freelancer="\u202eneB")

    people = history.state.people

    assert history.state.title == "Hotel **Ben** I pay"
    assert [people[seat].name for seat in ("client", "freelancer")] == ["Ada > x", "neB"]
