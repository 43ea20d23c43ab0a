"""Who is connected to what, and how they are told: snapshots, events, presence, marks, typing.

Rights are checked again here, when forwarding: a lane goes only to those whose grant names it, and
whoever was removed is told so and cut off.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog

from server import protocol as p
from server.bus import Bus
from server.clock import Clock
from server.errors import Code, Refusal
from server.heads import Heads
from server.identity.grants import Grant
from server.interview.draft import Kept
from server.interview.ephemera import Ephemera
from server.interview.panel import dismissal
from server.interview.room import Room
from server.interview.service import Interviews
from server.interview.state import SHARED, SIDE, Actor, body_field
from server.interview.whispers import Marked, SeatTold, Typed, Whispers, tell_elsewhere
from server.limits import Allowance
from server.record.store import Record
from server.storage import StoreError
from server.tasks import spawn
from server.telemetry import Tally
from server.told import entries_frame, frame_of, welcome
from server.transport import Connection, Frame

log = structlog.get_logger(__name__)

_encode: Final = msgspec.json.Encoder().encode
_mark: Final = msgspec.json.Decoder(p.Mark).decode


class Member:
    """One connection in its seat, or at the desk (`interview` is empty)."""

    __slots__ = ("_held", "actor", "connection", "grant", "interview", "send", "writing")

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        grant: Grant,
        interview: str,
        writing: Allowance,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.grant = grant
        self.interview = interview
        self.writing = writing
        """The bytes that this person may still write here, over all their connections."""
        self.send: Callable[[Frame], None] = connection.send
        self._held: list[Frame] | None = None

    @property
    def holding(self) -> bool:
        """Whether frames wait until the snapshot before them was sent."""
        return self._held is not None

    def hold(self) -> None:
        """From now on `send` keeps frames back."""
        self._held = []
        self.send = self._held.append

    def release(self, first: Frame | None = None) -> None:
        """Sends `first`, then what was held."""
        held, self._held = self._held or (), None
        self.send = self.connection.send
        for frame in held if first is None else (first, *held):
            self.send(frame)


class _Gathering:
    """The members of one interview on this node, and what they know of each other."""

    def __init__(self, room: Room, ephemera: Ephemera) -> None:
        self.room = room
        self.ephemera = ephemera
        self.members: set[Member] = set()
        self.recalled = False
        self.whispers: Whispers | None = None


class Audience:
    """All members of this node."""

    def __init__(
        self,
        interviews: Interviews,
        record: Record,
        clock: Clock,
        tally: Tally,
        heads: Heads,
        bus: Bus | None = None,
    ) -> None:
        """With a `bus`, people on other nodes hear and are heard."""
        self._heads = heads
        self._bus = bus
        self._interviews = interviews
        self._record = record
        self._clock = clock
        self._tally = tally
        self._gatherings: dict[str, _Gathering] = {}
        self._desk: set[Member] = set()
        interviews.listen(self.kept)

    # ------------------------------------------------------------ coming and going

    async def join(self, member: Member, room: Room, cursor: Mapping[str, int] | None) -> None:
        """Seats a member: welcome, where things stand, then everything that happens from now on.

        Raises:
            Refusal: the store cannot be read now, or they were removed meanwhile.
        """
        gathering = await self._gathering(room)
        member.connection.send(frame_of(welcome(member.actor, self._clock.now_ms())))
        gathering.members.add(member)
        room.members += 1
        gathering.ephemera.arrive(member.actor.person)
        try:
            room.state.person(member.actor)  # who may have been removed meanwhile
            # Nothing was awaited since the member hears what happens, so nothing is heard twice.
            await self.catch_up(member, room, cursor)
            room.state.person(member.actor)
        except BaseException:
            self.leave(member)
            raise

    async def join_desk(self, member: Member, queue: Awaitable[p.Queue]) -> None:
        """Seats a moderator: the queue, then every case that changes from now on."""
        self._desk.add(member)
        member.hold()
        try:
            first = frame_of(await queue)
        except BaseException:
            self.leave(member)
            raise
        member.release(first)

    def windows(self, interview: str, seat: str) -> int:
        """How many connections a seat has on this node."""
        gathering = self._gatherings.get(interview)
        members = gathering.members if gathering is not None else ()
        return sum(member.actor.person == seat for member in members)

    def leave(self, member: Member) -> None:
        """The member's connection is gone."""
        self._desk.discard(member)
        gathering = self._gatherings.get(member.interview)
        if gathering is None or member not in gathering.members:
            return
        gathering.members.remove(member)
        gathering.room.members -= 1
        gathering.ephemera.leave(member.actor.person)
        if not gathering.members:
            gathering.ephemera.close()
            if gathering.whispers is not None:
                gathering.whispers.close()
            del self._gatherings[member.interview]

    async def catch_up(self, member: Member, room: Room, cursor: Mapping[str, int] | None) -> None:
        """Sends the events since `cursor`, or a snapshot; what happens meanwhile comes after.

        Raises:
            Refusal: the store cannot be read now.
        """
        gathering = self._gatherings.get(room.interview)
        if gathering is None or member not in gathering.members or member.holding:
            return  # gone meanwhile, or a snapshot is under way to this member already
        missed = None if cursor is None else room.after(member.grant.lanes, cursor)
        if missed is not None:
            if missed:
                member.send(entries_frame(room, missed))
            return
        member.hold()
        try:
            snapshot = await self._snapshot(member, gathering)
        except BaseException:
            member.release()
            raise
        member.release(snapshot)

    async def _snapshot(self, member: Member, gathering: _Gathering) -> Frame:
        room, lanes = gathering.room, member.grant.lanes
        seqs = room.state.seqs
        shown, _ = await self._interviews.view(room, lanes)
        told = p.Snapshot(
            view=shown,
            cursor={lane: seqs[lane] for lane in lanes if lane in seqs},
            marks=gathering.ephemera.marks,
            presence=gathering.ephemera.presence,
            heads=self._heads.of(room, lanes),
        )
        return frame_of(told)

    def _gather(self, room: Room) -> _Gathering:
        interview = room.interview

        def presence_told(seat: str, state: p.PresenceState) -> None:
            self._tell(interview, frame_of(p.Presence(seat=seat, state=state)))

        def mark_told(seat: str, mark: p.Mark) -> None:
            self._tell(interview, frame_of(p.Marks(seat=seat, mark=mark)))
            _ = spawn(self._keep_mark(interview, seat, mark), name="mark")
            if gathering.whispers is not None:
                gathering.whispers.mark(seat, mark)

        def seen() -> None:
            if gathering.whispers is not None:
                gathering.whispers.presence()

        ephemera = Ephemera(self._clock, presence_told, mark_told, seen)
        gathering = self._gatherings[interview] = _Gathering(room, ephemera)
        if self._bus is not None:
            heard = partial(self._heard, gathering)
            gathering.whispers = Whispers(self._bus, interview, ephemera, heard)
            _ = spawn(gathering.whispers.begin(), name=f"whispers {interview}")
        return gathering

    def _heard(self, gathering: _Gathering, whisper: Typed | Marked | SeatTold) -> None:
        interview = gathering.room.interview
        match whisper:
            case Typed():
                self._tell_typing(interview, whisper.told)
            case Marked():
                gathering.ephemera.recall(whisper.seat, whisper.mark)
                marks = p.Marks(seat=whisper.seat, mark=whisper.mark)
                self._tell(interview, frame_of(marks))
            case SeatTold():
                self.tell_seat_here(interview, whisper.seat, whisper.told)

    async def _gathering(self, room: Room) -> _Gathering:
        """The gathering of this room; the first one in it brings the stored marks along."""
        known = self._gatherings.get(room.interview)
        if known is not None and known.recalled:
            return known
        room.members += 1  # or it could be forgotten while the store is asked
        try:
            stored = await self._record.marks(room.interview)
        except StoreError:
            return self._gatherings.get(room.interview) or self._gather(room)
        finally:
            room.members -= 1
        gathering = self._gatherings.get(room.interview) or self._gather(room)
        for seat, mark in stored.items():
            gathering.ephemera.recall(seat, _mark(mark))
        gathering.recalled = True
        return gathering

    async def _keep_mark(self, interview: str, seat: str, mark: p.Mark) -> None:
        try:
            await self._record.set_marks(interview, {seat: _encode(mark)})
        except StoreError as error:
            log.info("mark.not_kept", reason=str(error))

    # ------------------------------------------------------------ telling

    def kept(self, room: Room, kept: Sequence[Kept]) -> None:
        """Tells each reader what was added to the lanes that they may read."""
        gathering = self._gatherings.get(room.interview)
        if gathering is None:
            return
        by_lane: dict[str, list[Kept]] = {}
        for one in kept:
            by_lane.setdefault(one.lane, []).append(one)
        for lane, entries in by_lane.items():
            frame = entries_frame(room, entries)
            for member in gathering.members:
                if lane in member.grant.lanes:
                    member.send(frame)
                    self._tally.told += 1
        for one in kept:
            if type(one.event) is p.PersonRemoved:
                self._dismiss(gathering, one.event.seat, kept)

    def farewell(self) -> None:
        """Tells everybody on this node that it stops; their browsers come back by themselves."""
        frame = frame_of(
            p.Bye(
                code=Code.RESTARTING,
                message="The server is being restarted. You will be back in a moment.",
            )
        )
        seated = [member for known in self._gatherings.values() for member in known.members]
        for member in (*seated, *self._desk):
            member.connection.send(frame)

    def active(self, member: Member) -> None:
        """The member gave a sign of life."""
        self._gatherings[member.interview].ephemera.active(member.actor.person)

    def typing(self, member: Member, signal: p.SetTyping) -> None:
        """Tells those who will read it that somebody writes, or stopped. Raises `Refusal`."""
        if signal.side and SIDE not in member.grant.lanes:
            raise Refusal(Code.NOT_ALLOWED, "Only the client's side has a thread of its own.")
        told = p.Typing(seat=member.actor.person, typing=signal.typing, side=signal.side)
        self._tell_typing(member.interview, told)
        whispers = self._gatherings[member.interview].whispers
        if whispers is not None:
            whispers.typing(told)

    def room(self, member: Member) -> Room:
        """The room of the interview that a member sits in."""
        return self._gatherings[member.interview].room

    def hearing(self, member: Member, signal: p.TellHearing) -> None:
        """Tells somebody what a member's browser plays of them."""
        seat = member.actor.person
        told = p.Heard(seat=seat, sound=signal.sound, height=signal.height, lost=signal.lost)
        self.tell_seat_here(member.interview, signal.seat, told)
        whispers = self._gatherings[member.interview].whispers
        if whispers is not None:
            whispers.tell(signal.seat, told)

    def mark(self, member: Member, signal: p.SetMark) -> None:
        """Moves a member's marks, never past the end of the thread."""
        gathering = self._gatherings[member.interview]
        head = gathering.room.state.seqs.get(SHARED, 0)
        delivered = min(signal.delivered, head)
        mark = p.Mark(delivered=delivered, read=min(signal.read, delivered))
        gathering.ephemera.mark(member.actor.person, mark)

    def tell_seat(self, interview: str, seat: str, told: p.Renegotiate) -> None:
        """Tells all connections of one seat, on all nodes."""
        self.tell_seat_here(interview, seat, told)
        if self._bus is not None:
            tell_elsewhere(self._bus, interview, seat, told)

    def tell_seat_here(self, interview: str, seat: str, told: p.Renegotiate | p.Heard) -> None:
        """Tells the connections of one seat on this node."""
        gathering = self._gatherings.get(interview)
        for member in gathering.members if gathering is not None else ():
            if member.actor.person == seat:
                member.send(frame_of(told))

    def tell_desks(self, told: p.CaseChanged) -> None:
        """Tells every open desk."""
        frame = frame_of(told)
        for member in self._desk:
            member.send(frame)

    def at_desks(self) -> list[Member]:
        """The moderators who are connected here."""
        return list(self._desk)

    def send_away(self, member: Member, why: Refusal) -> None:
        """Says good-bye for good to whoever may be here no longer."""
        self.leave(member)
        member.connection.send(frame_of(p.Bye(code=why.code, message=why.message)))
        member.connection.close(why.code, final=True)

    def close_desks(self) -> None:
        """The desks may lack something: they come back, and get the queue anew."""
        for member in list(self._desk):
            member.connection.close("desk out of step")

    def tell_head(self, interview: str, head: p.SignedHead) -> None:
        """Tells those who read a lane how far the server has signed it."""
        gathering = self._gatherings.get(interview)
        frame = frame_of(p.Head(head=head))
        for member in gathering.members if gathering is not None else ():
            if head.lane in member.grant.lanes:
                member.send(frame)

    def _tell(self, interview: str, frame: Frame) -> None:
        gathering = self._gatherings.get(interview)
        for member in gathering.members if gathering is not None else ():
            member.send(frame)

    def _tell_typing(self, interview: str, told: p.Typing) -> None:
        gathering = self._gatherings.get(interview)
        lane, frame = SIDE if told.side else SHARED, frame_of(told)
        for member in gathering.members if gathering is not None else ():
            if member.actor.person != told.seat and lane in member.grant.lanes:
                member.send(frame)

    def _dismiss(self, gathering: _Gathering, seat: str, kept: Sequence[Kept]) -> None:
        texts = {body_field(one.lane, one.seq): one.text for one in kept if one.text}
        why = dismissal(gathering.room.state, seat, texts)
        for member in [m for m in gathering.members if m.actor.person == seat]:
            if member.connection.seat is None:
                self.leave(member)  # still connecting: `join` refuses it
            else:
                self.send_away(member, why)
