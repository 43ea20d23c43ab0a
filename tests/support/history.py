"""Interviews without a store: commands decided and folded in memory, as the write path does it."""

import random
from collections.abc import Iterable

import msgspec
from immutables import Map

from server import protocol as p
from server.errors import Refusal
from server.identity.grants import grant
from server.interview.decider import EMPTY, decide, evolve
from server.interview.lifecycle import CreateInterview
from server.interview.state import (
    SHARED,
    SIDE,
    Actor,
    Fact,
    Interview,
    body_field,
    may_tell,
    view,
    visible_fields,
)
from server.interview.thread import Thread

ADA = Actor(person="client", role=p.Role.CLIENT)
BEN = Actor(person="freelancer", role=p.Role.FREELANCER)
BO = Actor(person="client-2", role=p.Role.CLIENT)
"""Ada's colleague, once she has invited one."""
OLA = Actor(person="observer", role=p.Role.OBSERVER)
"""Who watches, once somebody has invited her."""
MO = Actor(person="moderator:Mo", role=p.Role.MODERATOR)
LUZ = Actor(person="moderator:Luz", role=p.Role.MODERATOR)
OPERATOR = Actor(person="operator", role=p.Role.OPERATOR)
SYSTEM = Actor(person="system", role=p.Role.SYSTEM)
SLOW = p.Pause(held=p.Held.PICTURE, why=p.PauseWhy.OWN)
NOON = 1_800_000_000_000
CREATE = CreateInterview(
    id="aaaaaaaaaaaaaaaa",
    title="Booking page",
    format=p.Format.VIDEO,
    client="Ada",
    freelancer="Ben",
)


_decode = msgspec.json.Decoder[p.RecordEvent](p.RecordEvent).decode


def command_id() -> str:
    """A fresh command id."""
    return f"c{random.getrandbits(60):015x}"


class Told(msgspec.Struct, frozen=True):
    """An event with its place and text, before anybody's rights were asked."""

    lane: str
    seq: int
    event: p.RecordEvent
    text: str | None


class History:
    """One interview, from its creation on."""

    def __init__(self) -> None:
        self.state: Interview = EMPTY
        self.told: list[Told] = []
        self.now = NOON

    def give(self, actor: Actor, command: object) -> list[p.RecordEvent]:
        """Decides and folds; returns the events. Raises `Refusal`."""
        self.now += 1000
        return [self._keep(fact) for fact in decide(self.state, actor, command, self.now)]

    def attempt(self, actor: Actor, command: object) -> None:
        """As `give`, where a refusal is as good as any other outcome."""
        try:
            self.give(actor, command)
        except Refusal:
            return

    def _keep(self, fact: Fact) -> p.RecordEvent:
        event = fact.event
        if fact.text:
            event = msgspec.structs.replace(event, digest="00" * 32)
        seq = self.state.next_seq(fact.lane)
        recorded: p.RecordEvent = _decode(msgspec.json.encode(event))
        self.state = evolve(self.state, fact.lane, seq, recorded)
        self.told.append(Told(lane=fact.lane, seq=seq, event=recorded, text=fact.text or None))
        return recorded

    def upto(self, count: int) -> "History":
        """The same interview when only its first `count` events had happened."""
        earlier = History()
        earlier.told = self.told[:count]
        for told in earlier.told:
            earlier.state = evolve(earlier.state, told.lane, told.seq, told.event)
        return earlier

    def view(self, actor: Actor) -> p.View:
        """The snapshot that this reader would get now."""
        lanes = grant(actor).lanes
        known = {body_field(t.lane, t.seq): t.text for t in self.told if t.text is not None}
        visible = visible_fields(self.state, lanes)
        return view(self.state, lanes, {f: known[f] for f in visible if f in known})

    def cursor(self, actor: Actor) -> dict[str, int]:
        """Where that snapshot stands."""
        seqs = self.state.seqs
        return {lane: seqs[lane] for lane in grant(actor).lanes if lane in seqs}

    def entries(self, actor: Actor, after: int, *, live: bool) -> list[p.Entry]:
        """What this reader is told after the first `after` events.

        `live`: as they happen, each with the rights of its moment; else all at once, by the rights
        of now, as after a reconnect.
        """
        lanes = grant(actor).lanes
        found = []
        for count, told in enumerate(self.told[after:], after + 1):
            if told.lane not in lanes:
                continue
            judge = self.upto(count).state if live else self.state
            tell = may_tell(judge, told.lane, told.seq, told.event)
            text = told.text if tell else None
            found.append(
                p.Entry(lane=told.lane, seq=told.seq, hash="", event=told.event, text=text)
            )
        return found


def opened(*, knock: bool = False) -> History:
    """An interview by video that both sides have agreed to and that is open."""
    history = History()
    history.give(OPERATOR, msgspec.structs.replace(CREATE, knock=knock))
    history.give(BEN, p.AcceptInvitation(id=command_id()))
    return history


def panel(*, knock: bool = False) -> History:
    """As `opened`, with Bo beside Ada, and Ola who watches."""
    history = opened(knock=knock)
    history.give(ADA, p.InvitePerson(id=command_id(), role=p.Role.CLIENT, name="Bo"))
    history.give(ADA, p.InvitePerson(id=command_id(), role=p.Role.OBSERVER, name="Ola"))
    return history


def fold(snapshot: p.View, cursor: dict[str, int], entries: Iterable[p.Entry]) -> p.View:
    """What a reader's browser makes of a snapshot and the entries after it."""
    state = restored(snapshot, cursor)
    for entry in entries:
        state = evolve(state, entry.lane, entry.seq, entry.event, entry.text)
    return view(state, frozenset(state.own) | {SHARED, SIDE}, {})


