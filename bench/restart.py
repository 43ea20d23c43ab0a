"""What a rolling restart costs those who write: `python -m bench.restart [--json]`.

Two servers on one store (fsync on every append); in each of `--rooms` interviews both sides write
120 characters every `--every` seconds, each connected to either node. Then each node in turn gets
SIGTERM and is started again, while people who lose it come back at the other, as behind a balancer.
Times are from a message's first sending to its acknowledgement, whatever came between. `--json`
ends with one JSON line; a message lost, doubled or out of its order ends it with status 1.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import uvloop

from server.storage import EmbeddedStore, unix_url
from tests.support.crash import ServerProcess, server_process
from tests.support.crowd import crowd, faults_among
from tests.support.person import Person

QUIET_S = 2.0
"""Before, between and after the restarts."""
EXIT_S = 30.0


class Balancer:
    """Sends whoever comes to the next node that is up."""

    def __init__(self, nodes: Sequence[ServerProcess]) -> None:
        self._nodes = nodes
        self._turn = count()

    async def reachable(self) -> str:
        up = [node for node in self._nodes if node.up.is_set()]
        if not up:
            return await self._nodes[0].reachable()
        return up[next(self._turn) % len(up)].address


async def write(person: Person, enough: asyncio.Event, every: float) -> None:
    """Writes on and on, at least `every` seconds apart."""
    loop = asyncio.get_running_loop()
    for number in count():
        if enough.is_set():
            return
        began = loop.time()
        await person.write(f"{person.name} {number} ".ljust(120, "."))
        await asyncio.sleep(max(0.0, began + every - loop.time()))


async def restarts(nodes: Sequence[ServerProcess]) -> list[float]:
    """Each node ends and comes back; the seconds that each took to end."""
    loop = asyncio.get_running_loop()
    took = []
    for node in nodes:
        await asyncio.sleep(QUIET_S)
        began = loop.time()
        status = await node.terminate(EXIT_S)
        took.append(loop.time() - began)
        assert status == 0, f"a node ended with status {status}"
        await node.start()
    await asyncio.sleep(QUIET_S)
    return took


async def measured(folder: Path, rooms: int, every: float) -> dict[str, float]:
    async with AsyncExitStack() as stack:
        store = EmbeddedStore(folder / "store")
        await store.start()
        stack.push_async_callback(store.stop)
        settings = {"PARLEY_REDIS_URL": unix_url(str(store.socket)), "PARLEY_SECRET": "s" * 32}
        nodes = [
            await stack.enter_async_context(server_process(folder / name, **settings))
            for name in ("one", "two")
        ]
        interviews = await nodes[0].enter(rooms)
        where = [Balancer(nodes).reachable]
        people = await stack.enter_async_context(crowd(where, interviews, per_seat=1))
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as writers:
            for person in people:
                writers.create_task(write(person, enough, every), name=person.name)
            ends = await restarts(nodes)
            enough.set()
        faults = await faults_among(people)
    taken = [
        (one.acked - one.sent) * 1000
        for person in people
        for one in person.sent
        if one.acked is not None
    ]
    return {
        "messages": len(taken),
        "reconnections": sum(person.reconnected - 1 for person in people),
        "faults": len(faults),
        "p50_ms": round(median(taken), 1),
        "p99_ms": round(quantiles(taken, n=100)[98], 1),
        "longest_ms": round(max(taken), 1),
        "longest_exit_s": round(max(ends), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.restart", description=__doc__)
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--every", type=float, default=0.1)
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        found = uvloop.run(measured(Path(folder), given.rooms, given.every))
    for name, value in found.items():
        print(f"{name:<16}{value:>10g}")
    if given.json:
        print(json.dumps(found))
    sys.exit(1 if found["faults"] else 0)


if __name__ == "__main__":
    main()
