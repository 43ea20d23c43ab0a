import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.record.store import Appended, Decided, NewEntry, Record, Result, append_library
from server.storage import EmbeddedStore, Store
from tests.support.burst import INTERVIEW
from tests.support.counts import count
from tests.support.sio import TIMEOUT_S
from tests.support.valkey import connected, embedded_store, eventually, url_of

VICTIMS = ["server", "store", "both"]


async def acknowledged_until_killed(folder: Path, victim: str, enough: int) -> list[int]:
    """Run a burst, kill `victim` after `enough` acknowledgements, and return all of them."""
    burst = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.burst", str(folder)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert burst.stdout is not None
    try:
        store = int(await burst.stdout.readline())
        acked = [int(await burst.stdout.readline()) for _ in range(enough)]
        if victim in ("store", "both"):
            os.kill(store, signal.SIGKILL)
    finally:
        burst.send_signal(signal.SIGTERM if victim == "store" else signal.SIGKILL)
    acked += [int(line) for line in (await burst.stdout.read()).split()]
    await burst.wait()
    return acked


@pytest.mark.parametrize("victim", VICTIMS)
async def test_every_acknowledged_append_survives_sigkills_once_and_in_order(
    tmp_path: Path, victim: str
) -> None:
    acked: list[int] = []
    for enough in (5, 150, 40):
        acked += await acknowledged_until_killed(tmp_path, victim, enough)

    async with (
        embedded_store(tmp_path) as embedded,
        connected(url_of(embedded), libraries=[append_library()]) as store,
    ):
        record = Record(store, append_library())
        found = await record.read(INTERVIEW, "shared", 0, 1_000_000)
        done = await record.done(INTERVIEW)
        bodies = await record.bodies(INTERVIEW, [f"shared/{seq}" for seq, _ in found])

    assert found == [(n + 1, b"event %d" % n) for n in range(len(found))]
    assert done == {f"ada:{n}": b"%d" % n for n in range(len(found))}
    assert len(bodies) == len(found)
    assert acked == sorted(set(acked))
    assert set(acked) <= set(range(len(found)))


async def test_a_store_that_cannot_write_any_more_loses_nothing_acknowledged(
    embedded: EmbeddedStore,
) -> None:
    acked: list[int] = []
    refused = asyncio.Event()
    async with connected(url_of(embedded), libraries=[append_library()]) as store:
        record = Record(store, append_library())
        assert embedded.pid is not None
        resource.prlimit(embedded.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))

        def write(number: int) -> None:
            def told(result: Result) -> None:
                if isinstance(result, Appended):
                    acked.append(number)
                    write(number + 1)
                else:
                    refused.set()

            decided = Decided(f"ada:{number}", b"", (NewEntry("shared", b"e" * 1000),))
            record.append(INTERVIEW, {"shared": number}, [decided], told)

        write(0)
        await asyncio.wait_for(refused.wait(), TIMEOUT_S)
        await eventually(lambda: "" if embedded.restarts else "the store was not started again")
        await asyncio.wait_for(store.until_healthy(), TIMEOUT_S)

        found = await record.read(INTERVIEW, "shared", 0, 1_000_000)

    assert len(acked) > 50
    assert [seq for seq, _ in found][: len(acked)] == [n + 1 for n in acked]


async def append(store: Store, number: int) -> None:
    record = Record(store, append_library())
    entry = NewEntry("shared", b"event %d" % number, body=b"s" * 16 + b"text")
    decided = Decided(f"ada:{number}", b"%d" % number, (entry,))
    result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    record.append(INTERVIEW, {"shared": number - 1}, [decided], result.set_result)
    assert await result == Appended()


async def after_a_cut(data: Path, tail: Path, length: int) -> tuple[list[int], list[int]]:
    """What is in the record of a copy of `data` whose tail was cut, and what was said dropped."""
    folder = data.with_name(f"cut-{length}")
    await asyncio.to_thread(shutil.copytree, data, folder, ignore=shutil.ignore_patterns("*.sock"))
    os.truncate(folder / tail.relative_to(data), length)
    with capture_logs() as said:
        async with (
            embedded_store(folder) as embedded,
            connected(url_of(embedded), libraries=[append_library()]) as store,
        ):
            record = Record(store, append_library())
            found = await record.read(INTERVIEW, "shared", 0, 9)
            done = await record.done(INTERVIEW)
            bodies = await record.bodies(INTERVIEW, [f"shared/{n}" for n in range(1, 9)])
            await append(store, len(found) + 1)
    seqs = [seq for seq, _ in found]
    assert list(done) == [f"ada:{seq}" for seq in seqs]
    assert list(bodies) == [f"shared/{seq}" for seq in seqs]
    return seqs, [one["dropped_bytes"] for one in said if one["event"] == "store.torn_tail"]


@pytest.mark.timeout(count(300, full=600))
async def test_an_append_cut_at_any_byte_never_happened_and_takes_nothing_with_it(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    async with (
        embedded_store(data) as embedded,
        connected(url_of(embedded), libraries=[append_library()]) as store,
    ):
        (tail,) = data.glob("appendonlydir/*.incr.aof")
        lengths = []
        for number in (1, 2, 3):
            await append(store, number)
            lengths.append(tail.stat().st_size)
    before, whole = lengths[1:]

    for length in sorted({*range(before, whole, count(23, full=1)), whole - 1}):
        dropped = [length - before] if length > before else []
        assert await after_a_cut(data, tail, length) == ([1, 2], dropped)
    assert await after_a_cut(data, tail, whole) == ([1, 2, 3], [])