def restored(snapshot: p.View, cursor: dict[str, int]) -> Interview:
    """A state to fold on, from a snapshot."""
    own: dict[str, tuple[p.Notice, ...]] = {}
    for notice in snapshot.own:
        own[notice.lane] = (*own.get(notice.lane, ()), notice)
    return Interview(
        title=snapshot.title,
        format=snapshot.format,
        phase=snapshot.phase,
        created_at=snapshot.created_at,
        starts_at=snapshot.starts_at,
        opened_at=snapshot.opened_at,
        closed_at=snapshot.closed_at,
        minutes=snapshot.minutes,
        met_at=snapshot.met_at,
        people=Map({person.seat: person for person in snapshot.people}),
        zones=Map(snapshot.zones),
        proposal=snapshot.proposal,
        call=snapshot.call,
        knock=snapshot.knock,
        waiting=snapshot.waiting,
        thread=Thread(snapshot.thread),
        side=Thread(snapshot.side),
        own=Map(own),
        seqs=Map(cursor),
    )


def random_history(random: random.Random, length: int) -> History:
    """An interview in which everybody tries everything, in any order."""
    history = History()
    history.give(OPERATOR, msgspec.structs.replace(CREATE, knock=random.random() < 0.5, minutes=45))
    if random.random() < 0.7:
        history.give(ADA, p.InvitePerson(id=command_id(), role=p.Role.CLIENT, name="Bo"))
        history.give(BO, p.InvitePerson(id=command_id(), role=p.Role.OBSERVER, name="Ola"))
        history.give(BEN, p.AcceptInvitation(id=command_id()))
    for _ in range(length):
        actor, command = _any_command(random, history.state)
        history.attempt(actor, command)
    return history


def _any_command(random: random.Random, state: Interview) -> tuple[Actor, object]:
    identity = command_id()
    who = random.choice((ADA, ADA, BEN, BEN, BO, OLA))
    seat = random.choice((ADA, BEN, BO, OLA)).person
    message = random.randint(1, max(1, state.seqs.get(SHARED, 1)))
    case = random.randint(1, max(1, len(state.cases)))
    panel = random.choice(
        (
            p.InvitePerson(id=identity, role=random.choice(list(p.Role)), name="Bo"),
            p.RemovePerson(id=identity, seat=seat, reason="left"),
            *[p.PostMessage(id=identity, text="between us", side=True)] * 3,
            *[p.EditMessage(id=identity, message=1, text="as said", side=True)] * 2,
            p.DeleteMessage(id=identity, message=1, side=True),
            *[p.MutePerson(id=identity, seat=seat, kind=random.choice(list(p.Source)))] * 4,
            *[p.AdmitPerson(id=identity, seat=seat)] * 2,
            *[p.HoldPerson(id=identity, seat=seat, text="one moment")] * 2,
            p.RefusePerson(id=identity, seat=seat, text=random.choice(("", "not today"))),
        )
    )
    return random.choice(
        (
            *[(random.choice((ADA, BO)), panel)] * 9,
            *[(random.choice((BEN, OLA)), p.KnockCall(id=identity))] * 3,
            (who, p.DeclineCall(id=identity, reason="later")),
            (ADA, p.EndCall(id=identity)),
            (who, p.TellZone(id=identity, zone=random.choice(("Asia/Kolkata", "Europe/Lisbon")))),
            *[(who, p.PostMessage(id=identity, text=random.choice(_TEXTS)))] * 8,
            (who, p.PostMessage(id=identity, text="in reply", reply_to=message)),
            *[(who, p.EditMessage(id=identity, message=message, text="better"))] * 3,
            *[(who, p.DeleteMessage(id=identity, message=message))] * 2,
            (BEN, p.AcceptInvitation(id=identity)),
            (who, p.ProposeFormat(id=identity, format=random.choice(list(p.Format)))),
            (who, p.AcceptFormat(id=identity)),
            (who, p.DeclineFormat(id=identity)),
            *[(who, p.RingCall(id=identity, media=random.choice(list(p.Format))))] * 2,
            *[(who, p.AcceptCall(id=identity))] * 2,
            (who, p.LeaveCall(id=identity)),
            (
                who,
                p.SetMedia(
                    id=identity,
                    microphone=random.random() < 0.5,
                    camera=False,
                    screen=random.choice(list(p.Screen)),
                    pause=random.choice((None, SLOW)),
                ),
            ),
            *[
                (
                    who,
                    p.FlagMessage(
                        id=identity, message=message, reason=p.FlagReason.OTHER, note="hm"
                    ),
                )
            ]
            * 3,
            *[(MO, p.ClaimCase(id=identity, interview=CREATE.id, case=case))] * 2,
            (
                MO,
                p.Intervene(
                    id=identity,
                    measure=random.choice(list(p.Measure)),
                    interview=CREATE.id,
                    case=case,
                ),
            ),
            (MO, p.NoteCase(id=identity, text="looked at it", interview=CREATE.id, case=case)),
            *[
                (
                    MO,
                    p.DecideCase(
                        id=identity,
                        action=random.choice((p.Action.DISMISS, p.Action.WARN, p.Action.HIDE)),
                        explanation="because",
                        interview=CREATE.id,
                        case=case,
                    ),
                )
            ]
            * 2,
        )
    )


_TEXTS = ("hello", "**bold** and `code`", "שלום", "👩‍💻 emoji", "a\nb", "x" * 200)
