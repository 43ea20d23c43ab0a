"""What people in a call mean to send, and what somebody else switched off for them."""

from msgspec.structs import replace

from server.calls.rules import in_call, require_in_call, with_person
from server.errors import Code, Refusal
from server.interview.state import SHARED, Actor, Fact, Interview
from server.protocol import (
    Call,
    CallMuted,
    Format,
    InCall,
    Instant,
    MediaSet,
    MutePerson,
    Screen,
    SetMedia,
    Source,
)


def set_media(state: Interview, actor: Actor, command: SetMedia, now: Instant) -> list[Fact]:
    """What somebody means to send. Pictures need a call that was agreed to be by video."""
    state.writer(actor)
    call = state.live_call()
    mine = in_call(call, actor.person)
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
    meant = replace(
        person,
        microphone=event.microphone,
        camera=event.camera,
        screen=event.screen,
        pause=event.pause,
    )
    return replace(meant, muted=tuple(kind for kind in meant.muted if not _sends(meant, kind)))


def _sends(person: InCall, kind: Source) -> bool:
    match kind:
        case Source.MICROPHONE:
            return person.microphone
        case Source.CAMERA:
            return person.camera
        case Source.SCREEN:
            return person.screen is not Screen.OFF


def may_send(call: Call, person: InCall, kind: Source) -> bool:
    """Whether what somebody in a call sends from here may reach the others.

    Pictures may where video is agreed. Of whoever had something switched off, what they say that
    they send: else they would go on over the line of another source.
    """
    if kind is not Source.MICROPHONE and call.media is not Format.VIDEO:
        return False
    return not person.muted or _sends(person, kind)


def mute(state: Interview, actor: Actor, command: MutePerson, now: Instant) -> list[Fact]:
    state.writer(actor)
    require_in_call(state, command.seat)
    return muting(state, actor.person, command.seat, command.kind, now)


def muting(state: Interview, by: str, seat: str, kind: Source, now: Instant) -> list[Fact]:
    """What switches off something that a person in the call sends, whatever they say they send."""
    mine = in_call(state.live_call(), seat)
    if mine is None or kind in mine.muted:
        return []
    return [Fact(SHARED, CallMuted(by=by, at=now, seat=seat, kind=kind))]


def muted(state: Interview, event: CallMuted) -> Interview:
    mine = in_call(state.call, event.seat)
    if mine is None:
        return state
    kept_back = (*mine.muted, event.kind)
    match event.kind:
        case Source.MICROPHONE:
            return with_person(state, event.seat, microphone=False, muted=kept_back)
        case Source.CAMERA:
            return with_person(state, event.seat, camera=False, muted=kept_back)
        case Source.SCREEN:
            return with_person(state, event.seat, screen=Screen.OFF, muted=kept_back)
