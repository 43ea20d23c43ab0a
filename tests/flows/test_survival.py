"""What was acknowledged is there, once and in order, whatever is killed while people write."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.support.checker import Fault, History
from tests.support.counts import count
from tests.support.crash import ServerProcess, running, server_process, stores_of
from tests.support.parley import Json, command_id
from tests.support.person import Person
from tests.support.valkey import eventually

ROUNDS = count(1, full=67)
"""How often each of the three victims is killed."""
MESSAGES_PER_KILL = count(100, full=500)
INTERVIEWS = count(2, full=6)
PEOPLE_PER_SEAT = count(2, full=4)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    async with server_process(tmp_path) as running:
        yield running


async def kill_server(server: ServerProcess) -> None:
    """Also sees to it that no store is left behind."""
    store = server.store_pid
    await server.kill()
    await eventually(lambda: f"store {store} outlived its server" if running(store) else "")
    await server.start()


async def kill_store(server: ServerProcess) -> None:
    os.kill(server.store_pid, signal.SIGKILL)


async def kill_both(server: ServerProcess) -> None:
    os.kill(server.store_pid, signal.SIGKILL)
    await server.kill()
    await server.start()


CRUELTIES = (kill_server, kill_store, kill_both)


@asynccontextmanager
async def people_of(
    server: ServerProcess, interviews: list[tuple[str, dict[str, str]]]
) -> AsyncIterator[list[Person]]:
    """Several sockets in each seat of each interview, all connected."""
    async with AsyncExitStack() as stack:
        people = []
        for interview, cookies in interviews:
            for seat, cookie in cookies.items():
                for number in range(PEOPLE_PER_SEAT):
                    name = f"{interview}/{seat}/{number}"
                    person = Person(name, interview, seat, cookie, server.reachable)
                    people.append(await stack.enter_async_context(person))
        await asyncio.gather(*(person.connected() for person in people))
        yield people


async def write_until(person: Person, enough: asyncio.Event) -> None:
    """Writes without a pause, and drops the socket now and then by oneself."""
    number = 0
    while not enough.is_set():
        number += 1
        await person.write(f"{person.name} says {number}")
        if number % 17 == 0:
            await person.leave()


async def burst(people: list[Person], cruelties: Iterable[Callable[[], Awaitable[None]]]) -> None:
    """Everybody writes while cruel things happen, each many messages after the last."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as writers:
        for person in people:
            writers.create_task(write_until(person, enough), name=person.name)
        for cruelty in cruelties:
            await until_acked(people, acked(people) + MESSAGES_PER_KILL)
            await cruelty()
        await until_acked(people, acked(people) + MESSAGES_PER_KILL)
        enough.set()


def acked(people: list[Person]) -> int:
    return sum(one.acked is not None for person in people for one in person.sent)


async def until_acked(people: list[Person], target: int) -> None:
    def complaint() -> str:
        return f"{acked(people)} of {target} acknowledged" if acked(people) < target else ""

    await eventually(complaint, within=60)


async def until_told(people: list[Person], head: int) -> None:
    await eventually(lambda: " ".join(person.behind(head) for person in people).strip())


async def faults_among(people: list[Person]) -> list[Fault]:
    """Each interview's history, once everybody has heard everything, held against the record."""
    faults = []
    for interview in {person.auth["interview"] for person in people}:
        present = [person for person in people if person.auth["interview"] == interview]
        head = max(one.seq or 0 for person in present for one in person.sent)
        for person in present:
            await person.connected()
        await until_told(present, head)
        readers = {person.name: person.places for person in present}
        async with fresh_reader(present[0]) as fresh:
            readers["the record"] = fresh.places
        sent = [one for person in present for one in person.sent]
        faults += History(sent, readers).faults()
    return faults


@asynccontextmanager
async def fresh_reader(like: Person) -> AsyncIterator[Person]:
    """Somebody who was never here before and gets a snapshot."""
    interview, seat = like.auth["interview"], like.auth["seat"]
    async with Person("a fresh reader", interview, seat, like.cookie, like.reachable) as person:
        client = await person.connected()
        await client.frame(lambda frame: frame.startswith('42["snapshot"'))
        yield person


@pytest.mark.timeout(count(30, full=1800))
async def test_every_acknowledged_message_survives_sigkills_once_and_in_one_order(
    server: ServerProcess,
) -> None:
    interviews = await server.enter(INTERVIEWS)
    async with people_of(server, interviews) as people:
        await burst(people, [partial(cruelty, server) for cruelty in CRUELTIES] * ROUNDS)

        faults = await faults_among(people)
        met = {code for person in people for code in person.refused}

    assert faults == []
    assert met <= {"store_down"}
    assert len(stores_of(server.pid)) == 1


async def test_a_command_sent_again_after_crashes_gets_its_first_outcome(
    server: ServerProcess,
) -> None:
    ((interview, cookies),) = await server.enter(1)
    first: list[tuple[str, str, Json]] = [
        ("freelancer", "invitation:accept", {"id": command_id()}),
        ("client", "message:post", {"id": command_id(), "text": "Once"}),
        ("client", "message:edit", {"id": command_id(), "message": 4, "text": "Once, edited"}),
        ("freelancer", "message:flag", {"id": command_id(), "message": 4, "reason": "scam"}),
        ("client", "message:delete", {"id": command_id(), "message": 4}),
    ]
    again = [
        *first[2:],
        ("client", "message:post", {**first[1][2], "text": "Other words"}),
        first[0],
    ]

    async def give(commands: list[tuple[str, str, Json]]) -> dict[str, Json]:
        answers = {}
        for seat, name, command in commands:
            async with Person(seat, interview, seat, cookies[seat], server.reachable) as person:
                answers[name] = await person.give(name, command)
        return answers

    before = await give(first)
    after = []
    for cruelty in CRUELTIES:
        await cruelty(server)
        after.append(await give(again))
    async with Person("reader", interview, "client", cookies["client"], server.reachable) as reader:
        snapshot = await (await reader.connected()).next("snapshot")

    assert all(answer["seq"] for answer in before.values())
    assert after == [before] * len(CRUELTIES)
    assert snapshot["cursor"]["shared"] == 6
