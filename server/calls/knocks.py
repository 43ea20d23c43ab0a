"""The door: where people knock, who is let into a call, and what those who wait are told.

The client's side needs no letting in. Who was admitted stays so while the call lasts.
"""

from msgspec.structs import replace

from server.calls import rules
from server.errors import Code, Refusal
from server.interview.state import SHARED, Actor, Fact, Interview, tidy
from server.protocol import (
    AdmitPerson,
    Admitted,
    CallRang,
    Event,
    HoldPerson,
    Instant,
    Knock,
    KnockCall,
    Knocked,
    KnockHeld,
    KnockRefused,
    KnockState,
    KnockWithdrawn,
    LeaveCall,
    RefusePerson,
    Version,
)


def knock(state: Interview, actor: Actor, _: KnockCall, now: Instant) -> list[Fact]:
    """Knocking twice is once; who was let in before simply comes back."""
    state.writer(actor)
    if not state.knock:
        raise Refusal(Code.NOT_ALLOWED, "Nobody needs to knock in this interview.")
    rules.require_format(state, state.format)
    call = state.live_call()
    if call is not None and actor.person in (*call.admitted, *call.ejected):
        return rules.joining(state, call, actor, now)
    waits = _waiting(state, actor.person)
    if waits is not None and waits.state is not KnockState.REFUSED:
        return []
    return [Fact(SHARED, Knocked(by=actor.person, at=now, seat=actor.person))]


def knocked(state: Interview, event: Knocked) -> Interview:
    waits = Knock(seat=event.seat, since=event.at, state=KnockState.WAITING, word=None)
    return replace(state, waiting=(*_others(state, event.seat), waits))


def admit(state: Interview, actor: Actor, command: AdmitPerson, now: Instant) -> list[Fact]:
    """Lets somebody in; without a call, this opens one as it was agreed to meet."""
    _answerable(state, actor, command.seat)
    facts = [Fact(SHARED, Admitted(by=actor.person, at=now, seat=command.seat))]
    if state.live_call() is None:
        rules.require_format(state, state.format)
        rang = CallRang(by=actor.person, at=now, media=state.format, open=True)
        facts.insert(0, Fact(SHARED, rang))
    return facts


def admitted(state: Interview, event: Admitted) -> Interview:
    call = state.call
    if call is None:
        return state
    let_in = replace(call, admitted=(*call.admitted, event.seat))
    inside = replace(state, call=let_in, waiting=_others(state, event.seat))
    return rules.joined_by(inside, event.seat, event.at)


def hold(state: Interview, actor: Actor, command: HoldPerson, now: Instant) -> list[Fact]:
    _answerable(state, actor, command.seat)
    return [_word(KnockHeld(by=actor.person, at=now, seat=command.seat), command.text)]


def refuse(state: Interview, actor: Actor, command: RefusePerson, now: Instant) -> list[Fact]:
    _answerable(state, actor, command.seat)
    return [_word(KnockRefused(by=actor.person, at=now, seat=command.seat), command.text)]


def answered(
    state: Interview, seq: int, event: KnockHeld | KnockRefused, text: str | None
) -> Interview:
    """The place among those who wait stays."""
    stands = KnockState.HELD if isinstance(event, KnockHeld) else KnockState.REFUSED
    word = Version(seq=seq, at=event.at, text=text)
    waiting = tuple(
        replace(knock, state=stands, word=word) if knock.seat == event.seat else knock
        for knock in state.waiting
    )
    return replace(state, waiting=waiting)


def leave(state: Interview, actor: Actor, command: LeaveCall, now: Instant) -> list[Fact]:
    """Hangs up, or waits no longer."""
    if _waiting(state, actor.person) is None:
        return rules.leave(state, actor, command, now)
    state.person(actor)
    return [Fact(SHARED, KnockWithdrawn(by=actor.person, at=now, seat=actor.person))]


def withdrawn(state: Interview, event: KnockWithdrawn) -> Interview:
    return replace(state, waiting=_others(state, event.seat))


def _answerable(state: Interview, actor: Actor, seat: str) -> None:
    state.writer(actor)
    waits = _waiting(state, seat)
    if waits is None or waits.state is KnockState.REFUSED:
        raise Refusal(Code.NOT_FOUND, "This person is not waiting any more.")


def _word(event: Event, text: str) -> Fact:
    return Fact(SHARED, event, text=tidy(text))


def _waiting(state: Interview, seat: str) -> Knock | None:
    return next((knock for knock in state.waiting if knock.seat == seat), None)


def _others(state: Interview, seat: str) -> tuple[Knock, ...]:
    return tuple(knock for knock in state.waiting if knock.seat != seat)
