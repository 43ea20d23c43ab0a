"""Calls over two servers on one store: sockets anywhere, the media of a call on one node."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.storage import EmbeddedStore
from tests.support.caller import calling
from tests.support.nodes import ServerProcess, nodes, server_process
from tests.support.panelist import panelist, reaches
from tests.support.parley import Json, Parley, Seated
from tests.support.sio import TIMEOUT_S
from tests.support.valkey import eventually, url_of


@pytest.fixture
async def two(tmp_path: Path, embedded: EmbeddedStore) -> AsyncIterator[tuple[Parley, Parley]]:
    """Give the test two servers on one store."""
    async with nodes(tmp_path, url_of(embedded)) as (one, other):
        yield one, other


@asynccontextmanager
async def in_call(one: Parley, address: str) -> AsyncIterator[tuple[str, Seated, Seated]]:
    """An active audio call; Ada is on `one`, Ben on the server at `address`."""
    interview = await one.create()
    other = Parley(one.base, address, one.http)
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(one.seat(interview, "client"))
        ben = await stack.enter_async_context(other.seat(interview, "freelancer"))
        await ben.do("invitation:accept")
        await ada.told("interview:opened")
        await ada.do("call:ring", media="audio")
        await ben.told("call:rang")
        await ben.do("call:accept")
        await ada.told("call:accepted")
        yield interview, ada, ben


@dataclass
class Carried:
    """A call in which Ada and Ben hear each other; Ben is on the node that carries its media."""

    interview: str
    ada: Seated
    ben: Seated

    async def goes_on_at(self, node: Parley) -> None:
        """Ben comes back by another node, and they hear each other anew."""
        async with (
            node.seat(self.interview, "freelancer") as ben,
            calling(self.ada) as ada_calls,
            calling(ben) as ben_calls,
        ):
            await asyncio.gather(ada_calls.connect(), ben_calls.connect())
            await asyncio.gather(ada_calls.hears(), ben_calls.hears())


@asynccontextmanager
async def carried(one: Parley, carrier: ServerProcess) -> AsyncIterator[Carried]:
    """Such a call, Ada being on `one`."""
    async with (
        in_call(one, carrier.address) as (interview, ada, ben),
        calling(ben) as ben_calls,
        calling(ada) as ada_calls,
    ):
        await ben_calls.connect()
        await ada_calls.connect()
        await asyncio.gather(ada_calls.hears(), ben_calls.hears())
        yield Carried(interview, ada, ben)


async def until_idle(server: ServerProcess) -> None:
    """Wait until a server carries nobody's media."""
    async with asyncio.timeout(TIMEOUT_S):
        while await server.gauge("parley_media_peers"):
            pass  # asking is waiting: the answer comes from another process


def rebuild(told: Json) -> bool:
    return bool(told["rebuild"])


async def test_a_call_with_one_person_on_each_node_is_heard_by_both(
    two: tuple[Parley, Parley],
) -> None:
    one, other = two
    async with (
        in_call(one, other.address) as (_, ada, ben),
        calling(ada) as ada_calls,
        calling(ben) as ben_calls,
    ):
        await asyncio.gather(ada_calls.connect(), ben_calls.connect())
        await asyncio.gather(ada_calls.hears(), ben_calls.hears())
        joined = [await ben.told("call:joined"), await ben.told("call:joined")]
        await ben.do("call:leave")
        ended = await ada.told("call:ended")

    assert {entry["event"]["seat"] for entry in joined} == {"client", "freelancer"}
    assert {entry["event"]["fence"] for entry in joined} == {1}
    assert ended["event"]["reason"] == "hung_up"


async def test_a_mute_reaches_the_node_that_carries_the_call(two: tuple[Parley, Parley]) -> None:
    one, other = two
    async with (
        in_call(one, other.address) as (_, ada, ben),
        panelist(ben) as ben_calls,
        panelist(ada) as ada_calls,
    ):
        await ben_calls.connect()
        await ada_calls.connect()
        await reaches(ben_calls, ada_calls)
        await ada.do("call:mute", seat="freelancer", kind="microphone")
        await ben.told("call:muted")  # and so has the node of Ben, which carries the call
        since = ben_calls.sent["microphone"]
        for _ in range(10):
            ben_calls.send("microphone")
            await reaches(ada_calls, ben_calls)
        silent = ada_calls.last_of("freelancer") <= since
        await ben.do("call:media", microphone=True, camera=False)
        await reaches(ben_calls, ada_calls)

    assert silent


