"""The engine in the loop of a whole server that carries chat, for `forwarding`.

`python -m bench.beside_chat SOCKET`: what `parley serve` runs, and the engine of `media_server` in
the same loop. It prints its address.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvloop

from bench.media_server import engine_at
from bench.message_load import OpenLoop, Tally, join, recount
from bench.message_targets import line_of, open_interview, process_of
from bench.messages import RATE
from server.app import foundation, guest, serving
from server.config import Config

ROOMS = 100


@asynccontextmanager
async def chatting(core: int) -> AsyncIterator[tuple[int, str, Tally]]:
    """A server whose loop is on this core and carries 1,200 messages a second over 100 rooms.

    Yields its process number, the engine's socket, and what becomes of the messages.
    """
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        data, path = Path(folder), str(Path(folder) / "engine.sock")
        environment = {"PARLEY_DATA": folder, "PARLEY_PORT": "0"}
        command = [sys.executable, "-m", "bench.beside_chat", path]
        async with process_of(command, environment) as process:
            line = await line_of(process, lambda line: b"ready at" in line)
            # Only the loop: its store is a process that was started before this.
            os.sched_setaffinity(process.pid, {core})
            async with guest(Config(data=data), print) as base:
                places = [place for _ in range(ROOMS) for place in await open_interview(base)]
            peers = await join(int(line.strip().rpartition(b":")[2]), places)
            tally, load = recount(peers), OpenLoop(peers, RATE)
            try:
                yield process.pid, path, tally
            finally:
                load.stop()
                for peer in peers:
                    peer.close()


async def main(path: str) -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with foundation(Config()) as base, serving(base) as address, engine_at(path):
        print(f"ready at {address}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
