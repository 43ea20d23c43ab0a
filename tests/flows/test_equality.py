"""Snapshot and the events after it are the fresh snapshot, whatever people do and how they come.

A Hypothesis state machine over the real gateway: two people and a moderator do anything that the
product allows, lose their sockets and come back with a cursor or without one.
"""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest
import uvloop
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from typing_extensions import override

from server import protocol as p
from tests.support.counts import FULL_COUNTS, count
from tests.support.history import fold
from tests.support.parley import Json, Parley, Seated, command_id, parley
from tests.support.sio import TIMEOUT_S, ConnectRefused
from tests.support.valkey import eventually

T = TypeVar("T")
SEATS = ("client", "freelancer")
ACTIONS = ("dismiss", "warn", "hide")

seats = st.sampled_from(SEATS)
texts = st.text(min_size=1, max_size=40)
several = st.lists(texts, min_size=3, max_size=8)
messages = st.integers(min_value=1, max_value=40)
formats = st.sampled_from([str(f) for f in p.Format])


class Reader:
    """One seat over all its sockets: what its browser would hold."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie
        self.stack = AsyncExitStack()
        self.seated: Seated | None = None
        self.snapshot: p.Snapshot | None = None
        self.entries: list[p.Entry] = []

    @property
    def cursor(self) -> dict[str, int]:
        """Where this browser stands, lane by lane."""
        assert self.snapshot is not None
        return {**self.snapshot.cursor, **{entry.lane: entry.seq for entry in self.entries}}

    @property
    def view(self) -> p.View:
        """What the snapshot and the entries after it make."""
        assert self.snapshot is not None
        return fold(self.snapshot.view, self.snapshot.cursor, self.entries)

    def take(self) -> None:
        """Takes in what came over the socket since the last time."""
        if self.seated is None:
            return
        events, self.seated.client.events = self.seated.client.events, []
        for name, told in events:
            if name == "snapshot":
                self.snapshot = msgspec.convert(told, p.Snapshot)
                self.entries = []
            elif name == "entries":
                self.entries += msgspec.convert(told, p.Entries).entries

    async def leave(self) -> None:
        self.take()
        self.seated = None
        await self.stack.aclose()


class World:
    """The server that all examples share, in a loop of its own."""

    def __init__(self) -> None:
        self.loop = uvloop.new_event_loop()
        self._stack = AsyncExitStack()
        self.server = self.run(self._start())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, TIMEOUT_S))

    async def _start(self) -> Parley:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="parley-test-"))
        return await self._stack.enter_async_context(parley(Path(folder)))

    def close(self) -> None:
        self.run(self._stack.aclose())
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


class People(RuleBasedStateMachine):
    """Each rule is something that somebody does; refusals are as good as any other outcome."""

    world: World

    @initialize(guest=st.booleans(), meet_by=formats)
    def begin(self, guest: bool, meet_by: str) -> None:
        self.world.run(self._begin(guest=guest, meet_by=meet_by))

    async def _begin(self, *, guest: bool, meet_by: str) -> None:
        server = self.world.server
        self.interview = await server.create(format=meet_by, client="" if guest else "Ada")
        self.readers = {seat: Reader(await server.session(self.interview, seat)) for seat in SEATS}
        self.desk = AsyncExitStack()
        # Nobody opens the desk as often as there are examples.
        cookie = await server.session("", f"moderator:Mo of {self.interview}")
        self.mo = await self.desk.enter_async_context(server.desk(cookie=cookie))
        for seat in SEATS:
            await self._come(seat, resume=False)

    async def _come(self, seat: str, *, resume: bool) -> None:
        reader = self.readers[seat]
        await reader.leave()
        cursor = reader.cursor if resume and reader.snapshot else None
        reader.seated = await self._seated(seat, reader.stack, cursor)

    async def _seated(
        self, seat: str, stack: AsyncExitStack, cursor: dict[str, int] | None = None
    ) -> Seated:
        """Connects; as a browser does, later, when it is told that it came too often."""
        cookie = self.readers[seat].cookie
        while True:
            coming = self.world.server.seat(self.interview, seat, cursor=cursor, cookie=cookie)
            try:
                return await stack.enter_async_context(coming)
            except ConnectRefused as refused:
                if "retryAfterMs" not in refused.data:
                    raise
                await asyncio.sleep(refused.data["retryAfterMs"] / 1000)

    async def _attempt(self, seat: str, name: str, fields: Json) -> None:
        reader = self.readers[seat]
        if reader.seated is None:
            await self._come(seat, resume=True)
        assert reader.seated is not None
        await reader.seated.client.call(name, {"id": command_id(), **fields})

    def _do(self, seat: str, command: str, /, **fields: object) -> None:
        self.world.run(self._attempt(seat, command, fields))

    # ------------------------------------------------------------ coming and going

    @rule(seat=seats)
    def leave(self, seat: str) -> None:
        self.world.run(self.readers[seat].leave())

    @rule(seat=seats, resume=st.booleans())
    def come_back(self, seat: str, resume: bool) -> None:
        self.world.run(self._come(seat, resume=resume))

    @rule(seat=seats, whole=st.booleans())
    def sync(self, seat: str, whole: bool) -> None:
        """From the start, or from where the browser stands: both may be asked for at any time."""
        self.world.run(self._sync(seat, whole=whole))

    async def _sync(self, seat: str, *, whole: bool) -> None:
        reader = self.readers[seat]
        if reader.seated is not None:
            reader.take()
            cursor = None if whole or reader.snapshot is None else reader.cursor
            await reader.seated.client.call("record:sync", {"cursor": cursor})

    # ------------------------------------------------------------ the interview's course

    @rule()
    def accept_invitation(self) -> None:
        self._do("freelancer", "invitation:accept")

    @rule(name=texts)
    def give_name(self, name: str) -> None:
        self._do("client", "person:name", name=name)

    @rule(seat=seats, wanted=formats)
    def propose(self, seat: str, wanted: str) -> None:
        self._do(seat, "format:propose", format=wanted)

    @rule(seat=seats, yes=st.booleans())
    def answer_proposal(self, seat: str, yes: bool) -> None:
        self._do(seat, "format:accept" if yes else "format:decline")

    @rule(seat=seats, what=st.sampled_from(["call:accept", "call:decline", "call:leave"]))
    def answer_call(self, seat: str, what: str) -> None:
        self._do(seat, what)

    @rule(seat=seats, media=formats)
    def ring(self, seat: str, media: str) -> None:
        self._do(seat, "call:ring", media=media)

    @rule(seat=seats, microphone=st.booleans(), camera=st.booleans())
    def set_media(self, seat: str, microphone: bool, camera: bool) -> None:
        self._do(seat, "call:media", microphone=microphone, camera=camera)

    # ------------------------------------------------------------ messages, flags, cases

    @rule(seat=seats, said=st.lists(texts, min_size=1, max_size=5))
    def post(self, seat: str, said: list[str]) -> None:
        for text in said:
            self._do(seat, "message:post", text=text)

    @rule(seat=seats, said=several, resume=st.booleans())
    def post_while_the_other_comes(self, seat: str, said: list[str], resume: bool) -> None:
        (other,) = set(SEATS) - {seat}
        self.world.run(self._post_during(self._come(other, resume=resume), seat, said))

    @rule(seat=seats, said=several, whole=st.booleans())
    def post_while_the_other_syncs(self, seat: str, said: list[str], whole: bool) -> None:
        (other,) = set(SEATS) - {seat}
        self.world.run(self._post_during(self._sync(other, whole=whole), seat, said))

    async def _post_during(
        self, meanwhile: Coroutine[Any, Any, None], seat: str, said: list[str]
    ) -> None:
        if self.readers[seat].seated is None:
            await self._come(seat, resume=True)
        posts = (self._attempt(seat, "message:post", {"text": text}) for text in said)
        await asyncio.gather(meanwhile, *posts)

    @rule(seat=seats, message=messages, text=texts)
    def reply(self, seat: str, message: int, text: str) -> None:
        self._do(seat, "message:post", text=text, replyTo=message)

    @rule(seat=seats, message=messages, text=texts)
    def edit(self, seat: str, message: int, text: str) -> None:
        self._do(seat, "message:edit", message=message, text=text)

    @rule(seat=seats, message=messages)
    def delete(self, seat: str, message: int) -> None:
        self._do(seat, "message:delete", message=message)

    @rule(seat=seats, message=messages, note=texts)
    def flag(self, seat: str, message: int, note: str) -> None:
        self._do(seat, "message:flag", message=message, reason="other", note=note)

    @rule(case=st.integers(1, 4), action=st.sampled_from(ACTIONS), explanation=texts)
    def judge(self, case: int, action: str, explanation: str) -> None:
        self.world.run(self._judge(case, action, explanation))

    async def _judge(self, case: int, action: str, explanation: str) -> None:
        where = {"interview": self.interview, "case": case}
        await self.mo.attempt("case:claim", **where)
        await self.mo.attempt("case:decide", action=action, explanation=explanation, **where)

    # ------------------------------------------------------------ what must hold

    @override
    def teardown(self) -> None:
        self.world.run(self._compare())

    async def _compare(self) -> None:
        for seat, reader in self.readers.items():
            if reader.seated is None:
                await self._come(seat, resume=True)
        for seat, reader in self.readers.items():
            fresh = await self._fresh(seat)
            await eventually(partial(_behind, reader, fresh.cursor))
            assert reader.view == fresh.view, seat
            assert reader.cursor == fresh.cursor, seat
        for reader in self.readers.values():
            await reader.leave()
        await self.desk.aclose()

    async def _fresh(self, seat: str) -> p.Snapshot:
        async with AsyncExitStack() as stack:
            seated = await self._seated(seat, stack)
            return msgspec.convert(await seated.snapshot(), p.Snapshot)


def _behind(reader: Reader, cursor: dict[str, int]) -> str:
    reader.take()
    if reader.snapshot is None:
        return "no snapshot came"
    return "" if reader.cursor == cursor else f"at {reader.cursor}, not at {cursor}"


@pytest.mark.timeout(count(300, full=1800))
def test_snapshot_and_events_are_the_fresh_snapshot() -> None:
    People.world = World()
    try:
        run_state_machine_as_test(
            People,
            settings=settings(
                max_examples=count(15, full=300),
                stateful_step_count=count(30, full=100),
                deadline=None,
                phases=[Phase.generate],  # a failure waits for what never comes: no shrinking
                derandomize=not FULL_COUNTS,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        People.world.close()
