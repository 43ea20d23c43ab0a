"""What other nodes cost: `python -m bench.crossnode [--against node] [--json]`.

Three servers of a kind on one store (fsync on every append): in each room one person is on the
first node and one on the second, so that every message crosses; nobody of these rooms is on the
third. Messages have 120 characters. `1200`: so many a second in 100 rooms, both sides writing.
`saturated`: in 500 rooms one person writes, on either node, as soon as the last message was
acknowledged. CPU is the processes' own, user and system, per acknowledged message: of the first two
together, and of the third above what it uses while nothing happens. `alone` is the load of `1200`
with both people of a room on the first node. Nobody is acknowledged sooner than the disk allows,
so the store's own longest fsync stands beside the p99. `node` is Socket.IO's own server with
@socket.io/redis-adapter. `--json` ends with one JSON line.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import psutil
import uvloop

from bench.awake import keep_awake
from bench.message_load import OpenLoop, Place, Saturated, join, recount, settled
from bench.message_targets import (
    HERE,
    NODE,
    line_of,
    node_program,
    open_interview,
    process_of,
    room_place,
)
from bench.messages import cpu_s
from server.app import foundation
from server.config import Config
from server.storage import EmbeddedStore, Store, unix_url

RATE = 1200
OPEN_ROOMS = 100
FULL_ROOMS = 500


@dataclass(frozen=True)
class Server:
    """One running node."""

    process: psutil.Process
    port: int


@dataclass(frozen=True)
class Costs:
    """CPU in microseconds per message, and milliseconds from sending to acknowledgement."""

    us_crossing_1200: float
    us_crossing_saturated: float
    us_alone_1200: float
    us_foreign_1200: float
    us_foreign_saturated: float
    per_second_saturated: float
    p50_ms_1200: float
    p99_ms_1200: float
    fsync_max_ms_1200: float


@dataclass(frozen=True)
class Load:
    """Who is where, and how they talk."""

    kind: str
    rooms: int
    saturated: bool = False


@dataclass(frozen=True)
class Window:
    """What one window cost."""

    us: float
    us_foreign: float
    per_second: float
    p50_ms: float
    p99_ms: float
    fsync_max_ms: float


@asynccontextmanager
async def parley_node(store: Path, number: int) -> AsyncIterator[Server]:
    """`parley serve` on a store elsewhere."""
    environment = {
        "PARLEY_DATA": str(store.parent / f"node-{number}"),
        "PARLEY_PORT": "0",
        "PARLEY_REDIS_URL": unix_url(str(store)),
    }
    async with process_of([sys.executable, "-m", "server", "serve"], environment) as process:
        line = await line_of(process, lambda line: b"ready at" in line)
        assert process.stdout is not None
        drain = asyncio.get_running_loop().create_task(process.stdout.read())
        yield Server(psutil.Process(process.pid), int(line.strip().rpartition(b":")[2]))
        drain.cancel()


@asynccontextmanager
async def rival_node(store: Path, number: int) -> AsyncIterator[Server]:  # noqa: ARG001 - as above
    """Socket.IO's own server with its Redis adapter."""
    command = [
        node_program(),
        str(NODE / "server.mjs"),
        str(store),
        str(HERE / "keep.lua"),
        "nodes",
    ]
    async with process_of(command, {}) as process:
        port = int(await line_of(process, lambda line: line.strip().isdigit()))
        yield Server(psutil.Process(process.pid), port)


async def places_of(kind: str, store: Path, count: int) -> list[Place]:
    """Two places for each room, side by side."""
    if kind == "node":
        # A store of many runs: no room of an earlier one.
        stamp = asyncio.get_running_loop().time()
        rooms = [f"{stamp}-{number}" for number in range(count)]
        return [room_place(room, name) for room in rooms for name in ("ada", "bob")]
    config = Config(data=store.parent / "maker", redis_url=unix_url(str(store)))
    async with foundation(config) as base:
        return [place for _ in range(count) for place in await open_interview(base)]


async def one_round(kind: str, store: Path, seconds: float) -> Costs:
    """Measure three fresh servers."""
    start = parley_node if kind == "product" else rival_node
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(start(store, number)) for number in range(3)]
        quiet, full = Load(kind, OPEN_ROOMS), Load(kind, FULL_ROOMS, saturated=True)
        alone = await window(quiet, store, seconds, nodes, second=nodes[0])
        crossing = await window(quiet, store, seconds, nodes, second=nodes[1])
        saturated = await window(full, store, seconds, nodes, second=nodes[1])
    return Costs(
        us_crossing_1200=crossing.us,
        us_crossing_saturated=saturated.us,
        us_alone_1200=alone.us,
        us_foreign_1200=crossing.us_foreign,
        us_foreign_saturated=saturated.us_foreign,
        per_second_saturated=saturated.per_second,
        p50_ms_1200=crossing.p50_ms,
        p99_ms_1200=crossing.p99_ms,
        fsync_max_ms_1200=crossing.fsync_max_ms,
    )


