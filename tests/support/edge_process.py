"""The test edge as a process: `python -m tests.support.edge_process DESCRIPTORS`.

Runs on uvloop, as the product does, with at most so many open descriptors; prints its address.
"""

import asyncio
import resource
import sys

import uvloop

from tests.support.edge import running_edge


async def main() -> None:
    """Serve until killed."""
    async with running_edge() as edge:
        print(edge.url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    descriptors = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
    uvloop.run(main())
