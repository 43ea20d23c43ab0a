"""The interview's course: created, accepted or declined, opened, ended; and who is who in it."""

import msgspec
from msgspec.structs import replace

from server.calls.rules import hang_up
from server.errors import Code, Refusal
from server.interview.state import SHARED, Actor, Fact, Interview, alike, tidy, tidy_line
from server.protocol import (
    AcceptInvitation,
    CallEnd,
    DeclineInvitation,
    EndInterview,
    Format,
    GiveName,
    Instant,
    InterviewCreated,
    InterviewEnded,
    InterviewOpened,
    InvitationAccepted,
    InvitationDeclined,
    Invited,
    OpenInterview,
    Person,
    PersonNamed,
    Phase,
    Role,
    TellZone,
    ZoneTold,
)


class CreateInterview(msgspec.Struct, frozen=True, kw_only=True):
    """Invites a freelancer. Given by the operator's key, the command line, or the start page.

    An empty name makes its seat a guest's, who gives a name on arrival.
    """

    id: str
    title: str
    format: Format
    client: str = ""
    freelancer: str = ""
    note: str = ""
    starts_at: Instant | None = None
    knock: bool = False
    minutes: int = 0


def create(state: Interview, actor: Actor, command: CreateInterview, now: Instant) -> list[Fact]:
    if state.seqs.get(SHARED):
        raise Refusal(Code.ALREADY, "This interview exists already.")
    title = tidy_line(command.title)
    if not title:
        raise Refusal(Code.EMPTY, "Give the interview a title: the freelancer sees it first.")
    seats = (
        Invited(seat="client", role=Role.CLIENT, name=tidy_line(command.client)),
        Invited(seat="freelancer", role=Role.FREELANCER, name=tidy_line(command.freelancer)),
    )
    event = InterviewCreated(
        by=actor.person,
        at=now,
        title=title,
        format=command.format,
        seats=seats,
        starts_at=command.starts_at,
        knock=command.knock,
        minutes=command.minutes,
    )
    return [Fact(SHARED, event, text=tidy(command.note))]


def created(state: Interview, event: InterviewCreated) -> Interview:
    people = state.people
    for seat in event.seats:
        people = people.set(seat.seat, seated(seat.seat, seat.role, seat.name))
    return replace(
        state,
        title=event.title,
        format=event.format,
        created_at=event.at,
        starts_at=event.starts_at,
        knock=event.knock,
        minutes=event.minutes,
        people=people,
    )


def seated(seat: str, role: Role, name: str, invited_by: str = "") -> Person:
    """Somebody at a new seat; without a name, a guest."""
    return Person(
        seat=seat, role=role, name=name, guest=not name, removed=False, invited_by=invited_by
    )


def accept(state: Interview, actor: Actor, _: AcceptInvitation, now: Instant) -> list[Fact]:
    _answer_once(state, actor)
    facts = [Fact(SHARED, InvitationAccepted(by=actor.person, at=now))]
    if state.starts_at is None or state.starts_at <= now:
        facts.append(Fact(SHARED, InterviewOpened(by=actor.person, at=now)))
    return facts


def accepted(state: Interview, _: InvitationAccepted) -> Interview:
    return replace(state, phase=Phase.ACCEPTED)


def decline(state: Interview, actor: Actor, command: DeclineInvitation, now: Instant) -> list[Fact]:
    _answer_once(state, actor)
    event = InvitationDeclined(by=actor.person, at=now)
    return [Fact(SHARED, event, text=tidy(command.reason))]


def declined(state: Interview, event: InvitationDeclined) -> Interview:
    return replace(state, phase=Phase.DECLINED, closed_at=event.at)


def open_interview(state: Interview, actor: Actor, _: OpenInterview, now: Instant) -> list[Fact]:
    state.writer(actor)
    match state.phase:
        case Phase.INVITED:
            raise Refusal(Code.NOT_OPEN, "The freelancer has not answered the invitation yet.")
        case Phase.OPEN:
            return []
        case _:
            return [Fact(SHARED, InterviewOpened(by=actor.person, at=now))]


def opened(state: Interview, event: InterviewOpened) -> Interview:
    return replace(state, phase=Phase.OPEN, opened_at=event.at)


def end(state: Interview, actor: Actor, command: EndInterview, now: Instant) -> list[Fact]:
    state.writer(actor)
    return ending(state, actor.person, tidy(command.reason), now)


def ending(state: Interview, by: str, reason: str, now: Instant) -> list[Fact]:
    """What ends an interview, whoever ends it: first the call, then the record."""
    call = hang_up(state, by, CallEnd.INTERVIEW_ENDED, now)
    return [*call, Fact(SHARED, InterviewEnded(by=by, at=now), text=reason)]


def ended(state: Interview, event: InterviewEnded) -> Interview:
    return replace(state, phase=Phase.ENDED, closed_at=event.at, proposal=None, waiting=())


def give_name(state: Interview, actor: Actor, command: GiveName, now: Instant) -> list[Fact]:
    person = state.person(actor)
    name = tidy_line(command.name)
    if not name:
        raise Refusal(Code.EMPTY, "A name needs at least one letter.")
    if person.name == name:
        return []
    if person.name:
        raise Refusal(Code.ALREADY, "Your name stands already: the other side has seen it.")
    require_unlike(state, name)
    return [Fact(SHARED, PersonNamed(by=actor.person, at=now, seat=person.seat, name=name))]


def require_unlike(state: Interview, name: str) -> None:
    """Refuses a name that somebody here could be taken for."""
    if any(alike(name, other.name) for other in state.people.values()):
        raise Refusal(Code.ALREADY, "Somebody here has this name already.")


def named(state: Interview, event: PersonNamed) -> Interview:
    person = replace(state.people[event.seat], name=event.name)
    return replace(state, people=state.people.set(event.seat, person))


def tell_zone(state: Interview, actor: Actor, command: TellZone, now: Instant) -> list[Fact]:
    """Told again, or when the interview is over, it changes nothing."""
    person = state.person(actor)
    if state.closed or state.zones.get(person.seat) == command.zone:
        return []
    return [Fact(SHARED, ZoneTold(by=actor.person, at=now, seat=person.seat, zone=command.zone))]


def zone_told(state: Interview, event: ZoneTold) -> Interview:
    return replace(state, zones=state.zones.set(event.seat, event.zone))


def _answer_once(state: Interview, actor: Actor) -> None:
    if state.writer(actor).role is not Role.FREELANCER:
        raise Refusal(Code.NOT_ALLOWED, "Only the invited freelancer answers the invitation.")
    if state.phase is not Phase.INVITED:
        raise Refusal(Code.ALREADY, "The invitation was answered already.")
