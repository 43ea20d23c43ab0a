"""The life of a socket: what it may do before it has a seat, and how it ends."""

import asyncio
import gc
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE
from urllib.parse import urlsplit

import aiohttp
import pytest

from server.transport import Connection, Frame, Rejection, TransportLimits, frame_event
from server.transport.engine import Session
from server.transport.websocket import PushWebSocket
from tests.support.counts import count
from tests.support.edge import HANDSHAKE, RawPeer, running_edge
from tests.support.sio import TIMEOUT_S, ConnectRefused, SioClient
from tests.support.valkey import eventually

# -------------------------------------------------------------------- from the first byte on


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can be asked for it")
async def test_what_is_lost_on_the_way_is_sent_again_at_the_same_pace_at_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wires: list[asyncio.BaseTransport] = []
    open_wire = Connection.open

    def seen(self: Connection, wire: asyncio.WriteTransport, greeting: str) -> None:
        wires.append(wire)
        open_wire(self, wire, greeting)

    monkeypatch.setattr(Connection, "open", seen)
    async with running_edge() as edge, SioClient.open(edge.url):
        kernel: socket.socket = wires[0].get_extra_info("socket")

        assert kernel.getsockopt(socket.IPPROTO_TCP, 16) == 1
        assert not kernel.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16).startswith(
            b"bbr"
        )


# -------------------------------------------------------------------- before the seat


async def test_a_socket_without_connect_is_closed_at_the_deadline_though_it_answers_pings() -> None:
    limits = TransportLimits(connect_deadline=0.5, ping_interval=0.1)
    async with running_edge(limits) as edge, SioClient.open(edge.url) as client:
        assert await client.closed() == 1008
        assert client.frames.count("2") >= 2
        assert edge.transport.rejections[Rejection.UNAUTHENTICATED] == 1


async def test_a_connect_that_is_not_decided_in_time_is_cancelled_and_told() -> None:
    limits = TransportLimits(connect_deadline=0.3)
    async with running_edge(limits) as edge:
        with pytest.raises(ConnectRefused) as refusal:
            async with SioClient.connect(edge.url, auth={"hang": 1}):
                pass

        assert refusal.value.code == "busy"
        assert edge.hung == 1


async def test_more_bytes_than_allowed_before_connect_close_the_socket() -> None:
    async with running_edge() as edge, RawPeer.open(edge.url) as peer:
        peer.write(b'40{"a":"' + b"x" * 4096 + b'"}')

        assert await peer.close_code() == 1009
        assert edge.transport.rejections[Rejection.OVERSIZED] == 1
        assert not edge.seated


async def test_only_so_many_sockets_of_one_address_may_be_without_a_seat() -> None:
    limits = TransportLimits(unauthenticated_per_address=3)
    async with running_edge(limits) as edge:
        async with (
            RawPeer.open(edge.url) as one,
            RawPeer.open(edge.url),
            RawPeer.open(edge.url),
        ):
            assert await handshake_status(edge.url) == 429
            await one.seat()
            assert await handshake_status(edge.url) == 101

        await eventually(edge.open_sockets)
        assert edge.transport.unseated == 0
        assert edge.transport.rejections[Rejection.CROWD] == 1


async def test_a_full_process_takes_no_more_sockets() -> None:
    async with running_edge(TransportLimits(sockets=1)) as edge, SioClient.connect(edge.url):
        assert await handshake_status(edge.url) == 503


async def test_half_sent_requests_do_not_keep_a_client_out() -> None:
    async with running_edge() as edge, asyncio.TaskGroup() as opening:
        parts = urlsplit(edge.url)
        slow = [
            opening.create_task(asyncio.open_connection(parts.hostname, parts.port))
            for _ in range(count(300, full=1000))
        ]
        for task in asyncio.as_completed(slow):
            (await task)[1].write(b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost:")

        async with asyncio.timeout(TIMEOUT_S), SioClient.connect(edge.url) as client:
            assert (await client.call("echo", 1))["ok"] is True

        # Nobody had to be let go of first.
        assert not any(task.result()[0].at_eof() for task in slow)
        for task in slow:
            task.result()[1].close()


async def test_a_server_out_of_descriptors_recovers() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.edge_process", "64", stdout=PIPE, stderr=DEVNULL
    )
    try:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), TIMEOUT_S)).decode().strip()
        parts = urlsplit(url)
        held = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(150)]
        for _, writer in held:
            writer.close()

        async with asyncio.timeout(TIMEOUT_S), SioClient.connect(url) as client:
            assert (await client.call("echo", 1))["ok"] is True
    finally:
        process.kill()
        await process.wait()


async def handshake_status(url: str) -> int:
    """Open a socket and close it; return the status of the handshake."""
    async with aiohttp.ClientSession() as http:
        try:
            async with http.ws_connect(url + HANDSHAKE):
                return 101
        except aiohttp.WSServerHandshakeError as refusal:
            return refusal.status


# -------------------------------------------------------------------- the end


async def test_on_disconnect_follows_every_seat_exactly_once() -> None:
    async with running_edge() as edge:
        for _ in range(20):
            async with SioClient.connect(edge.url):
                pass
        async with SioClient.connect(edge.url) as client:
            client.ws._response.connection.transport.abort()  # type: ignore[union-attr]

        await eventually(lambda: "" if len(edge.left) == 21 else f"{len(edge.left)} left")
        assert not edge.seated
        await eventually(edge.open_sockets)


async def test_closing_the_edge_says_goodbye_and_takes_no_more() -> None:
    async with running_edge() as edge, SioClient.connect(edge.url) as client:
        edge.seated[0].send(frame_event("bye", b'{"reason":"restart"}'))
        await edge.transport.close()

        assert await client.next("bye") == {"reason": "restart"}
        assert await client.closed() == 1000
        assert not client.disconnected  # so that it connects again by itself
        assert await handshake_status(edge.url) == 503


async def test_a_peer_that_ignores_our_close_is_aborted() -> None:
    limits = TransportLimits(close_deadline=0.2)
    async with running_edge(limits) as edge, RawPeer.open(edge.url) as peer:
        await peer.seat()
        edge.seated[0].close("enough")

        assert await peer.close_code() == 1000
        await eventually(edge.open_sockets)


async def test_sending_to_a_closed_connection_does_nothing() -> None:
    async with running_edge() as edge, SioClient.connect(edge.url) as client:
        connection = edge.seated[0]
        connection.close("first")
        connection.close("second")
        connection.send(Frame(b"never"))
        connection.ack(1, b"{}")

        await client.closed()
        assert edge.left == [(connection, "first")]
        assert connection.buffered == 0


@pytest.mark.timeout(count(300, full=600))
async def test_visits_leave_nothing_behind() -> None:
    limits = TransportLimits(unauthenticated_per_address=100)
    async with running_edge(limits) as edge:
        for _ in range(count(10, full=500)):
            async with asyncio.TaskGroup() as visits:
                for _ in range(20):
                    visits.create_task(visit(edge.url))
        await eventually(edge.open_sockets)
        edge.left.clear()
        gc.collect()

        left = [
            type(thing).__name__
            for thing in gc.get_objects()
            if isinstance(thing, Connection | Session | PushWebSocket)
        ]
        assert left == []


async def visit(url: str) -> None:
    """Connect, say something, leave."""
    async with SioClient.connect(url) as client:
        await client.call("echo", 1)
