"""The call in the record: who rings, answers, is connected, and why it ended.

Media itself is `signaling/`; `server/calls/service.py` joins the two.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from server.errors import Code, Refusal
from server.interview.state import SHARED, SYSTEM, Actor, Fact, Interview, includes, tidy
from server.protocol import (
    AcceptCall,
    Call,
    CallAccepted,
    CallDeclined,
    CallDeparted,
    CallEnd,
    CallEnded,
    CallJoined,
    CallLeft,
    CallPhase,
    CallRang,
    DeclineCall,
    EndCall,
    Format,
    InCall,
    Instant,
    LeaveCall,
    Person,
    Phase,
    RingCall,
    Role,
    Screen,
    Source,
)

RINGS_MS: Final = 45_000
"""Milliseconds after which a call that nobody answered is missed; browsers are told so."""


class NoteConnection(msgspec.Struct, frozen=True, kw_only=True):
    """The engine's word that somebody's media came or went. Given by the system only."""

    id: str
    call: int
    seat: str
    connected: bool
    fence: int = 0


class ExpireCall(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody answered, or for a minute nobody was connected or one person alone was in the call.

    Given by the system only.
    """

    id: str
    call: int


def ring(state: Interview, actor: Actor, command: RingCall, now: Instant) -> list[Fact]:
    """Rings the others, or opens a call where people knock.

    Where there is a call already this joins it: two people ringing each other at once are in one.
    """
    person = state.writer(actor)
    require_format(state, command.media)
    call = state.live_call()
    if call is not None and in_call(call, actor.person) is None:
        return joining(state, call, actor, now)
    if call is not None:
        raise Refusal(Code.CALL_BUSY, "There is a call already.")
    if state.knock and person.role is not Role.CLIENT:
        raise _not_admitted()
    event = CallRang(by=actor.person, at=now, media=command.media, open=state.knock)
    return [Fact(SHARED, event)]


def require_format(state: Interview, media: Format) -> None:
    """Refuses a call before the interview is open, and beyond what was agreed."""
    if state.phase is not Phase.OPEN:
        raise Refusal(Code.NOT_OPEN, "You can call each other once the interview is open.")
    if media is Format.TEXT or not includes(state.format, media):
        raise Refusal(
            Code.FORMAT_NOT_AGREED,
            f"You agreed to meet by {state.format}. Propose another format first.",
        )


def rang(state: Interview, seq: int, event: CallRang) -> Interview:
    call = Call(
        call=seq,
        by=event.by,
        media=event.media,
        phase=CallPhase.ACTIVE if event.open else CallPhase.RINGING,
        rang_at=event.at,
        active_at=event.at if event.open else None,
        people=(_arriving(state.people[event.by], event.media),),
        declined=(),
        admitted=(),
        ejected=(),
    )
    return met(replace(state, call=call, fence=0), call.active_at)


def accept(state: Interview, actor: Actor, _: AcceptCall, now: Instant) -> list[Fact]:
    state.writer(actor)
    call = state.live_call()
    if call is None:
        raise Refusal(Code.NO_CALL, "It does not ring any more.")
    if call.phase is CallPhase.RINGING and call.by == actor.person:
        raise Refusal(Code.NOT_ALLOWED, "You are calling; somebody else answers.")
    return joining(state, call, actor, now)


def joining(state: Interview, call: Call, actor: Actor, now: Instant) -> list[Fact]:
    """What takes somebody into a live call, if they may be in it. Raises `Refusal`."""
    seat = actor.person
    if in_call(call, seat) is not None:
        return []
    if seat in call.ejected:
        raise Refusal(Code.NOT_ALLOWED, "A moderator took you out of this call.")
    if actor.role is Role.OBSERVER and call.phase is CallPhase.RINGING:
        raise Refusal(Code.NO_CALL, "You can watch and listen once somebody has answered.")
    if knocks(state, call, seat):
        raise _not_admitted()
    return [Fact(SHARED, CallAccepted(by=seat, at=now))]


def knocks(state: Interview, call: Call, seat: str) -> bool:
    """Whether somebody has to be let in before they are in this call."""
    welcome = not state.knock or state.people[seat].role is Role.CLIENT
    return not welcome and seat not in call.admitted


