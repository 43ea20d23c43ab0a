"""What a message costs the server: `python -m bench.messages [--against node] [--against raw]`.

Rooms of two; one writes 120 characters with a command id, the server appends it durably (fsync on
every append) and once, tells the other and acknowledges. Two regimes: 1,200 messages a second over
100 rooms, and saturation, with 1,000 sockets that each wait for their acknowledgement. Every server
runs as one process beside the same store, in turns, so that a busy machine is busy for all; figures
are medians over the rounds, and so are the ratios, each of the same round. CPU is the server
process's own, user and system, as the kernel counts.

`product` is `parley serve` with rights, limits and the hash-chained record; `edge` is its transport
and store link with every bound on and the same small append as `node` and `raw`. `--json` ends with
one JSON object on the last line.
"""

import argparse
import asyncio
import json
import resource
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import uvloop

from bench.awake import keep_awake
from bench.message_load import OpenLoop, Peer, Saturated, join, recount, settled
from bench.message_targets import Target, running
from server.storage import EmbeddedStore

RATE = 1200
Load = OpenLoop | Saturated


@dataclass(frozen=True)
class Plan:
    """How long and how much."""

    rounds: int
    warm_s: float
    measure_s: float
    open_rooms: int = 100
    full_rooms: int = 500


@dataclass(frozen=True)
class Cost:
    """One window of one server."""

    us: float
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Round:
    """One server's round: both regimes, and idle sockets."""

    at_1200: Cost
    saturated: Cost
    kb_idle: float


def cpu_s(process: psutil.Process) -> float:
    """Return the seconds of CPU that a process has used, user and system."""
    times = process.cpu_times()
    return float(times.user + times.system)


async def window(
    process: psutil.Process, peers: list[Peer], plan: Plan, talk: Callable[[list[Peer]], Load]
) -> Cost:
    """Measure while the load runs; stop unless all that was sent arrived in the end."""
    tally, loop = recount(peers), asyncio.get_running_loop()
    load = talk(peers)
    await asyncio.sleep(plan.warm_s)
    tally.waits.clear()
    acks, used, started = tally.acks, cpu_s(process), loop.time()
    await asyncio.sleep(plan.measure_s)
    acks, used, took = tally.acks - acks, cpu_s(process) - used, loop.time() - started
    load.stop()
    await settled(peers, tally)
    return Cost(1e6 * used / acks, acks / took, tally.p50_ms, tally.p99_ms)


async def one_round(target: Target, plan: Plan) -> Round:
    """Idle, then 1,200 a second, then everybody at once."""
    process = psutil.Process(target.pid)
    first = 2 * plan.open_rooms
    peers = await join(target.port, target.places[:first])
    before = process.memory_info().rss
    rest = await join(target.port, target.places[first:])
    kb_idle = (process.memory_info().rss - before) / 1024 / len(rest)

    at_1200 = await window(process, peers, plan, lambda peers: OpenLoop(peers, RATE))
    saturated = await window(process, peers + rest, plan, Saturated)
    for peer in peers + rest:
        peer.close()
    return Round(at_1200, saturated, kb_idle)


async def measure(kinds: list[str], plan: Plan) -> dict[str, list[Round]]:
    """Let the servers take turns."""
    found: dict[str, list[Round]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        store = EmbeddedStore(Path(folder))
        await store.start()
        try:
            for _ in range(plan.rounds):
                for kind in kinds:
                    async with running(kind, store.socket, plan.full_rooms) as target:
                        found[kind].append(await one_round(target, plan))
        finally:
            await store.stop()
    return found


def middle(rounds: list[Round]) -> dict[str, float]:
    """Return the medians that are reported."""

    def of(pick: str) -> float:
        name, _, part = pick.partition(".")
        values = [getattr(each, name) for each in rounds]
        return float(statistics.median(getattr(v, part) if part else v for v in values))

    return {
        "us_per_message_1200": round(of("at_1200.us"), 1),
        "p50_ms_1200": round(of("at_1200.p50_ms"), 2),
        "p99_ms_1200": round(of("at_1200.p99_ms"), 2),
        "us_per_message_saturated": round(of("saturated.us"), 1),
        "per_second_saturated": round(of("saturated.per_second")),
        "p50_ms_saturated": round(of("saturated.p50_ms"), 2),
        "kb_per_idle_socket": round(of("kb_idle"), 1),
    }


def ratios(found: dict[str, list[Round]]) -> dict[str, list[float]]:
    """Return what ours cost beside a rival's, round by round: one round's moments are alike."""
    pairs = [(o, r) for r in ("node", "raw") for o in ("product", "edge") if {o, r} <= found.keys()]
    result: dict[str, list[float]] = {}
    for ours, rival in pairs:
        prefix = "" if ours == "product" else f"{ours}_"
        both = list(zip(found[ours], found[rival], strict=True))
        result[f"{prefix}ratio_to_{rival}_1200"] = [a.at_1200.us / b.at_1200.us for a, b in both]
        result[f"{prefix}ratio_to_{rival}_saturated"] = [
            a.saturated.us / b.saturated.us for a, b in both
        ]
    return result


def figures(found: dict[str, list[Round]]) -> dict[str, object]:
    """Return our own figures, everybody's, and the ratios: medians over the rounds."""
    rows = {kind: middle(rounds) for kind, rounds in found.items()}
    own = rows.get("product") or rows["edge"]
    middles = {key: round(statistics.median(each), 2) for key, each in ratios(found).items()}
    return {**own, "servers": rows, **middles}


def show(found: dict[str, list[Round]]) -> None:
    """Print the tables."""
    print("| server | us @1200/s | p50 ms | p99 ms | us saturated | msg/s | p50 ms | kB idle |")
    print("|---|---|---|---|---|---|---|---|")
    for kind, rounds in found.items():
        print("|", " | ".join([kind, *map(str, middle(rounds).values())]), "|")
    if of_rounds := ratios(found):
        print("\n| CPU a message, ratio | median | least-most |\n|---|---|---|")
    for key, each in of_rounds.items():
        middle_one = statistics.median(each)
        print(f"| {key} | {middle_one:.2f} | {min(each):.2f}-{max(each):.2f} |")


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", action="append", default=[], choices=["node", "raw"])
    parser.add_argument("--only", action="append", choices=["product", "edge"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each window")
    parser.add_argument("--halting", action="store_true", help="let idle cores halt")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    awake = not asked.halting and keep_awake()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65_536, most), most))
    kinds = [*(asked.only or ["product", "edge"]), *asked.against]
    plan = Plan(asked.rounds, warm_s=min(2.0, asked.seconds), measure_s=asked.seconds)
    found = uvloop.run(measure(kinds, plan))
    show(found)
    if asked.json:
        print(json.dumps({"cores_awake": awake, **figures(found)}))


if __name__ == "__main__":
    main()
