"""The interviews that are live on this node: found, folded, written to, and forgotten when idle.

Listeners hear every event after it is kept: the audience and the signed heads, all of them; the
calls, their carriers and the moderators' desk, what concerns them.
"""

import asyncio
import base64
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from server.bus import Bus
from server.clock import Clock
from server.errors import Code, Refusal
from server.interview.draft import Command, Kept, Reply, chained
from server.interview.lifecycle import CreateInterview
from server.interview.panel import dismissal, reason_field
from server.interview.room import RECENT, Room
from server.interview.state import (
    MOD,
    SHARED,
    Actor,
    body_field,
    own_lane,
    view,
    visible_fields,
)
from server.protocol import Done, View
from server.record.chain import Salts, unsalted
from server.record.publication import read_publication
from server.record.store import Record, feed_channel
from server.storage import StoreError, StoreFull
from server.tasks import cancel, spawn
from server.telemetry import Tally
from server.tick import Tick

log = structlog.get_logger(__name__)

PAGE: Final = 1000
IDLE: Final = 60.0
"""Seconds after which an interview without members leaves this node's memory."""
RECOVERY: Final = 0.5
"""Seconds until rooms that could not be read are read again, if the store is there."""
READING_MAX: Final = 256
"""Rooms that are read at once, such as when the store is back; the others wait."""
ORIGIN_WITHIN: Final = 64
"""Bytes at the beginning of a publication among which its origin is."""
SIDES: Final = ("side:client", "side:freelancer")

_done: Final = msgspec.json.Decoder(Done).decode

Listener = Callable[[Room, Sequence[Kept]], None]
Follower = Callable[[Room, Kept], None]


def new_interview_id() -> str:
    """An unguessable name of 80 bits: sixteen of a-z and 2-7."""
    return base64.b32encode(os.urandom(10)).decode().lower()


