"""What was acknowledged is there, once and in order, whatever is killed while people write."""

import os
import signal
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.support.counts import count
from tests.support.crash import ServerProcess, running, server_process, stores_of
from tests.support.crowd import burst, crowd, faults_among
from tests.support.parley import Json, command_id
from tests.support.person import Person
from tests.support.valkey import eventually

ROUNDS = count(1, full=67)
"""How often each of the three victims is killed."""
MESSAGES_PER_KILL = count(100, full=500)
INTERVIEWS = count(2, full=24)
"""So many that nobody writes or comes back faster than a person's limits allow."""


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


@pytest.mark.timeout(count(300, full=1800))
async def test_every_acknowledged_message_survives_sigkills_once_and_in_one_order(
    server: ServerProcess,
) -> None:
    interviews = await server.enter(INTERVIEWS)
    async with crowd([server.reachable], interviews, per_seat=2) as people:
        cruelties = [partial(cruelty, server) for cruelty in CRUELTIES] * ROUNDS
        await burst(people, cruelties, between=MESSAGES_PER_KILL)

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


async def test_whoever_comes_back_to_a_restarted_server_gets_only_what_they_missed(
    server: ServerProcess,
) -> None:
    ((interview, cookies),) = await server.enter(1)
    people = [
        Person(seat, interview, seat, cookie, server.reachable) for seat, cookie in cookies.items()
    ]
    async with people[0] as ada, people[1] as ben:
        await ben.connected()
        for number in range(3):
            await ada.write(f"message {number}")
        await eventually(lambda: ben.behind(ada.sent[-1].seq or 0))
        await ben.leave()
        await ada.write("While Ben is away")

        await kill_server(server)
        client = await ben.connected()
        missed = await client.next("entries")
        told = [name for name, _ in client.events]

    assert [entry["text"] for entry in missed["entries"]] == ["While Ben is away"]
    assert "snapshot" not in told
