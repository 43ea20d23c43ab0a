"""What coturn reaches with and without `deploy/relay.nft`: a program for a network of its own.

`tests/flows/test_turn.py` runs it in a fresh network namespace, as root. It prints the ports at
which something came through the relay, as JSON: before the rules and after.
"""

import asyncio
import json
import re
import subprocess
import tempfile
from pathlib import Path

from aioice.turn import TurnTransport, create_turn_endpoint
from typing_extensions import override

from server.calls.turn import Relay
from server.clock import Clock
from tests.support.coturn import SECRET, Coturn, coturn
from tests.support.ports import HOST
from tests.support.valkey import eventually

RULES = Path(__file__).parent.parent.parent / "deploy" / "relay.nft"
ENGINE = 8081
OTHER = 5353


class Sink(asyncio.DatagramProtocol):
    """A program that takes whatever comes."""

    def __init__(self) -> None:
        self.came = 0

    @override
    def datagram_received(self, data: bytes, addr: object) -> None:
        self.came += 1


class Room:
    """The relay, an engine's port and another program's, on one machine."""

    def __init__(self, relay: Coturn, engine: Sink, other: Sink) -> None:
        self.relay = relay
        self.engine = engine
        self.other = other
        self.opened: list[TurnTransport] = []
        """Kept, so that their sockets stay open until everything has arrived."""

    async def send(self, port: int) -> None:
        """Sends something through a fresh place on the relay."""
        (ice,) = Relay(("turn:unused",), SECRET).servers("i", "client", Clock().now_ms())
        opened, _ = await create_turn_endpoint(
            asyncio.DatagramProtocol, (HOST, self.relay.port), ice.username, ice.credential
        )
        self.opened.append(opened)
        opened.sendto(b"let me through", (HOST, port))

    def reached(self) -> list[int]:
        """The ports at which something came since the last time."""
        found = [port for port, sink in ((ENGINE, self.engine), (OTHER, self.other)) if sink.came]
        self.engine.came = self.other.came = 0
        return found


async def main(folder: Path) -> None:
    loop = asyncio.get_running_loop()
    _, engine = await loop.create_datagram_endpoint(Sink, local_addr=(HOST, ENGINE))
    _, other = await loop.create_datagram_endpoint(Sink, local_addr=(HOST, OTHER))
    async with coturn(folder, more=["--proc-user=turnserver"]) as relay:
        room = Room(relay, engine, other)
        await room.send(OTHER)
        await eventually(lambda: "" if other.came else "nothing came at the other port")
        await room.send(ENGINE)
        await eventually(lambda: "" if engine.came else "nothing came at the engine")
        before = room.reached()

        _run("nft", "-f", str(RULES))
        await room.send(OTHER)
        await eventually(_none_dropped)
        await room.send(ENGINE)
        await eventually(lambda: "" if engine.came else "nothing came at the engine any more")
        print(json.dumps([before, room.reached()]))


def _none_dropped() -> str:
    counted = re.search(r"counter packets (\d+)", _run("nft", "list", "ruleset"))
    return "" if counted and int(counted[1]) else "nothing was dropped yet"


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    _run("ip", "link", "set", "lo", "up")
    with tempfile.TemporaryDirectory(prefix="parley-test-") as shared:
        folder = Path(shared)
        folder.chmod(0o777)  # coturn becomes a user of its own, whom the rules name
        asyncio.run(main(folder))
