"""The engine in a process of its own, for `forwarding`: offers come over a Unix socket.

`python -m bench.media_server SOCKET [HOST]`: one JSON object per line in, one out.
"""

import asyncio
import gc
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import uvloop

from signaling import Engine


async def _serve(
    engine: Engine, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while line := await reader.readline():
        asked = json.loads(line)
        if "offer" in asked:
            answer = engine.answer(asked["call"], asked["peer"], asked["offer"], 1)
            reply: dict[str, object] = {"answer": answer}
        else:
            engine.end(asked["end"])
            reply = {"counters": repr(engine.counters)}
        writer.write(json.dumps(reply).encode() + b"\n")
        await writer.drain()
    writer.close()


@asynccontextmanager
async def engine_at(path: str, host: str = "127.0.0.1") -> AsyncIterator[None]:
    """Run an engine in this loop, to be asked at this socket."""
    engine = Engine(host=host, port=0, on_event=lambda _event: None, most_peers_of_a_call=100)
    await engine.start()
    server = await asyncio.start_unix_server(partial(_serve, engine), path, limit=1 << 20)
    try:
        yield
    finally:
        server.close()
        await engine.close()


async def main(path: str, host: str = "127.0.0.1") -> None:
    """Serve until killed."""
    async with engine_at(path, host):
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
