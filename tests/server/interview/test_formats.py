"""The format changes only when both sides agree."""

import pytest

from server import protocol as p
from server.errors import Code, Refusal
from tests.support.history import ADA, BEN, History, command_id, opened


def proposed(wanted: p.Format) -> History:
    history = opened()
    history.give(ADA, p.ProposeFormat(id=command_id(), format=wanted))
    return history


def test_a_proposal_alone_changes_nothing() -> None:
    history = proposed(p.Format.TEXT)

    assert history.state.format is p.Format.VIDEO
    assert history.state.proposal == p.Proposal(by="client", format=p.Format.TEXT)


def test_the_other_side_agrees_and_it_changes() -> None:
    history = proposed(p.Format.AUDIO)

    history.give(BEN, p.AcceptFormat(id=command_id()))

    assert (history.state.format, history.state.proposal) == (p.Format.AUDIO, None)


def test_nobody_agrees_to_their_own_proposal() -> None:
    history = proposed(p.Format.AUDIO)

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.AcceptFormat(id=command_id()))

    assert refusal.value.code is Code.NOT_ALLOWED


def test_both_proposing_the_same_is_agreement() -> None:
    history = proposed(p.Format.AUDIO)

    history.give(BEN, p.ProposeFormat(id=command_id(), format=p.Format.AUDIO))

    assert history.state.format is p.Format.AUDIO


def test_a_declined_proposal_is_gone() -> None:
    history = proposed(p.Format.AUDIO)

    history.give(BEN, p.DeclineFormat(id=command_id()))

    assert history.state.proposal is None
    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.AcceptFormat(id=command_id()))
    assert refusal.value.code is Code.ALREADY


def test_agreeing_to_text_ends_the_call() -> None:
    history = opened()
    history.give(ADA, p.RingCall(id=command_id(), media=p.Format.AUDIO))
    history.give(BEN, p.AcceptCall(id=command_id()))
    history.give(ADA, p.ProposeFormat(id=command_id(), format=p.Format.TEXT))

    events = history.give(BEN, p.AcceptFormat(id=command_id()))

    assert [type(event) for event in events] == [p.CallEnded, p.FormatChanged]


def test_agreeing_to_audio_switches_the_cameras_of_the_call_off() -> None:
    history = opened()
    history.give(ADA, p.RingCall(id=command_id(), media=p.Format.VIDEO))
    history.give(BEN, p.AcceptCall(id=command_id()))
    history.give(ADA, p.ProposeFormat(id=command_id(), format=p.Format.AUDIO))

    history.give(BEN, p.AcceptFormat(id=command_id()))

    call = history.state.call
    assert call is not None
    assert call.media is p.Format.AUDIO
    assert [person.camera for person in call.people] == [False, False]
