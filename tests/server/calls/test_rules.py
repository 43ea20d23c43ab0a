"""The call in the record."""

import pytest

from server import protocol as p
from server.calls.rules import ExpireCall, NoteConnection
from server.errors import Code, Refusal
from tests.support.history import ADA, BEN, SYSTEM, History, command_id, opened


def ringing(media: p.Format = p.Format.VIDEO) -> History:
    history = opened()
    history.give(ADA, p.RingCall(id=command_id(), media=media))
    return history


def active() -> History:
    history = ringing()
    history.give(BEN, p.AcceptCall(id=command_id()))
    return history


def call_of(history: History) -> p.Call:
    assert history.state.call is not None
    return history.state.call


def note(history: History, seat: str, *, connected: bool, fence: int = 0) -> list[p.RecordEvent]:
    call = call_of(history).call
    command = NoteConnection(
        id=command_id(), call=call, seat=seat, connected=connected, fence=fence
    )
    return history.give(SYSTEM, command)


def test_a_node_that_was_replaced_has_no_say_until_the_next_call() -> None:
    history = active()
    note(history, "client", connected=True, fence=1)
    note(history, "client", connected=False, fence=2)
    note(history, "client", connected=True, fence=2)

    stale = note(history, "client", connected=False, fence=1)

    assert stale == []
    assert call_of(history).people[0].connected
    history.give(BEN, p.LeaveCall(id=command_id()))
    history.give(ADA, p.RingCall(id=command_id(), media=p.Format.VIDEO))
    history.give(BEN, p.AcceptCall(id=command_id()))
    assert len(note(history, "client", connected=True, fence=1)) == 1


def test_a_call_rings_is_answered_connects_and_is_hung_up() -> None:
    history = active()
    note(history, "client", connected=True)
    note(history, "freelancer", connected=True)

    events = history.give(BEN, p.LeaveCall(id=command_id()))

    assert [type(event) for event in events] == [p.CallEnded]
    assert call_of(history).phase is p.CallPhase.ENDED


def test_media_beyond_the_agreed_format_is_refused() -> None:
    history = opened()
    history.give(ADA, p.ProposeFormat(id=command_id(), format=p.Format.AUDIO))
    history.give(BEN, p.AcceptFormat(id=command_id()))

    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.RingCall(id=command_id(), media=p.Format.VIDEO))

    assert refusal.value.code is Code.FORMAT_NOT_AGREED


def test_there_is_one_call_at_a_time() -> None:
    with pytest.raises(Refusal) as refusal:
        active().give(BEN, p.RingCall(id=command_id(), media=p.Format.AUDIO))

    assert refusal.value.code is Code.CALL_BUSY


def test_two_people_who_ring_each_other_are_in_one_call() -> None:
    history = ringing()

    events = history.give(BEN, p.RingCall(id=command_id(), media=p.Format.VIDEO))

    assert [type(event) for event in events] == [p.CallAccepted]


def test_a_caller_who_hangs_up_while_it_rings_cancels() -> None:
    events = ringing().give(ADA, p.LeaveCall(id=command_id()))

    assert [event.reason for event in events if isinstance(event, p.CallEnded)] == [
        p.CallEnd.CANCELLED
    ]


def test_a_call_is_declined_with_a_reason() -> None:
    history = ringing()

    history.give(BEN, p.DeclineCall(id=command_id(), reason="In ten minutes?"))

    assert history.told[-1].text == "In ten minutes?"


def test_a_call_that_nobody_answers_is_missed_once() -> None:
    history = ringing()
    expire = ExpireCall(id=command_id(), call=call_of(history).call)

    events = history.give(SYSTEM, expire)

    assert [event.reason for event in events if isinstance(event, p.CallEnded)] == [
        p.CallEnd.MISSED
    ]
    assert history.give(SYSTEM, expire) == []


def test_a_call_is_lost_only_when_nobody_is_connected() -> None:
    history = active()
    expire = ExpireCall(id=command_id(), call=call_of(history).call)
    note(history, "client", connected=True)
    assert history.give(SYSTEM, expire) == []

    note(history, "client", connected=False)
    events = history.give(SYSTEM, expire)

    assert [event.reason for event in events if isinstance(event, p.CallEnded)] == [p.CallEnd.LOST]


