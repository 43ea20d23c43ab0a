"""Nothing acknowledged is lost at a power cut, which leaves only what the store had synced."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.storage import unix_url
from tests.support.checker import Verdict
from tests.support.counts import count
from tests.support.crash import ServerProcess, server_process
from tests.support.crowd import burst, crowd, faults_among
from tests.support.power import PowerSupply
from tests.support.valkey import connected

CUTS = count(2, full=20)
MESSAGES_PER_CUT = count(150, full=2500)
INTERVIEWS = count(2, full=24)
"""So many that nobody writes or comes back faster than a person's limits allow."""


@pytest.fixture
def power(tmp_path: Path) -> PowerSupply:
    return PowerSupply(tmp_path / "data", tmp_path)


@pytest.fixture
async def server(tmp_path: Path, power: PowerSupply) -> AsyncIterator[ServerProcess]:
    """A server whose store's writes are watched."""
    settings = {"PARLEY_VALKEY_SERVER": str(power.program)}
    async with server_process(tmp_path / "data", **settings) as running:
        yield running


async def cut_the_power(server: ServerProcess, power: PowerSupply) -> int:
    """Everything stops at once, and comes back with what the disk holds; the bytes that went."""
    os.kill(server.store_pid, signal.SIGKILL)
    await server.kill()
    lost = await asyncio.to_thread(power.cut)
    await server.start()
    power.watch()
    return lost


@pytest.mark.timeout(count(300, full=1800))
async def test_nothing_acknowledged_is_lost_at_a_power_cut(
    server: ServerProcess, power: PowerSupply
) -> None:
    interviews = await server.enter(INTERVIEWS)
    power.watch()

    async def cut() -> None:
        await cut_the_power(server, power)

    async with crowd([server.reachable], interviews, per_seat=2) as people:
        await burst(people, [cut] * CUTS, between=MESSAGES_PER_CUT)
        faults = await faults_among(people)

    assert faults == []


async def test_a_store_that_answers_before_it_syncs_is_found_out_by_a_power_cut(
    server: ServerProcess, power: PowerSupply
) -> None:
    interviews = await server.enter(1)
    power.watch()
    lost = 0

    async def cut() -> None:
        nonlocal lost
        lost += await cut_the_power(server, power)

    async with connected(unix_url(str(server.data / "store.sock"))) as store:
        await store.call("CONFIG", "SET", "appendfsync", "no")
    async with crowd([server.reachable], interviews, per_seat=1) as people:
        await burst(people, [cut], between=100)
        verdicts = {fault.verdict for fault in await faults_among(people)}

    assert lost > 0
    assert Verdict.LOST in verdicts
