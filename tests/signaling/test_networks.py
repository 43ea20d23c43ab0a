"""Other networks: IPv6, TCP, announced addresses, a port that is taken."""

import asyncio
import re
import socket
from contextlib import AsyncExitStack, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.light_peer import Identity, LightPeer, rtp
from signaling import Engine, PeerConnected
from signaling.connection import MOST_PATHS
from signaling.port import granted
from signaling.tcp import LARGEST_FRAME, MOST_UNPROVED, MOST_UNSENT, TcpConnections
from tests.signaling.support import (
    AUDIO_SSRC,
    TALKING,
    Running,
    enter,
    eventually,
    running_engine,
)


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


def test_a_buffer_is_as_large_as_it_was_asked_for() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)

        assert granted(bound) == 1 << 16


async def test_a_port_that_is_taken_is_an_error_at_the_start() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        engine = Engine(
            host="127.0.0.1", port=holder.getsockname()[1], on_event=lambda _event: None
        )

        with pytest.raises(OSError, match="in use"):
            await engine.start()


async def over_tcp(
    running: Running, name: str, host: str = "127.0.0.1"
) -> tuple[LightPeer, asyncio.StreamWriter]:
    """A light peer whose datagrams travel as frames; they are read in the background."""
    peer = LightPeer(Identity(), list(TALKING), host)
    running.peers.append(peer)
    peer.read_remote(running.engine.answer("call", name, peer.description(), 1))
    reader, writer = await asyncio.open_connection(host, running.engine.port)

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


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_tcp_carries_a_call_on_the_same_port(host: str) -> None:
    async with running_engine("::") as running:
        received: list[bytes] = []
        peer, writer = await over_tcp(running, "ada", host)
        peer.on_rtp = lambda packet: received.append(bytes(packet))
        bob = await enter(running, "bob")

        for number in range(1, 6):
            bob.talk()
            peer.send(rtp("audio", AUDIO_SSRC, number, number * 960, b"media"))

        await eventually(lambda: "" if len(received) == 5 else f"{len(received)} of 5")
        await eventually(lambda: "" if len(bob.received) == 5 else f"{len(bob.received)} of 5")
        assert PeerConnected("call", "ada") in running.events
        writer.close()


async def test_who_reads_too_slowly_loses_packets_and_nobody_else_does(running: Running) -> None:
    ada = LightPeer(Identity(), list(TALKING))
    running.peers.append(ada)
    ada.read_remote(running.engine.answer("call", "ada", ada.description(), 1))
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.connect(("127.0.0.1", running.engine.port))
    slow.setblocking(False)
    reader, writer = await asyncio.open_connection(sock=slow, limit=1024)

    def send(datagram: bytes | memoryview) -> None:
        writer.write(len(datagram).to_bytes(2, "big") + datagram)

    async def read_until_connected() -> None:
        while not ada.established.is_set():
            size = int.from_bytes(await reader.readexactly(2), "big")
            ada.take(await reader.readexactly(size))

    ada.send_raw = send  # type: ignore[method-assign]
    await asyncio.gather(read_until_connected(), ada.connect())
    bob = await enter(running, "bob")
    cy = await enter(running, "cy", spares=1)

    (connection,) = running.engine._port._tcp.open.values()
    transport = connection._transport
    assert transport is not None
    for sent in range(1, 2_001):
        bob.talk("video", payload=bytes(1_000))
        if sent % 20 == 0:
            await eventually(lambda sent=sent: "" if len(cy.received) == sent else "cy misses some")  # type: ignore[misc]

    assert MOST_UNSENT < transport.get_write_buffer_size() <= MOST_UNSENT + LARGEST_FRAME + 2
    writer.close()