async def test_what_one_hears_is_told_across_nodes(two: tuple[Parley, Parley]) -> None:
    one, other = two
    async with in_call(one, other.address) as (_, ada, ben):
        hearing = {"seat": "freelancer", "sound": "blocked", "height": 0}
        await ada.client.emit("call:hearing", hearing)
        told = await ben.client.next("call:heard")

    assert told == {**hearing, "lost": 0, "type": "call:heard", "seat": "client"}


async def test_an_offer_that_cannot_be_used_is_refused_through_the_other_node_too(
    two: tuple[Parley, Parley],
) -> None:
    one, other = two
    async with in_call(one, other.address) as (_, ada, ben), calling(ada) as ada_calls:
        await ada_calls.connect()
        refused = await ben.client.call("call:offer", {"generation": 1, "sdp": "v=0\r\ngarbage"})

    assert refused["code"] == "invalid_sdp"


async def test_when_the_carrier_is_killed_the_other_node_carries_the_call(
    tmp_path: Path, embedded: EmbeddedStore, two: tuple[Parley, Parley]
) -> None:
    one, other = two
    async with (
        server_process(tmp_path / "victim", url_of(embedded)) as victim,
        carried(one, victim) as call,
    ):
        victim.kill()
        told = await call.ada.client.next("call:renegotiate", rebuild)
        await call.goes_on_at(other)
        # Who closed their media last has left the new carrier, and is told so last.
        await eventually(lambda: "" if fences(call.ada)[-1] == 2 else f"{fences(call.ada)}")

    assert told["rebuild"]
    assert fences(call.ada) == sorted(fences(call.ada))


async def test_a_carrier_that_was_stopped_and_replaced_learns_it_from_the_record(
    tmp_path: Path, embedded: EmbeddedStore, two: tuple[Parley, Parley]
) -> None:
    one, _ = two
    async with (
        server_process(tmp_path / "sleeper", url_of(embedded)) as sleeper,
        carried(one, sleeper) as call,
    ):
        ada, ben = call.ada, call.ben
        sleeper.stop()
        await ada.client.next("call:renegotiate", rebuild)
        async with calling(ada) as ada_anew:
            await ada_anew.connect()
            left = await ada.client.next("entries", fenced("call:left", 2))
            sleeper.go_on()
            await ben.client.next("entries", fenced("call:joined", 2))
            await ben.client.next("call:renegotiate", rebuild)
            async with calling(ben) as ben_anew:
                await ben_anew.connect()
                await asyncio.gather(ada_anew.hears(), ben_anew.hears())
                await until_idle(sleeper)

    assert left["entries"]


def fences(seated: Seated) -> list[int]:
    """Of each coming and going that somebody was told, the number of the node that carried it."""
    return [
        entry["event"]["fence"]
        for name, message in seated.client.events
        if name == "entries"
        for entry in message["entries"]
        if entry["event"]["type"] in ("call:joined", "call:left")
    ]


def fenced(kind: str, fence: int) -> Callable[[Json], bool]:
    """Whether a message has such an event with this fencing number."""
    return lambda message: any(
        entry["event"]["type"] == kind and entry["event"].get("fence") == fence
        for entry in message["entries"]
    )


async def test_a_node_that_stops_hands_its_calls_over(
    tmp_path: Path, embedded: EmbeddedStore, two: tuple[Parley, Parley]
) -> None:
    one, other = two
    async with (
        server_process(tmp_path / "leaving", url_of(embedded)) as leaving,
        carried(one, leaving) as call,
    ):
        leaving.terminate()
        await call.ada.client.next("call:renegotiate", rebuild)
        await call.ben.client.closed()
        await call.goes_on_at(other)
        status = await leaving.ended()

    assert status == 0
