"""Other networks: IPv6, TCP, announced addresses, a port that is taken."""

import asyncio
import re
import socket
from contextlib import suppress

import pytest

from bench.light_peer import Identity, LightPeer
from signaling import Engine, PeerConnected
from signaling.tcp import LARGEST_FRAME
from tests.signaling.support import TALKING, Running, enter, eventually, running_engine


async def test_ipv6_carries_a_call_beside_ipv4_on_the_same_port() -> None:
    async with running_engine("::") as running:
        ada = await enter(running, "ada", host="::1")
        bob = await enter(running, "bob")

        for _ in range(5):
            bob.talk()
            ada.talk()

        await eventually(lambda: "" if len(ada.received) == 5 else "ada hears nothing")
        await eventually(lambda: "" if len(bob.received) == 5 else "bob hears nothing")


async def test_announced_addresses_are_what_answers_name() -> None:
    engine = Engine(
        host="127.0.0.1",
        port=0,
        announce=["203.0.113.7", "2001:db8::7"],
        on_event=lambda _event: None,
    )
    await engine.start()
    peer = LightPeer(Identity(), list(TALKING))

    answer = engine.answer("call", "ada", peer.description(), 1)

    named = re.findall(r"a=candidate:\d+ 1 (\w+) \d+ (\S+) (\d+) typ host", answer)
    port = str(engine.port)
    assert named[:4] == [
        ("udp", "203.0.113.7", port),
        ("tcp", "203.0.113.7", port),
        ("udp", "2001:db8::7", port),
        ("tcp", "2001:db8::7", port),
    ]
    peer.close()
    await engine.close()


async def test_a_port_that_is_taken_is_an_error_at_the_start() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        engine = Engine(
            host="127.0.0.1", port=holder.getsockname()[1], on_event=lambda _event: None
        )

        with pytest.raises(OSError, match="in use"):
            await engine.start()


async def over_tcp(running: Running, name: str) -> tuple[LightPeer, asyncio.StreamWriter]:
    """A light peer whose datagrams travel as frames; they are read in the background."""
    peer = LightPeer(Identity(), list(TALKING))
    running.peers.append(peer)
    peer.read_remote(running.engine.answer("call", name, peer.description(), 1))
    reader, writer = await asyncio.open_connection("127.0.0.1", running.engine.port)

    def send(datagram: bytes | memoryview) -> None:
        writer.write(len(datagram).to_bytes(2, "big") + datagram)

    async def read() -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                peer.take(await reader.readexactly(size))

    peer.send_raw = send  # type: ignore[method-assign]
    running.tasks.append(asyncio.create_task(read()))
    await peer.connect()
    return peer, writer


async def test_tcp_carries_a_call_on_the_same_port(running: Running) -> None:
    received: list[bytes] = []
    peer, writer = await over_tcp(running, "ada")
    peer.on_rtp = lambda packet: received.append(bytes(packet))
    bob = await enter(running, "bob")

    for _ in range(5):
        bob.talk()

    await eventually(lambda: "" if len(received) == 5 else f"{len(received)} of 5")
    assert PeerConnected("call", "ada") in running.events
    writer.close()


async def test_a_lost_tcp_connection_leaves_no_address_behind(running: Running) -> None:
    _, writer = await over_tcp(running, "ada")
    known = running.engine._port.paths
    assert len(known) == 1

    writer.close()

    await eventually(lambda: "" if not known else f"still {list(known)}")


@pytest.mark.parametrize("frame", [b"\xff\xff", (LARGEST_FRAME + 1).to_bytes(2, "big")])
async def test_a_frame_too_large_ends_the_connection(running: Running, frame: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.engine.port)

    writer.write(frame + b"and so on")

    with suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()


async def test_empty_and_split_frames_are_taken_as_they_come(running: Running) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", running.engine.port)
    before = running.engine.counters.unknown_kind

    for byte in b"\0\0\0\0\0\1\xc8\0\2ab":
        writer.write(bytes((byte,)))
        await writer.drain()

    await eventually(
        lambda: (
            ""
            if running.engine.counters.unknown_kind == before + 4
            else f"{running.engine.counters}"
        )
    )
    writer.close()