async def window(
    load: Load, store: Path, seconds: float, nodes: list[Server], second: Server
) -> Window:
    """Measure with one half of the people on the first node, the other half on `second`."""
    first, stranger = nodes[0], nodes[2]
    places = await places_of(load.kind, store, load.rooms)
    ada = await join(first.port, places[::2])
    bob = await join(second.port, places[1::2])
    idle = cpu_s(stranger.process)
    await asyncio.sleep(seconds)
    idle = cpu_s(stranger.process) - idle
    tally = recount(ada + bob)
    # Nobody answers within the same millisecond: a conflict would be measured, not a crossing.
    talking = Saturated(ada[::2] + bob[1::2]) if load.saturated else OpenLoop(ada + bob, RATE)
    await asyncio.sleep(min(2.0, seconds))
    servers = {first.port: first, second.port: second}.values()
    tally.waits.clear()
    await longest_fsync_ms(store)
    acks, used, foreign = (
        tally.acks,
        sum(cpu_s(s.process) for s in servers),
        cpu_s(stranger.process),
    )
    await asyncio.sleep(seconds)
    acks = tally.acks - acks
    used = sum(cpu_s(s.process) for s in servers) - used
    foreign = max(0.0, cpu_s(stranger.process) - foreign - idle)
    fsync_max_ms = await longest_fsync_ms(store)
    talking.stop()
    await settled(ada + bob, tally)
    for peer in ada + bob:
        peer.close()
    return Window(
        us=1e6 * used / acks,
        us_foreign=1e6 * foreign / acks,
        per_second=acks / seconds,
        p50_ms=tally.p50_ms,
        p99_ms=tally.p99_ms,
        fsync_max_ms=fsync_max_ms,
    )


async def longest_fsync_ms(store: Path) -> int:
    """Return the longest fsync since this was last asked; 0 where none took a millisecond."""
    asking = Store(unix_url(str(store)))
    await asking.start()
    try:
        await asking.call("CONFIG", "SET", "latency-monitor-threshold", 1)
        latest = await asking.call("LATENCY", "LATEST")
        await asking.call("LATENCY", "RESET")
    finally:
        await asking.stop()
    assert isinstance(latest, list)
    events = {event[0]: event[3] for event in latest if isinstance(event, list)}
    worst = events.get(b"aof-fsync-always", 0)
    assert isinstance(worst, int)
    return worst


async def measure(kinds: list[str], rounds: int, seconds: float) -> dict[str, list[Costs]]:
    """Let the kinds take turns on one store."""
    found: dict[str, list[Costs]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        store = EmbeddedStore(Path(folder) / "store")
        store.data.mkdir()
        await store.start()
        try:
            for _ in range(rounds):
                for kind in kinds:
                    found[kind].append(await one_round(kind, store.socket, seconds))
        finally:
            await store.stop()
    return found


def middle(rounds: list[Costs]) -> dict[str, float]:
    """Return the medians."""
    names = [field.name for field in fields(Costs)]
    return {n: round(statistics.median(getattr(each, n) for each in rounds), 2) for n in names}


def ratios_of(found: dict[str, list[Costs]]) -> dict[str, list[float]]:
    """Return what ours cost beside Socket.IO's, round by round: one round's moments are alike."""
    if "node" not in found:
        return {}
    both = list(zip(found["product"], found["node"], strict=True))
    return {
        "crossnode_ratio_to_node": [
            a.us_crossing_saturated / b.us_crossing_saturated for a, b in both
        ],
        "crossnode_ratio_to_node_1200": [a.us_crossing_1200 / b.us_crossing_1200 for a, b in both],
    }


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", action="append", default=[], choices=["node"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each window")
    parser.add_argument("--halting", action="store_true", help="let idle cores halt")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    awake = not asked.halting and keep_awake()
    found = uvloop.run(measure(["product", *asked.against], asked.rounds, asked.seconds))
    rows = {kind: middle(rounds) for kind, rounds in found.items()}
    print("| server |", " | ".join(field.name for field in fields(Costs)), "|")
    print("|---" * (len(fields(Costs)) + 1) + "|")
    for kind, row in rows.items():
        print("|", " | ".join([kind, *map(str, row.values())]), "|")
    result: dict[str, object] = {
        "servers": rows,
        "cores_awake": awake,
        "load_average": psutil.getloadavg()[0],
    }
    for key, ratios in ratios_of(found).items():
        middle_one = result[key] = round(statistics.median(ratios), 2)
        print(f"{key}: {middle_one} [{min(ratios):.2f}-{max(ratios):.2f}]")
    if asked.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
