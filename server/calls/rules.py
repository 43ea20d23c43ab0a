"""The call in the record: who rings, answers, is connected, and why it ended.

Media itself is `signaling/`; `server/calls/service.py` joins the two.
"""

import msgspec
from msgspec.structs import replace

from server.errors import Code, Refusal
from server.interview.state import SHARED, SYSTEM, Actor, Fact, Interview, includes, tidy
from server.protocol import (
    AcceptCall,
    Call,
    CallAccepted,
    CallEnd,
    CallEnded,
    CallJoined,
    CallLeft,
    CallPhase,
    CallRang,
    DeclineCall,
    Format,
    InCall,
    Instant,
    LeaveCall,
    MediaSet,
    Phase,
    RingCall,
    Screen,
    SetMedia,
)


class NoteConnection(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's word that somebody's media came or went. Given by the system only."""

    id: str
    call: int
    seat: str
    connected: bool
    fence: int = 0


class ExpireCall(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody answered, or nobody has been connected for a minute. Given by the system only."""

    id: str
    call: int


def ring(state: Interview, actor: Actor, command: RingCall, now: Instant) -> list[Fact]:
    """Rings the other side. Two people ringing each other at once are in one call."""
    state.writer(actor)
    if state.phase is not Phase.OPEN:
        raise Refusal(Code.NOT_OPEN, "You can call each other once the interview is open.")
    if command.media is Format.TEXT or not includes(state.format, command.media):
        raise Refusal(
            Code.FORMAT_NOT_AGREED,
            f"You agreed to meet by {state.format}. Propose another format first.",
        )
    call = state.live_call()
    if call is None:
        return [Fact(SHARED, CallRang(by=actor.person, at=now, media=command.media))]
    if call.phase is CallPhase.RINGING and call.by != actor.person:
        return [Fact(SHARED, CallAccepted(by=actor.person, at=now))]
    raise Refusal(Code.CALL_BUSY, "There is a call already.")


def rang(state: Interview, seq: int, event: CallRang) -> Interview:
    call = Call(
        call=seq,
        by=event.by,
        media=event.media,
        phase=CallPhase.RINGING,
        rang_at=event.at,
        active_at=None,
        people=(_arriving(event.by, event.media),),
    )
    return replace(state, call=call, fence=0)


def accept(state: Interview, actor: Actor, _: AcceptCall, now: Instant) -> list[Fact]:
    call = _ringing(state, actor)
    if call.by == actor.person:
        raise Refusal(Code.NOT_ALLOWED, "You are calling; the other side answers.")
    return [Fact(SHARED, CallAccepted(by=actor.person, at=now))]


def accepted(state: Interview, event: CallAccepted) -> Interview:
    call = state.call
    if call is None:
        return state
    people = (*call.people, _arriving(event.by, call.media))
    return replace(
        state, call=replace(call, phase=CallPhase.ACTIVE, active_at=event.at, people=people)
    )


def decline(state: Interview, actor: Actor, command: DeclineCall, now: Instant) -> list[Fact]:
    call = _ringing(state, actor)
    why = CallEnd.CANCELLED if call.by == actor.person else CallEnd.DECLINED
    event = CallEnded(by=actor.person, at=now, reason=why)
    return [Fact(SHARED, event, text=tidy(command.reason))]


def leave(state: Interview, actor: Actor, _: LeaveCall, now: Instant) -> list[Fact]:
    """Hangs up. While it rings, this cancels or declines."""
    state.person(actor)
    call = state.live_call()
    if call is None:
        return []
    if call.phase is CallPhase.ACTIVE:
        return hang_up(state, actor.person, CallEnd.HUNG_UP, now)
    why = CallEnd.CANCELLED if call.by == actor.person else CallEnd.DECLINED
    return hang_up(state, actor.person, why, now)


def hang_up(state: Interview, by: str, why: CallEnd, now: Instant) -> list[Fact]:
    """Ends the call that rings or goes on, if any."""
    if state.live_call() is None:
        return []
    return [Fact(SHARED, CallEnded(by=by, at=now, reason=why))]


def ended(state: Interview, _: CallEnded) -> Interview:
    if state.call is None:
        return state
    people = tuple(replace(p, connected=False, screen=Screen.OFF) for p in state.call.people)
    return replace(state, call=replace(state.call, phase=CallPhase.ENDED, people=people))


def set_media(state: Interview, actor: Actor, command: SetMedia, now: Instant) -> list[Fact]:
    """What somebody means to send. Pictures need a call that was agreed to be by video."""
    state.writer(actor)
    call = state.live_call()
    mine = _in_call(call, actor.person)
    if call is None or mine is None:
        raise Refusal(Code.NO_CALL, "You are not in a call.")
    if command.camera and call.media is not Format.VIDEO:
        raise Refusal(Code.FORMAT_NOT_AGREED, "This is an audio call. Propose video first.")
    if command.screen is not Screen.OFF and call.media is not Format.VIDEO:
        raise Refusal(
            Code.FORMAT_NOT_AGREED,
            "This is an audio call. Propose video first, then you can share your screen.",
        )
    event = MediaSet(
        by=actor.person,
        at=now,
        microphone=command.microphone,
        camera=command.camera,
        screen=command.screen,
        pause=command.pause,
    )
    return [] if _as_set(mine, event) == mine else [Fact(SHARED, event)]


def media_set(state: Interview, event: MediaSet) -> Interview:
    call = state.call
    if call is None:
        return state
    people = tuple(_as_set(one, event) if one.seat == event.by else one for one in call.people)
    return replace(state, call=replace(call, people=people))


def _as_set(person: InCall, event: MediaSet) -> InCall:
    return replace(
        person,
        microphone=event.microphone,
        camera=event.camera,
        screen=event.screen,
        pause=event.pause,
    )


def note_connection(
    state: Interview, _: Actor, command: NoteConnection, now: Instant
) -> list[Fact]:
    """Somebody's media came up or went away; old news, or from a replaced node, changes nothing."""
    call = state.live_call()
    mine = _in_call(call, command.seat)
    if call is None or call.call != command.call or mine is None:
        return []
    if mine.connected == command.connected or command.fence < state.fence:
        return []
    kind = CallJoined if command.connected else CallLeft
    return [Fact(SHARED, kind(by=SYSTEM, at=now, seat=command.seat, fence=command.fence))]


def joined(state: Interview, event: CallJoined | CallLeft) -> Interview:
    """Whoever is gone shares no screen any more; a page that still has one says so again."""
    if isinstance(event, CallJoined):
        seen = _with_person(state, event.seat, connected=True)
    else:
        seen = _with_person(state, event.seat, connected=False, screen=Screen.OFF)
    return replace(seen, fence=max(state.fence, event.fence))


def expire(state: Interview, _: Actor, command: ExpireCall, now: Instant) -> list[Fact]:
    """A ringing call is missed; an active one with nobody connected is lost."""
    call = state.live_call()
    if call is None or call.call != command.call:
        return []
    if call.phase is CallPhase.RINGING:
        return hang_up(state, SYSTEM, CallEnd.MISSED, now)
    if any(person.connected for person in call.people):
        return []
    return hang_up(state, SYSTEM, CallEnd.LOST, now)


def limited_to(call: Call | None, agreed: Format) -> Call | None:
    """The call as the newly agreed format leaves it: pictures end where video is not agreed."""
    if call is None or agreed is Format.TEXT:
        return call
    people = call.people
    if agreed is Format.AUDIO:
        people = tuple(replace(person, camera=False, screen=Screen.OFF) for person in people)
    return replace(call, media=agreed, people=people)


def _arriving(seat: str, media: Format) -> InCall:
    return InCall(
        seat=seat,
        connected=False,
        microphone=True,
        camera=media is Format.VIDEO,
        screen=Screen.OFF,
    )


def _in_call(call: Call | None, seat: str) -> InCall | None:
    return next((p for p in call.people if p.seat == seat), None) if call is not None else None


def _ringing(state: Interview, actor: Actor) -> Call:
    state.writer(actor)
    call = state.live_call()
    if call is None or call.phase is not CallPhase.RINGING:
        raise Refusal(Code.NO_CALL, "It does not ring any more.")
    return call


def _with_person(state: Interview, seat: str, **changes: bool | Screen) -> Interview:
    call = state.call
    if call is None:
        return state
    people = tuple(replace(p, **changes) if p.seat == seat else p for p in call.people)
    return replace(state, call=replace(call, people=people))