def test_news_of_an_older_call_changes_nothing() -> None:
    history = active()
    stale = NoteConnection(id=command_id(), call=1, seat="client", connected=True)

    assert history.give(SYSTEM, stale) == []


def test_mute_is_kept_and_telling_it_twice_is_once() -> None:
    history = active()
    quiet = p.SetMedia(id=command_id(), microphone=False, camera=True)

    history.give(ADA, quiet)

    mine = next(person for person in call_of(history).people if person.seat == "client")
    assert (mine.microphone, mine.camera) == (False, True)
    assert history.give(ADA, quiet) == []


def test_a_pause_is_kept_beside_what_the_person_means_until_it_is_over() -> None:
    history = active()
    slow = p.Pause(held=p.Held.PICTURE, why=p.PauseWhy.OWN)
    paused = p.SetMedia(id=command_id(), microphone=True, camera=True, pause=slow)

    history.give(ADA, paused)

    mine = next(person for person in call_of(history).people if person.seat == "client")
    assert (mine.camera, mine.pause) == (True, slow)
    assert history.give(ADA, paused) == []

    history.give(ADA, p.SetMedia(id=command_id(), microphone=True, camera=True))

    mine = next(person for person in call_of(history).people if person.seat == "client")
    assert mine.pause is None


def test_a_camera_in_an_audio_call_is_refused() -> None:
    history = ringing(p.Format.AUDIO)

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, p.SetMedia(id=command_id(), microphone=True, camera=True))

    assert refusal.value.code is Code.FORMAT_NOT_AGREED


def screens(history: History) -> list[p.Screen]:
    return [person.screen for person in call_of(history).people]


def share(screen: p.Screen) -> p.SetMedia:
    return p.SetMedia(id=command_id(), microphone=True, camera=False, screen=screen)


def test_both_may_share_a_screen_and_freeze_or_blank_it() -> None:
    history = active()

    history.give(ADA, share(p.Screen.FROZEN))
    history.give(BEN, share(p.Screen.BLANK))

    assert screens(history) == [p.Screen.FROZEN, p.Screen.BLANK]
    assert history.give(ADA, share(p.Screen.FROZEN)) == []


def test_a_screen_in_an_audio_call_is_refused_with_what_to_do() -> None:
    history = ringing(p.Format.AUDIO)

    with pytest.raises(Refusal) as refusal:
        history.give(ADA, share(p.Screen.LIVE))

    assert refusal.value.code is Code.FORMAT_NOT_AGREED
    assert "Propose video first" in refusal.value.message


def test_whoever_is_gone_shares_no_screen_any_more() -> None:
    history = active()
    note(history, "client", connected=True)
    history.give(ADA, share(p.Screen.LIVE))

    note(history, "client", connected=False)

    assert screens(history) == [p.Screen.OFF, p.Screen.OFF]


@pytest.mark.parametrize("agreed", [p.Format.AUDIO, p.Format.TEXT])
def test_a_screen_is_shared_no_longer_than_video_is_agreed(agreed: p.Format) -> None:
    history = active()
    history.give(ADA, share(p.Screen.LIVE))
    history.give(BEN, p.ProposeFormat(id=command_id(), format=agreed))

    history.give(ADA, p.AcceptFormat(id=command_id()))

    assert screens(history) == [p.Screen.OFF, p.Screen.OFF]


def test_the_planned_time_counts_from_the_first_call_and_from_no_later_one() -> None:
    history = ringing()
    before = history.state.met_at
    history.give(BEN, p.AcceptCall(id=command_id()))
    met = history.state.met_at
    history.give(BEN, p.LeaveCall(id=command_id()))
    history.give(BEN, p.RingCall(id=command_id(), media=p.Format.VIDEO))
    history.give(ADA, p.AcceptCall(id=command_id()))

    assert before is None
    assert met is not None
    assert history.state.met_at == met