class Interviews:
    """All rooms of this node, and the only way to give a command."""

    def __init__(
        self, record: Record, clock: Clock, tally: Tally, tick: Tick, bus: Bus | None = None
    ) -> None:
        """Commands are decided at the end of `tick`, best the store's.

        With a `bus`, every room here follows what other nodes append.
        """
        self._tick = tick
        self._salts = Salts()
        self._bus = bus
        self._own = f"\r\n{bus.node}\r\n".encode() if bus is not None else b""
        self._reading = asyncio.Semaphore(READING_MAX)
        self._record = record
        self._clock = clock
        self._tally = tally
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._listeners: list[Listener] = []
        self._followers: dict[type, list[Follower]] = {}
        self._recovery: asyncio.Task[None] | None = None

    def listen(self, listener: Listener) -> None:
        """From now on `listener` hears every event after it was kept."""
        self._listeners.append(listener)

    def follow(self, kinds: Iterable[type], follower: Follower) -> None:
        """From now on `follower` hears the events of these kinds, after all listeners did."""
        for kind in kinds:
            self._followers.setdefault(kind, []).append(follower)

    def submit(self, interview: str, actor: Actor, command: Command, reply: Reply) -> None:
        """Gives a command; `reply` hears its outcome once, later, in this loop."""
        room = self._rooms.get(interview)
        if room is None or not room.loaded:
            room = self._room(interview)
        room.submit(actor, command, reply)

    async def carry_out(self, interview: str, actor: Actor, command: Command) -> Done:
        """Gives a command and waits for its outcome. Raises `Refusal`."""
        outcome: asyncio.Future[bytes | Refusal] = asyncio.get_running_loop().create_future()

        def reply(result: bytes | Refusal) -> None:
            if not outcome.done():
                outcome.set_result(result)

        self.submit(interview, actor, command, reply)
        result = await outcome
        if isinstance(result, Refusal):
            raise result
        return _done(result)

    async def create(self, actor: Actor, command: CreateInterview) -> Done:
        """Starts a record. The registry of interviews hears of it first, so that none is lost."""
        try:
            await self._record.register(command.id, self._clock.now_ms())
        except StoreError as error:
            raise unreachable(error) from error
        try:
            return await self.carry_out(command.id, actor, command)
        except Refusal as refusal:
            if refusal.code is not Code.STORE_DOWN:  # else it may have begun all the same
                await self._unregister(command.id)
            raise

    async def _unregister(self, interview: str) -> None:
        with suppress(StoreError):
            if not await self._record.exists(interview):
                await self._record.unregister(interview)

    async def room(self, interview: str) -> Room:
        """The room, folded as far as the store tells. Raises `Refusal` if there is no record."""
        room = self._room(interview)
        while not room.loaded:
            loading = self._loading.get(interview)
            if loading is not None:
                await asyncio.shield(loading)
            if not room.loaded and interview not in self._loading:
                if room.state.seqs.get(SHARED):
                    break  # without the store, what was folded before it went can still be read
                raise unreachable()
        if not room.state.seqs.get(SHARED):
            raise Refusal(Code.NOT_FOUND, "There is no such interview, or it is not yours.")
        return room

    async def seated(self, interview: str, actor: Actor) -> Room:
        """The room, for whoever has a seat in it; somebody who was removed hears why.

        Raises:
            Refusal: as `room`, or this is not their interview (any more).
        """
        room = await self.room(interview)
        try:
            room.state.person(actor)
        except Refusal as refusal:
            if refusal.code is not Code.REMOVED:
                raise
            texts = await self.texts(interview, [reason_field(room.state, actor.person)])
            raise dismissal(room.state, actor.person, texts) from refusal
        return room

    async def texts(self, interview: str, fields: Sequence[str]) -> dict[str, str]:
        """The texts at these body fields; what was erased is absent. Raises `Refusal`."""
        bodies = await self._bodies(interview, fields)
        return {field: unsalted(body) for field, body in bodies.items()}

    async def view(self, room: Room, lanes: frozenset[str]) -> tuple[View, dict[str, bytes]]:
        """The interview as a reader of these lanes sees it now, and the salted texts in it."""
        state = room.state
        bodies = await self._bodies(room.interview, visible_fields(state, lanes))
        if room.state is not state:
            # Something was said meanwhile; what was withdrawn must not be told any more.
            still = frozenset(visible_fields(room.state, lanes))
            bodies = {field: body for field, body in bodies.items() if field in still}
        texts = {field: unsalted(body) for field, body in bodies.items()}
        return view(state, lanes, texts), bodies

    async def entries(self, interview: str, lane: str) -> list[Kept]:
        """A whole lane as it lies in the record, without texts. Raises `Refusal`."""
        try:
            entries = await self._pages(interview, lane, 0)
        except StoreError as error:
            raise unreachable(error) from error
        return chained(lane, entries)

    def sweep(self) -> None:
        """Forgets the rooms that nobody has used for a minute."""
        now = self._clock.monotonic()
        for interview, room in list(self._rooms.items()):
            if room.members or room.busy or interview in self._loading:
                room.idle_since = now
            elif now - room.idle_since > IDLE:
                del self._rooms[interview]
                if self._bus is not None:
                    self._bus.drop(feed_channel(interview))

    async def settle(self) -> None:
        """Returns when no command is queued or being appended any more."""
        for room in self.live():
            await room.settled()

    async def close(self) -> None:
        """Waits for the store no longer."""
        if self._recovery is not None:
            await cancel(self._recovery)

    def live(self) -> list[Room]:
        """The rooms in this node's memory."""
        return list(self._rooms.values())

    def _room(self, interview: str) -> Room:
        room = self._rooms.get(interview)
        if room is None:
            room = Room(
                interview,
                self._record,
                self._clock,
                self._tell,
                self._reload,
                self._tick.at_end,
                self._tally,
                self._salts,
                self._bus.barrier if self._bus is not None else None,
            )
            self._rooms[interview] = room
        if not room.loaded:
            self._reload(room)
        return room

    def _tell(self, room: Room, kept: Sequence[Kept]) -> None:
        # It is kept: whoever fails at it must hold up neither its acknowledgement nor the others.
        for listener in self._listeners:
            try:
                listener(room, kept)
            except Exception:
                log.exception("listener.failed", interview=room.interview)
        for one in kept:
            for follower in self._followers.get(type(one.event), ()):
                try:
                    follower(room, one)
                except Exception:
                    log.exception("listener.failed", interview=room.interview)

    def _reload(self, room: Room) -> None:
        if room.interview not in self._loading:
            self._loading[room.interview] = spawn(self._load(room), name=f"load {room.interview}")

    async def _follow(self, room: Room) -> None:
        """Before the first reading: what is appended after that is heard, or known to be missed."""
        if self._bus is not None and not room.followed:
            room.followed = True
            heard = partial(self._heard, room)
            await self._bus.hear(feed_channel(room.interview), heard, room.missed)

    def _heard(self, room: Room, payload: bytes) -> None:
        if payload.find(self._own, 0, ORIGIN_WITHIN) < 0:
            room.hear(read_publication(payload))

    async def _load(self, room: Room) -> None:
        try:
            async with self._reading:
                while not room.loaded and await self._read_on(room):
                    pass  # something may have been missed while the record was read: again
        finally:
            # Not when the task is done: who was refused and tries again at once comes before that.
            del self._loading[room.interview]

    async def _read_on(self, room: Room) -> bool:
        """Reads on from what is folded, if it can. Members hear of what was missed."""
        await self._follow(room)
        try:
            await self._read_lanes(room, (SHARED, MOD, *SIDES))
            await self._read_lanes(room, [own_lane(s) for s in room.state.people])
            done = await self._record.done(room.interview)
            missed = await self._joined(room, room.untold if room.members else _latest(room.untold))
        except (StoreError, Refusal):
            self._load_later(room)
            return False
        except Exception:
            log.exception("load.failed", interview=room.interview)
            room.fail(unreachable())
            return False
        room.untold = []
        if missed:
            room.remember(missed)  # also for those who come back to a server that was restarted
        if missed and room.members:
            self._tell(room, missed)
        room.ready(done)
        return True

    def _load_later(self, room: Room) -> None:
        """What waits is refused now; members hear what they missed once the store is back."""
        room.fail(unreachable())
        if self._recovery is None:
            self._recovery = spawn(self._recover(), name="read on")

    async def _recover(self) -> None:
        await asyncio.sleep(RECOVERY)
        await self._record.until_reachable()
        self._recovery = None
        for room in self._rooms.values():
            if room.members and not room.loaded:
                self._reload(room)

    async def _read_lanes(self, room: Room, lanes: Sequence[str]) -> None:
        for lane in lanes:
            entries = await self._pages(room.interview, lane, room.state.seqs.get(lane, 0))
            room.untold += room.fold(lane, entries)

    async def _bodies(self, interview: str, fields: Sequence[str]) -> dict[str, bytes]:
        try:
            return await self._record.bodies(interview, fields)
        except StoreError as error:
            raise unreachable(error) from error

    async def _joined(self, room: Room, kept: Sequence[Kept]) -> list[Kept]:
        fields = [body_field(k.lane, k.seq) for k in kept if k.event.digest]
        texts = await self.texts(room.interview, fields)
        return [replace(k, text=texts.get(body_field(k.lane, k.seq))) for k in kept]

    async def _pages(self, interview: str, lane: str, after: int) -> list[tuple[int, bytes]]:
        entries: list[tuple[int, bytes]] = []
        while True:
            page = await self._record.read(interview, lane, after, PAGE)
            entries += page
            if len(page) < PAGE:
                return entries
            after = page[-1][0]


def _latest(kept: Sequence[Kept]) -> list[Kept]:
    """What a room keeps at hand of each lane, of a whole record."""
    heads = {one.lane: one.seq for one in kept}
    return [one for one in kept if one.seq > heads[one.lane] - RECENT]


def unreachable(error: StoreError | None = None) -> Refusal:
    """What was asked for cannot be read or saved now: no store, or no room in it."""
    if isinstance(error, StoreFull):
        return Refusal(Code.STORE_FULL, "The server's disk is full: nothing can be saved now.")
    return Refusal(
        Code.STORE_DOWN, "The server cannot reach its store just now. Try again in a moment."
    )