async def test_a_host_that_proves_nothing_takes_no_place_from_another() -> None:
    async with running_engine("::") as running, AsyncExitStack() as stack:
        readers = []
        for _ in range(MOST_UNPROVED + 1):
            reader, stranger = await asyncio.open_connection("::1", running.engine.port)
            stack.callback(stranger.close)
            readers.append(reader)

        assert await readers[-1].read() == b""
        assert len(running.engine._port._tcp.open) == MOST_UNPROVED
        _, writer = await over_tcp(running, "ada", "127.0.0.1")
        writer.close()


async def test_whoever_was_a_stranger_before_may_come_again(running: Running) -> None:
    address, tcp = ("127.0.0.1", running.engine.port), running.engine._port._tcp
    for _ in range(2):
        strangers = [await asyncio.open_connection(*address) for _ in range(MOST_UNPROVED)]
        await eventually(lambda: "" if len(tcp.open) == MOST_UNPROVED else f"{len(tcp.open)} open")
        for _, stranger in strangers:
            stranger.close()
        await eventually(lambda: "still open" if tcp.open else "")

    assert not tcp.unproved


async def test_leaving_ends_the_tcp_connection_after_a_last_word(running: Running) -> None:
    peer, writer = await over_tcp(running, "ada")
    tcp = running.engine._port._tcp
    assert len(tcp.open) == 1

    running.engine.leave("call", "ada")

    await eventually(lambda: "still open" if tcp.open else "")
    await eventually(lambda: "" if peer.closed else "no close_notify")
    writer.close()


async def test_only_so_many_connections_of_a_person_are_kept(running: Running) -> None:
    peer, first = await over_tcp(running, "ada")
    tcp, others = running.engine._port._tcp, []

    for _ in range(2 * MOST_PATHS):
        _, writer = await asyncio.open_connection("127.0.0.1", running.engine.port)
        others.append(writer)
        check = peer.check(nominate=False)
        writer.write(len(check).to_bytes(2, "big") + check)
        await eventually(
            lambda writer=writer: (  # type: ignore[misc]
                ""
                if (*writer.get_extra_info("sockname"), "tcp") in running.engine._port.paths
                else "not known"
            )
        )

    await eventually(lambda: "" if len(tcp.open) == MOST_PATHS else f"{len(tcp.open)} open")
    for writer in (first, *others):
        writer.close()


@given(
    st.lists(st.binary(max_size=LARGEST_FRAME), max_size=20),
    st.lists(st.integers(1, 3000), max_size=40),
)
def test_frames_are_the_same_however_they_are_cut(frames: list[bytes], cuts: list[int]) -> None:
    taken: list[bytes] = []
    tcp = TcpConnections(
        lambda frame, _address, _send: taken.append(frame), lambda _address: True, lambda _: None
    )
    connection = tcp.accept()
    stream = b"".join(len(frame).to_bytes(2, "big") + frame for frame in frames)

    for cut in (*cuts, len(stream)):
        connection.data_received(stream[:cut])
        stream = stream[cut:]

    assert taken == frames


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


async def test_a_restart_of_ice_keeps_the_keys_and_the_last_credentials_until_the_next(
    running: Running,
) -> None:
    ada, bob = await enter(running, "ada"), await enter(running, "bob")
    known = running.engine._port.users
    first = ada.peer.remote_ufrag

    for generation in (2, 3):
        ada.peer.ufrag = f"fresh{generation}"
        answer = running.engine.answer("call", "ada", ada.peer.description(), generation)
        before = ada.peer.checks_answered
        ada.peer.send_raw(ada.peer.check())
        await eventually(lambda before=before: "" if ada.peer.checks_answered > before else "old")  # type: ignore[misc]
        ada.peer.read_remote(answer)
        ada.peer.send_raw(ada.peer.check())
        await eventually(
            lambda before=before: "" if ada.peer.checks_answered > before + 1 else "new"  # type: ignore[misc]
        )
        ada.received.clear()
        bob.talk()
        await eventually(lambda: "" if ada.received else "ada hears nothing")

    assert first not in known
    assert len(known) == 3
    assert running.events.count(PeerConnected("call", "ada")) == 1
