"""What one command costs to append, alone and in batches, on a store of its own with fsync on.

`python -m bench.append [--json]`. CPU is that of this process and of the store's process, in
microseconds per command; the rate is commands per second with one writer that appends as soon as
its last batch was acknowledged.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import uvloop

from server.record.store import (
    Appended,
    Decided,
    NewEntry,
    Record,
    Result,
    append_library,
)
from server.storage import EmbeddedStore, Store, unix_url

EVENT = b'{"type":"message:posted","by":"ada","at":1790000000000,"digest":"' + b"0" * 64 + b'"}'
TEXT = os.urandom(16) + b"x" * 120
OUTCOME = b'{"ok":true,"seq":123456}'
SECONDS = 1.5


@dataclass(frozen=True)
class Cost:
    """One row: microseconds of CPU per command here and in the store, and commands per second."""

    batch: int
    writers: int
    server_us: float
    store_us: float
    per_second: float


class Writer:
    """Appends batch after batch to one interview until told to stop."""

    def __init__(self, record: Record, name: str, size: int) -> None:
        self.commands = 0
        self.stopped = asyncio.get_running_loop().create_future()
        self.stopping = False
        self._record, self._name, self._size = record, name, size

    def write(self) -> None:
        first = self.commands
        batch = [
            Decided(f"ada:{first + n}", OUTCOME, (NewEntry("shared", EVENT, body=TEXT),))
            for n in range(self._size)
        ]
        self._record.append(self._name, {"shared": first}, batch, self._told)

    def _told(self, result: Result) -> None:
        if not isinstance(result, Appended):
            raise SystemExit(f"the append failed: {result}")
        self.commands += self._size
        if self.stopping:
            self.stopped.set_result(None)
        else:
            self.write()


async def measure(record: Record, store_pid: int, batch: int, writers: int) -> Cost:
    store = psutil.Process(store_pid)
    crew = [Writer(record, f"{batch}-{writers}-{n}", batch) for n in range(writers)]
    here, there, start = time.process_time(), sum(store.cpu_times()[:2]), time.perf_counter()
    for writer in crew:
        writer.write()
    await asyncio.sleep(SECONDS)
    for writer in crew:
        writer.stopping = True
    await asyncio.gather(*(writer.stopped for writer in crew))
    took = time.perf_counter() - start
    commands = sum(writer.commands for writer in crew)
    return Cost(
        batch=batch,
        writers=writers,
        server_us=round((time.process_time() - here) / commands * 1e6, 2),
        store_us=round((sum(store.cpu_times()[:2]) - there) / commands * 1e6, 2),
        per_second=round(commands / took),
    )


async def main(*, as_json: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        embedded = EmbeddedStore(Path(folder))
        await embedded.start()
        store = Store(unix_url(str(embedded.socket)), libraries=[append_library()])
        await store.start()
        record = Record(store, append_library(), origin="bench")
        rows = []
        try:
            print("batch  writers   server us/command   store us/command   commands/s")
            for batch, writers in ((1, 1), (1, 25), (1, 200), (10, 1), (50, 1), (50, 10)):
                assert embedded.pid is not None
                row = await measure(record, embedded.pid, batch, writers)
                rows.append(row)
                print(
                    f"{row.batch:5}  {row.writers:7}   {row.server_us:17}   {row.store_us:16}"
                    f"   {row.per_second:10,.0f}"
                )
        finally:
            await store.stop()
            await embedded.stop()
    if as_json:
        print(json.dumps({"append": [asdict(row) for row in rows]}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    uvloop.run(main(as_json=parser.parse_args(sys.argv[1:]).json))
