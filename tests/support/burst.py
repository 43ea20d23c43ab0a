"""A process that appends as fast as it can and prints what was acknowledged, until it is killed.

`python -m tests.support.burst FOLDER`: the first line is the store's process number, every other
one the number of an acknowledged command.
"""

import asyncio
import os
import sys
from pathlib import Path

import structlog

from server.record.store import Appended, Decided, NewEntry, Record, Result, append_library
from tests.support.valkey import connected, embedded_store, url_of

INTERVIEW = "burst"


async def main(folder: Path) -> None:
    async with (
        embedded_store(folder) as embedded,
        connected(url_of(embedded), libraries=[append_library()]) as store,
    ):
        print(embedded.pid, flush=True)
        record = Record(store, append_library())
        last = len(await record.done(INTERVIEW))
        for number in range(last, 1_000_000):
            entry = NewEntry("shared", b"event %d" % number, body=os.urandom(16) + b"text")
            decided = Decided(f"ada:{number}", b"%d" % number, (entry,))
            result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            record.append(INTERVIEW, {"shared": number}, [decided], result.set_result)
            if await result == Appended():
                print(number, flush=True)


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(Path(sys.argv[1])))
