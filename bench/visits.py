"""What visits leave in memory: `python -m bench.visits [--visits N] [--json]`.

People connect, say something and leave, twenty at a time. After a fifth of the visits, when every
pool and cache has its size, the process is weighed, and again at the end. The visitors live in it
too, so what is found is more than the edge's own. `--json` ends with one JSON line.
"""

import argparse
import asyncio
import gc
import json

import psutil
import uvloop

from server.transport import TransportLimits
from tests.support.edge import Edge, running_edge
from tests.support.sio import SioClient

AT_ONCE = 20


async def visit(url: str) -> None:
    """Connects, says something, leaves."""
    async with SioClient.connect(url) as client:
        await client.call("echo", 1)


async def visits(edge: Edge, count: int) -> int:
    """So many visits; the bytes that the process takes then."""
    for _ in range(count // AT_ONCE):
        async with asyncio.TaskGroup() as together:
            for _ in range(AT_ONCE):
                together.create_task(visit(edge.url))
        edge.left.clear()
        edge.heard.clear()
    gc.collect()
    taken: int = psutil.Process().memory_info().rss
    return taken


async def measured(count: int) -> dict[str, float]:
    async with running_edge(TransportLimits(unauthenticated_per_address=10 * AT_ONCE)) as edge:
        before = await visits(edge, count // 5)
        after = await visits(edge, count - count // 5)
        left = edge.transport.connections
    grown = (after - before) / (1 << 20)
    return {
        "visits": count,
        "mb_grown": round(grown, 2),
        "mb_per_10000": round(grown / (count - count // 5) * 10_000, 3),
        "sockets_left": left,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.visits", description=__doc__)
    parser.add_argument("--visits", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="end with one JSON line")
    given = parser.parse_args()
    found = uvloop.run(measured(given.visits))
    for name, value in found.items():
        print(f"{name:<16}{value:>10g}")
    if given.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
