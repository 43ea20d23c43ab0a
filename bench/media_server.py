"""The engine in a process of its own, for `forwarding`: offers come over a Unix socket.

`python -m bench.media_server SOCKET [HOST | --least]`: one JSON object per line in, one out. With
`--least` media is decrypted, encrypted for each receiver and sent, and nothing else is done: what
the engine does for a call beyond that is measured against it.
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
from signaling.adapter import unprotect
from signaling.connection import Path
from signaling.peer import Peer
from signaling.rtp import read_head
from signaling.track import Track

_whole_way = Peer.receive


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


def _least_way(peer: Peer, size: int, path: Path) -> None:
    """`Peer.receive` for media that has receivers, without all that it does but the ciphers."""
    received, scratch = peer._packets.received, peer._packets.scratch
    track = peer.streams.get(read_head(received.view)[4])
    if not isinstance(track, Track) or not track.slots:
        _whole_way(peer, size, path)
        return
    received.length[0] = size
    if unprotect(peer._receive_session, received.pointer, received.length):
        return
    plain = received.length[0]
    for slot in track.slots[1:]:
        scratch.view[:plain] = received.view[:plain]
        slot.write(scratch, plain)
    track.slots[0].write(received, plain)


async def main(path: str, option: str = "127.0.0.1") -> None:
    """Serve until killed."""
    if option == "--least":
        Peer.receive = _least_way  # type: ignore[method-assign]
        option = "127.0.0.1"
    async with engine_at(path, option):
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