def accepted(state: Interview, event: CallAccepted) -> Interview:
    return joined_by(state, event.by, event.at)


def joined_by(state: Interview, seat: str, at: Instant) -> Interview:
    """Somebody is in the call from `at` on, which makes a ringing one active."""
    call = state.call
    if call is None:
        return state
    active = replace(
        call,
        phase=CallPhase.ACTIVE,
        active_at=at if call.active_at is None else call.active_at,
        people=(*call.people, _arriving(state.people[seat], call.media)),
        declined=tuple(other for other in call.declined if other != seat),
    )
    return met(replace(state, call=active), at)


def met(state: Interview, at: Instant | None) -> Interview:
    """The first call that goes on is when the two sides meet; later ones change nothing of it."""
    return state if state.met_at is not None or at is None else replace(state, met_at=at)


def decline(state: Interview, actor: Actor, command: DeclineCall, now: Instant) -> list[Fact]:
    """For oneself; the call is over when nobody of the other side is left to answer it."""
    state.writer(actor)
    call = state.live_call()
    if call is None or call.phase is not CallPhase.RINGING:
        raise Refusal(Code.NO_CALL, "It does not ring any more.")
    return _declining(state, call, actor, tidy(command.reason), now)


def _declining(state: Interview, call: Call, actor: Actor, reason: str, now: Instant) -> list[Fact]:
    seat = actor.person
    if call.by == seat:
        ended = CallEnded(by=seat, at=now, reason=CallEnd.CANCELLED)
        return [Fact(SHARED, ended, text=reason)]
    if _nobody_answers(state, call, seat):
        ended = CallEnded(by=seat, at=now, reason=CallEnd.DECLINED)
        return [Fact(SHARED, ended, text=reason)]
    if seat in call.declined:
        return []
    return [Fact(SHARED, CallDeclined(by=seat, at=now), text=reason)]


def _nobody_answers(state: Interview, call: Call, without: str) -> bool:
    """Whether this seat is the last of the other side that could answer."""
    caller = state.people[call.by].role
    asked = {person.seat for person in state.speakers() if person.role is not caller}
    return asked <= {without, *call.declined}


def declined(state: Interview, event: CallDeclined) -> Interview:
    call = state.call
    if call is None:
        return state
    return replace(state, call=replace(call, declined=(*call.declined, event.by)))


def leave(state: Interview, actor: Actor, _: LeaveCall, now: Instant) -> list[Fact]:
    """Hangs up. While it rings, this cancels or declines."""
    state.person(actor)
    call = state.live_call()
    if call is None or (actor.role is Role.OBSERVER and in_call(call, actor.person) is None):
        return []
    if call.phase is CallPhase.RINGING:
        return _declining(state, call, actor, "", now)
    return departing(state, actor.person, actor.person, CallEnd.HUNG_UP, now)


def departing(state: Interview, seat: str, by: str, why: CallEnd, now: Instant) -> list[Fact]:
    """What takes somebody out of the live call; it ends when nobody is left to talk to.

    Two people who are the only ones end it by leaving. In a panel whoever is left waits a minute
    for the others to come back (`expire`).
    """
    call = state.live_call()
    if call is None or in_call(call, seat) is None:
        return []
    speakers = state.speakers()
    left = [person for person in speakers if person.seat != seat and in_call(call, person.seat)]
    speaks = any(person.seat == seat for person in speakers)
    if not left or (speaks and len(speakers) == 2):
        return hang_up(state, by, why, now)
    return [Fact(SHARED, CallDeparted(by=by, at=now, seat=seat))]


def removing(state: Interview, seat: str, by: str, now: Instant) -> list[Fact]:
    """The end of the call, if it makes no sense without somebody who is removed."""
    call = state.live_call()
    if call is None:
        return []
    if call.phase is CallPhase.RINGING and _nobody_answers(state, call, seat):
        return hang_up(state, by, CallEnd.REMOVED, now)
    out = departing(state, seat, by, CallEnd.REMOVED, now)
    return [fact for fact in out if isinstance(fact.event, CallEnded)]


def departed(state: Interview, event: CallDeparted) -> Interview:
    call = state.call
    if call is not None and event.by != event.seat:
        state = replace(state, call=replace(call, ejected=(*call.ejected, event.seat)))
    return without(state, event.seat)


