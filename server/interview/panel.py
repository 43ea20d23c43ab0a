"""The panel: who the client's side brings along, and takes away again."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from server.calls import rules as calls
from server.errors import Code, Refusal
from server.interview.lifecycle import require_unlike, seated
from server.interview.state import (
    MODERATOR,
    SHARED,
    Actor,
    Fact,
    Interview,
    body_field,
    own_lane,
    tidy,
    tidy_line,
)
from server.protocol import (
    SEATS_MAX,
    Action,
    Instant,
    InvitePerson,
    Notice,
    Person,
    PersonInvited,
    PersonRemoved,
    RemovePerson,
    Role,
    Warned,
)

SEATS_EVER: Final = 4 * SEATS_MAX
"""Seats of one interview, those of the removed included: the record carries each along."""
_INVITED: Final = (Role.CLIENT, Role.OBSERVER)


def invite(state: Interview, actor: Actor, command: InvitePerson, now: Instant) -> list[Fact]:
    state.writer(actor)
    if command.role not in _INVITED:
        raise Refusal(
            Code.NOT_ALLOWED, "You can invite people to your own side, or to watch and listen."
        )
    if sum(not person.removed for person in state.people.values()) >= SEATS_MAX:
        raise Refusal(Code.SEATS_FULL, f"An interview has room for {SEATS_MAX} people.")
    if len(state.people) >= SEATS_EVER:
        raise Refusal(Code.SEATS_FULL, "Too many people came and went here to invite another.")
    name = tidy_line(command.name)
    if name:
        require_unlike(state, name)
    seat = _free_seat(state, command.role)
    event = PersonInvited(by=actor.person, at=now, seat=seat, role=command.role, name=name)
    return [Fact(SHARED, event)]


def invited(state: Interview, event: PersonInvited) -> Interview:
    person = seated(event.seat, event.role, event.name, event.by)
    return replace(state, people=state.people.set(event.seat, person))


def remove(state: Interview, actor: Actor, command: RemovePerson, now: Instant) -> list[Fact]:
    """Takes back a seat; taking it back twice is once."""
    state.writer(actor)
    person = _seated(state, command.seat)
    if person.role is Role.FREELANCER:
        raise Refusal(
            Code.NOT_ALLOWED,
            "The freelancer cannot be removed. You can end the interview, or flag a message.",
        )
    if not person.invited_by:
        raise Refusal(Code.NOT_ALLOWED, "Whose interview this is cannot be removed from it.")
    if person.removed:
        return []
    return removing(state, person.seat, actor.person, tidy(command.reason), now)


def removing(state: Interview, seat: str, by: str, reason: str, now: Instant) -> list[Fact]:
    """What removes somebody, whoever removes them: `person:removed` takes them out of the call."""
    call = calls.removing(state, seat, by, now)
    return [*call, Fact(SHARED, PersonRemoved(by=by, at=now, seat=seat), text=reason)]


def removed(state: Interview, event: PersonRemoved) -> Interview:
    person = replace(state.people[event.seat], removed=True)
    gone = calls.without(state, event.seat)
    waiting = tuple(knock for knock in state.waiting if knock.seat != event.seat)
    return replace(gone, people=state.people.set(event.seat, person), waiting=waiting)


def reason_field(state: Interview, seat: str) -> str:
    """Where the record keeps why somebody was removed: a moderator's words are told in private."""
    removal = _removal(state, seat)
    if removal.event.by == MODERATOR:
        for notice in reversed(state.own.get(own_lane(seat), ())):
            if isinstance(notice.event, Warned) and notice.event.action is Action.REMOVE:
                return body_field(notice.lane, notice.seq)
    return body_field(SHARED, removal.seq)


def dismissal(state: Interview, seat: str, texts: Mapping[str, str]) -> Refusal:
    """What somebody who was removed is told: by whom, and why where `texts` has the reason."""
    remover = state.people.get(_removal(state, seat).event.by)
    who = remover.name if remover is not None else "A moderator"
    reason = texts.get(reason_field(state, seat))
    words = f" Their words: “{reason}”" if reason else ""
    return Refusal(Code.REMOVED, f"{who} removed you from this interview.{words}")


def _removal(state: Interview, seat: str) -> Notice:
    """Where the thread tells that this seat was taken back."""
    return next(
        item
        for item in state.thread
        if isinstance(item, Notice)
        and isinstance(item.event, PersonRemoved)
        and item.event.seat == seat
    )


def guest_of(state: Interview, seat: str) -> Actor:
    """Who sits where the client's side invited somebody, and still wants them. Raises `Refusal`."""
    person = _seated(state, seat)
    if not person.invited_by or person.removed:
        raise Refusal(Code.NOT_ALLOWED, "You can make links for the people whom you invited.")
    return Actor(person=person.seat, role=person.role)


def _seated(state: Interview, seat: str) -> Person:
    person = state.people.get(seat)
    if person is None:
        raise Refusal(Code.NOT_FOUND, "Nobody has this seat.")
    return person


def _free_seat(state: Interview, role: Role) -> str:
    """The role's name, then `<role>-2` and so on: a seat is never given twice."""
    number = sum(person.role is role for person in state.people.values()) + 1
    return str(role) if number == 1 else f"{role}-{number}"
