"""What one abuser does to the others: `python -m bench.abuser [--json]`.

Twenty people write ten messages a second each, first in quiet, then while one more floods with
20,000 events a second, and comes back whenever it is cut off. The figure is the 99th percentile of
the wait for an acknowledgement. Server, abuser and bystanders are processes of their own.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

import psutil
import uvloop

from bench.message_load import OpenLoop, Peer, Place, Tally, join, masked, recount
from bench.message_targets import running
from server.storage import EmbeddedStore

BYSTANDERS = 20
PER_SECOND = 10 * BYSTANDERS
FLOOD_PER_SECOND = 20_000
BATCH_S = 0.01


async def flood(port: int, room: str) -> None:
    """Send as fast as promised, whatever comes back."""
    seat = masked(b"40" + json.dumps({"room": room, "name": "mallory"}).encode())
    event = masked(b'427["post",{"id":"flood-0000","text":"' + b"x" * 120 + b'"}]')
    batch = event * int(FLOOD_PER_SECOND * BATCH_S)
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(
                b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\n"
                b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
            await reader.readuntil(b"\r\n\r\n")
            writer.write(seat)
            await reader.readuntil(b"40{")
            while not reader.at_eof():
                writer.write(batch)
                due = max(due + BATCH_S, loop.time() - 0.1)
                await asyncio.gather(writer.drain(), asyncio.sleep(due - loop.time()))
                await asyncio.wait_for(reader.read(1 << 20), 1)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            await asyncio.sleep(BATCH_S)
        finally:
            writer.close()


async def window(peers: list[Peer], seconds: float) -> Tally:
    """Count for a while."""
    await asyncio.sleep(1)
    tally = recount(peers)
    await asyncio.sleep(seconds)
    return tally


async def measure(seconds: float) -> dict[str, float]:
    """Quiet, then flooded."""
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        store = EmbeddedStore(Path(folder))
        await store.start()
        try:
            async with running("edge", store.socket, BYSTANDERS // 2) as target:
                return await compare(target.pid, target.port, target.places, seconds)
        finally:
            await store.stop()


async def compare(pid: int, port: int, places: list[Place], seconds: float) -> dict[str, float]:
    """Return both percentiles, and what share of a core the server used meanwhile."""
    peers = await join(port, places)
    load = OpenLoop(peers, PER_SECOND)
    quiet = await window(peers, seconds)
    abuser = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.abuser", "--flood", str(port)
    )
    process = psutil.Process(pid)
    process.cpu_percent()
    flooded = await window(peers, seconds)
    share = process.cpu_percent()
    abuser.kill()
    await abuser.wait()
    load.stop()
    asked = PER_SECOND * seconds
    if flooded.acks < 0.9 * asked or flooded.refused:
        raise SystemExit(f"bystanders suffered: {flooded.acks} of {asked} acknowledged")
    return {
        "p99_ms_quiet": quiet.p99_ms,
        "p99_ms_flooded": flooded.p99_ms,
        "ratio": round(flooded.p99_ms / quiet.p99_ms, 2),
        "server_cpu_percent_flooded": share,
    }


def main() -> None:
    """Parse the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--flood", type=int, metavar="PORT", help="be the abuser")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.flood:
        uvloop.run(flood(asked.flood, "flooded"))
    result = uvloop.run(measure(asked.seconds))
    for name, value in result.items():
        print(f"{name:<28}{value}")
    if asked.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
