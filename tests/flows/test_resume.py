"""Whoever missed very much, or comes while much is said, has all of it, without a gap."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from server.storage import EmbeddedStore
from tests.support.counts import count
from tests.support.crowd import acked, crowd, faults_among, until_acked, write_until
from tests.support.long import fill
from tests.support.nodes import nodes
from tests.support.parley import Json, Parley, command_id
from tests.support.person import Person
from tests.support.valkey import url_of

MISSED = 10_000
JOINS = count(50, full=1000)
SEATS = ("client", "freelancer")
LOST_ACKS = count(25, full=500)


@pytest.fixture
async def two(tmp_path: Path, embedded: EmbeddedStore) -> AsyncIterator[tuple[Parley, Parley]]:
    """Give the test two servers on one store."""
    async with nodes(tmp_path, url_of(embedded)) as (one, other):
        yield one, other


def texts(view: Json) -> list[str]:
    """What was said, in the order of the thread; the lines without their dots."""
    return [
        item["versions"][-1]["text"].strip(" .")
        for item in view["thread"]
        if item["kind"] == "message"
    ]


async def test_ten_thousand_missed_messages_are_there_at_once_on_either_node(
    two: tuple[Parley, Parley],
) -> None:
    one, other = two
    loop = asyncio.get_running_loop()
    interview = await one.create()
    async with one.seat(interview, "freelancer") as ben:
        await ben.do("invitation:accept")
        cursor = (await ben.snapshot())["cursor"]
        cookie = ben.cookie
    await fill(one, interview, MISSED)

    views, last = {}, 0
    for where, node in (("same node", one), ("other node", other)):
        began = loop.time()
        async with node.seat(interview, "freelancer", cursor=cursor, cookie=cookie) as back:
            snapshot = await back.snapshot()
        print(f"{MISSED} missed messages, {where}: there after {loop.time() - began:.2f} s")
        views[where], last = snapshot["view"], snapshot["cursor"]["shared"]
    async with other.seat(
        interview, "freelancer", cursor={"shared": last - 300}, cookie=cookie
    ) as back:
        late = (await back.client.next("entries"))["entries"]

    assert texts(views["same node"]) == [f"line {number}" for number in range(MISSED)]
    assert views["other node"] == views["same node"]
    assert [entry["seq"] for entry in late] == list(range(last - 299, last + 1))


async def entered(server: Parley, interviews: int) -> list[tuple[str, dict[str, str]]]:
    """So many interviews, each with the cookie of each seat."""
    made = [await server.create() for _ in range(interviews)]
    return [
        (interview, {seat: await server.session(interview, seat) for seat in SEATS})
        for interview in made
    ]


@pytest.mark.timeout(count(300, full=900))
async def test_whoever_joins_while_much_is_said_has_all_of_it_once(server: Parley) -> None:
    async def reachable() -> str:
        return server.address

    interviews = await entered(server, count(4, full=32))
    async with crowd([reachable], interviews, per_seat=1) as writers, AsyncExitStack() as stack:
        enough = asyncio.Event()
        talk = [asyncio.ensure_future(write_until(writer, enough)) for writer in writers]
        late = []
        for number in range(JOINS):
            like = writers[number % len(writers)]
            joiner = Person(
                f"joiner {number}",
                like.auth["interview"],
                like.auth["seat"],
                like.cookie,
                reachable,
            )
            late.append(await stack.enter_async_context(joiner))
            await joiner.connected()
        await until_acked(writers, acked(writers) + 100)
        enough.set()
        await asyncio.gather(*talk)
        faults = await faults_among([*writers, *late])

    assert faults == []


@pytest.mark.timeout(count(300, full=600))
async def test_a_command_whose_acknowledgement_was_lost_is_done_once_with_its_first_words(
    server: Parley,
) -> None:
    async def reachable() -> str:
        return server.address

    interviews = await entered(server, count(1, full=20))
    first: dict[str, list[str]] = {interview: [] for interview, _ in interviews}
    async with crowd([reachable], interviews, per_seat=1) as people:
        for number in range(LOST_ACKS):
            person = people[number % len(people)]
            command = {"id": command_id(), "text": f"line {number}"}
            lost = await (await person.connected()).ask("message:post", command)
            await person.leave()
            again = await person.give("message:post", {**command, "text": "Other words"})
            third = await person.give("message:post", {**command, "text": "Others again"})
            first[person.auth["interview"]].append(command["text"])

            assert lost.cancelled() or lost.exception() is not None or lost.result() == again
            assert third == again
    said = {}
    for interview, cookies in interviews:
        async with server.seat(interview, "client", cookie=cookies["client"]) as reader:
            said[interview] = texts((await reader.snapshot())["view"])

    assert said == first