def without(state: Interview, seat: str) -> Interview:
    """With this seat in no live call."""
    call = state.live_call()
    if call is None:
        return state
    people = tuple(person for person in call.people if person.seat != seat)
    return replace(state, call=replace(call, people=people))


def end(state: Interview, actor: Actor, _: EndCall, now: Instant) -> list[Fact]:
    state.writer(actor)
    call = state.live_call()
    if call is None:
        return []
    others = [p for p in state.speakers() if p.seat != actor.person and in_call(call, p.seat)]
    if actor.role is not Role.CLIENT and (others or in_call(call, actor.person) is None):
        raise Refusal(
            Code.NOT_ALLOWED, "The client's side ends the call for everybody. You can leave it."
        )
    return hang_up(state, actor.person, CallEnd.HUNG_UP, now)


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


def require_in_call(state: Interview, seat: str) -> None:
    """Refuses where this seat is not in a live call."""
    if in_call(state.live_call(), seat) is None:
        raise Refusal(Code.NO_CALL, "This person is not in a call.")


def note_connection(
    state: Interview, _: Actor, command: NoteConnection, now: Instant
) -> list[Fact]:
    """Somebody's media came up or went away; old news, or from a replaced node, changes nothing."""
    call = state.live_call()
    mine = in_call(call, command.seat)
    if call is None or call.call != command.call or mine is None:
        return []
    if mine.connected == command.connected or command.fence < state.fence:
        return []
    kind = CallJoined if command.connected else CallLeft
    return [Fact(SHARED, kind(by=SYSTEM, at=now, seat=command.seat, fence=command.fence))]


def joined(state: Interview, event: CallJoined | CallLeft) -> Interview:
    """Whoever is gone shares no screen any more; a page that still has one says so again."""
    if isinstance(event, CallJoined):
        seen = with_person(state, event.seat, connected=True)
    else:
        seen = with_person(state, event.seat, connected=False, screen=Screen.OFF)
    return replace(seen, fence=max(state.fence, event.fence))


def expire(state: Interview, _: Actor, command: ExpireCall, now: Instant) -> list[Fact]:
    """A ringing call is missed; an active one with nobody connected is lost.

    Nobody is left alone in a call, unless they wait for people to knock.
    """
    call = state.live_call()
    if call is None or call.call != command.call:
        return []
    if call.phase is CallPhase.RINGING:
        return hang_up(state, SYSTEM, CallEnd.MISSED, now)
    if not any(person.connected for person in call.people):
        return hang_up(state, SYSTEM, CallEnd.LOST, now)
    if not state.knock and sum(in_call(call, p.seat) is not None for p in state.speakers()) == 1:
        return hang_up(state, SYSTEM, CallEnd.ALONE, now)
    return []


def limited_to(call: Call | None, agreed: Format) -> Call | None:
    """The call as the newly agreed format leaves it: pictures end where video is not agreed."""
    if call is None or agreed is Format.TEXT:
        return call
    people = call.people
    if agreed is Format.AUDIO:
        people = tuple(replace(person, camera=False, screen=Screen.OFF) for person in people)
    return replace(call, media=agreed, people=people)


def _arriving(person: Person, media: Format) -> InCall:
    speaks = person.role is not Role.OBSERVER
    return InCall(
        seat=person.seat,
        connected=False,
        microphone=speaks,
        camera=speaks and media is Format.VIDEO,
        screen=Screen.OFF,
    )


def in_call(call: Call | None, seat: str) -> InCall | None:
    """Somebody's part in a call; None if they are not in it."""
    return next((p for p in call.people if p.seat == seat), None) if call is not None else None


def _not_admitted() -> Refusal:
    return Refusal(Code.NOT_ADMITTED, "Knock first: the client's side lets you in.")


def with_person(
    state: Interview, seat: str, **changes: bool | Screen | tuple[Source, ...]
) -> Interview:
    """With somebody's part in the call changed so."""
    call = state.call
    if call is None:
        return state
    people = tuple(replace(p, **changes) if p.seat == seat else p for p in call.people)
    return replace(state, call=replace(call, people=people))
