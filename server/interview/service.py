"""The interviews that are live on this node: found, folded, written to, and forgotten when idle.

Listeners hear every event after it is kept: the gateway, the calls, the moderators' desk.
"""

import asyncio
import base64
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog
from msgspec.structs import replace

from server.clock import Clock
from server.errors import Code, Refusal
from server.interview.lifecycle import CreateInterview
from server.interview.room import Command, Kept, Reply, Room, chained
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
from server.record.chain import unsalted
from server.record.store import Record
from server.storage import StoreError
from server.tasks import spawn
from server.telemetry import Tally

log = structlog.get_logger(__name__)

PAGE: Final = 1000
IDLE: Final = 60.0
"""Seconds after which an interview without members leaves this node's memory."""
SIDES: Final = ("side:client", "side:freelancer")

Listener = Callable[[Room, Sequence[Kept]], None]


def new_interview_id() -> str:
    """An unguessable name of 80 bits: sixteen of a-z and 2-7."""
    return base64.b32encode(os.urandom(10)).decode().lower()


class Interviews:
    """All rooms of this node, and the only way to give a command."""

    def __init__(self, record: Record, clock: Clock, tally: Tally) -> None:
        self._record = record
        self._clock = clock
        self._tally = tally
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """From now on `listener` hears every event after it was kept. It must not raise."""
        self._listeners.append(listener)

    def submit(self, interview: str, actor: Actor, command: Command, reply: Reply) -> None:
        """Gives a command; `reply` hears its outcome once, later, in this loop."""
        self._room(interview).submit(actor, command, reply)

    async def carry_out(self, interview: str, actor: Actor, command: Command) -> Done:
        """Gives a command and waits for its outcome. Raises `Refusal`."""
        outcome: asyncio.Future[Done | Refusal] = asyncio.get_running_loop().create_future()

        def reply(result: Done | Refusal) -> None:
            if not outcome.done():
                outcome.set_result(result)

        self.submit(interview, actor, command, reply)
        result = await outcome
        if isinstance(result, Refusal):
            raise result
        return result

    async def create(self, actor: Actor, command: CreateInterview) -> Done:
        """Starts a record. The registry of interviews hears of it first, so that none is lost."""
        try:
            await self._record.register(command.id, self._clock.now_ms())
        except StoreError as error:
            raise unreachable() from error
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
        """The room, folded up to the record's end. Raises `Refusal` if there is no record."""
        room = self._room(interview)
        while not room.loaded:
            loading = self._loading.get(interview)
            if loading is None:
                raise unreachable()
            await asyncio.shield(loading)
            if not room.loaded and interview not in self._loading:
                raise unreachable()
        if not room.state.seqs.get(SHARED):
            raise Refusal(Code.NOT_FOUND, "There is no such interview, or it is not yours.")
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
            raise unreachable() from error
        return chained(lane, entries)

    def sweep(self) -> None:
        """Forgets the rooms that nobody has used for a minute."""
        now = self._clock.monotonic()
        for interview, room in list(self._rooms.items()):
            if room.members or room.busy or interview in self._loading:
                room.idle_since = now
            elif now - room.idle_since > IDLE:
                del self._rooms[interview]

    def live(self) -> list[Room]:
        """The rooms in this node's memory."""
        return list(self._rooms.values())

    def _room(self, interview: str) -> Room:
        room = self._rooms.get(interview)
        if room is None:
            later = asyncio.get_running_loop().call_soon
            room = Room(
                interview, self._record, self._clock, self._tell, self._reload, later, self._tally
            )
            self._rooms[interview] = room
        if not room.loaded:
            self._reload(room)
        return room

    def _tell(self, room: Room, kept: Sequence[Kept]) -> None:
        for listener in self._listeners:
            listener(room, kept)

    def _reload(self, room: Room) -> None:
        if room.interview not in self._loading:
            task = spawn(self._load(room), name=f"load {room.interview}")
            self._loading[room.interview] = task
            task.add_done_callback(lambda _: self._loading.pop(room.interview, None))

    async def _load(self, room: Room) -> None:
        """Reads on from what is folded. Members hear of what was missed."""
        try:
            missed = await self._read_lanes(room, (SHARED, MOD, *SIDES))
            missed += await self._read_lanes(room, [own_lane(s) for s in room.state.people])
            done = await self._record.done(room.interview)
        except StoreError:
            room.fail(unreachable())
            return
        except Exception:
            log.exception("load.failed", interview=room.interview)
            room.fail(unreachable())
            return
        if missed and room.members:
            missed = await self._joined(room, missed)
            room.remember(missed)
            self._tell(room, missed)
        room.ready(done)

    async def _read_lanes(self, room: Room, lanes: Sequence[str]) -> list[Kept]:
        missed: list[Kept] = []
        for lane in lanes:
            entries = await self._pages(room.interview, lane, room.state.seqs.get(lane, 0))
            missed += room.fold(lane, entries)
        return missed

    async def _bodies(self, interview: str, fields: Sequence[str]) -> dict[str, bytes]:
        try:
            return await self._record.bodies(interview, fields)
        except StoreError as error:
            raise unreachable() from error

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


def unreachable() -> Refusal:
    """The store does not answer: what was asked for cannot be read or saved now."""
    return Refusal(Code.STORE_DOWN, "The server cannot reach its store just now. Still trying.")
