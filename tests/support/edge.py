"""A Socket.IO edge with a small application behind it, and a peer that speaks bytes."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aiohttp import web

from server.errors import Code, Refusal
from server.transport import Connection, Transport, TransportLimits, frame_event
from tests.support.sio import TIMEOUT_S

HANDSHAKE = "/socket.io/?EIO=4&transport=websocket"
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
FIN = 0x80


@dataclass
class Edge:
    """What runs at `url`, and what it has seen."""

    url: str = ""
    seated: list[Connection] = field(default_factory=list)
    left: list[tuple[Connection, str]] = field(default_factory=list)
    heard: list[tuple[str, bytes, int | None]] = field(default_factory=list)
    hung: int = 0
    """How many `on_connect` were cancelled at their deadline."""
    transport: Transport = field(init=False)

    def open_sockets(self) -> str:
        """Say how many sockets are open; nothing when none is (for `eventually`)."""
        count = self.transport.connections
        return f"{count} sockets are open" if count else ""

    async def on_connect(self, connection: Connection, auth: bytes) -> object:
        """Seat everybody, unless the auth asks for something else."""
        wish = json.loads(auth) or {}
        if "refuse" in wish:
            raise Refusal(Code.NOT_ALLOWED, "You may not.", retryAfterMs=7)
        if "fail" in wish:
            raise RuntimeError("a fault of ours")
        for _ in range(wish.get("early", 0)):
            connection.send(frame_event("told", b'"early"'))
        if "hang" in wish:
            try:
                await asyncio.Event().wait()
            finally:
                self.hung += 1
        self.seated.append(connection)
        return auth

    def on_event(
        self, connection: Connection, name: str, argument: bytes, ack_id: int | None
    ) -> None:
        """Do what the event's name says."""
        self.heard.append((name, argument, ack_id))
        match name:
            case "echo" if ack_id is not None:
                connection.ack(ack_id, b'{"ok":true,"echo":%b}' % argument)
            case "tell":
                frame = frame_event("told", argument)
                for other in self.seated:
                    other.send(frame)
            case "fail":
                raise RuntimeError("a fault of ours")
            case "leave":
                connection.close("asked to", final=True)
            case _:
                return

    def on_disconnect(self, connection: Connection, reason: str) -> None:
        self.seated.remove(connection)
        self.left.append((connection, reason))


@asynccontextmanager
async def running_edge(
    limits: TransportLimits | None = None,
    *,
    person: Callable[[object], Hashable] | None = None,
    origins: tuple[str, ...] = (),
    trusted_proxies: tuple[str, ...] = (),
) -> AsyncIterator[Edge]:
    """Run an edge on a free port of loopback."""
    edge = Edge()
    edge.transport = Transport(
        on_connect=edge.on_connect,
        on_event=edge.on_event,
        on_disconnect=edge.on_disconnect,
        person=person,
        limits=limits,
        origins=origins,
        trusted_proxies=trusted_proxies,
    )
    app = web.Application()
    edge.transport.attach(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    edge.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield edge
    finally:
        await runner.cleanup()


class RawPeer:
    """The other end of a WebSocket, byte by byte; it answers nothing by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, along: bytes = b"") -> "AsyncIterator[RawPeer]":
        """Shake hands; `along` goes out in the same segment as the request."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        request = (
            f"GET {HANDSHAKE} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        )
        writer.write(request.encode() + along)
        await reader.readuntil(b"\r\n\r\n")
        peer = cls(reader, writer)
        try:
            yield peer
        finally:
            writer.close()

    def write(self, payload: bytes, opcode: int = TEXT, flags: int = FIN) -> None:
        """Write one masked frame."""
        size = len(payload)
        header = bytes([flags | opcode])
        if size < 126:
            header += bytes([0x80 | size])
        elif size < 65_536:
            header += bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            header += bytes([0x80 | 127]) + size.to_bytes(8, "big")
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self.writer.write(header + mask + masked)

    async def read(self) -> tuple[int, bytes]:
        """Read one frame: its opcode and payload; raises IncompleteReadError at the end."""
        first, second = await self.reader.readexactly(2)
        size = second & 0x7F
        if size == 126:
            size = int.from_bytes(await self.reader.readexactly(2), "big")
        elif size == 127:
            size = int.from_bytes(await self.reader.readexactly(8), "big")
        return first & 0xF, await self.reader.readexactly(size)

    def stop_reading(self) -> None:
        """Take nothing more from the kernel."""
        self.writer.transport.pause_reading()  # type: ignore[attr-defined]

    async def seat(self) -> None:
        """Send CONNECT and read up to its answer."""
        self.write(b"40")
        while not (await self.read())[1].startswith(b"40"):
            continue

    async def close_code(self) -> int:
        """Read to the end; return the code of the closing frame, 1006 without one."""
        code = 1006
        try:
            async with asyncio.timeout(TIMEOUT_S):
                while True:
                    opcode, payload = await self.read()
                    if opcode == CLOSE:
                        code = int.from_bytes(payload[:2], "big")
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return code
