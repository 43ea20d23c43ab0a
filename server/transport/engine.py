"""python-engineio and python-socketio, subclassed: whatever is not on the fast path.

The way of a socket: `Engine.handle_request` (the handshake's HTTP, checked by `Gatekeeper`) ->
`Session` (Engine.IO packets) -> `SocketIo` (namespaces) -> `Membership` (the application's yes or
no). The libraries keep what they do right: dispatch, packet codecs, the shape of CONNECT and OPEN.
What they get wrong for a hostile world is overridden, and each override says why.

This is the only module that imports socketio and engineio; they are untyped, and `Any` ends here.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import engineio
import msgspec
import socketio
import structlog
from aiohttp import web
from engineio import packet as eio
from engineio.async_socket import AsyncSocket
from socketio import packet as sio
from typing_extensions import override

from server.errors import Code, Refusal
from server.transport.bounds import Rejection, TransportLimits
from server.transport.connection import Connection
from server.transport.thin import retry_soon
from server.transport.websocket import PushWebSocket

log = structlog.get_logger(__name__)

_MAIN = "/"


class Membership(Protocol):
    """What the edge decides for the machinery here; `edge.Transport` does."""

    limits: TransportLimits

    def refuse(self, request: web.Request) -> web.Response | None:
        """Refuse a handshake, or return None to let it go on."""

    def enter(self, request: web.Request, connection_id: str) -> Connection:
        """Register a new socket."""

    async def join(self, connection: Connection, auth: bytes) -> object:
        """Return the seat, or raise Refusal."""

    def joined(self, connection: Connection) -> None:
        """Note that CONNECT was answered."""

    def left(self, connection: Connection, reason: str) -> None:
        """Note that a seat was given up."""

    def leave(self, connection: Connection) -> None:
        """Forget a socket."""


class Engine(engineio.AsyncServer):  # type: ignore[misc]
    """Engine.IO's server: WebSocket only, no polling and no upgrades."""

    def __init__(self, membership: Membership, **options: object) -> None:
        super().__init__(**options)
        self.membership = membership

    @override
    async def handle_request(self, request: web.Request) -> web.StreamResponse:
        """Answer a handshake; the response of an accepted one lasts as long as its socket."""
        refusal = self.membership.refuse(request)
        if refusal is not None:
            return refusal
        response: web.StreamResponse = await super().handle_request(request)
        return response

    @override
    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> web.StreamResponse:
        """Run one session. Stock names its socket class here, and keeps the environ."""
        request: web.Request = environ["aiohttp.request"]
        # The caller's frame holds this dict for the socket's whole life: several kB of headers.
        environ.clear()
        sid = self.generate_id()
        session = Session(self, sid, self.membership.enter(request, self.generate_id()))
        self.sockets[sid] = session
        try:
            return await session.run(request)
        finally:
            del self.sockets[sid]
            self.membership.leave(session.connection)

    @override
    async def _trigger_event(self, event: str, *args: object, run_async: bool = False) -> object:
        """Call the handler. Stock logs a traceback per bad frame, and keeps the socket open."""
        return await self.handlers[event](*args)

    @override
    def create_queue(self, *_args: object, **_kwargs: object) -> None:
        """Return nothing: a session writes to the wire, not to a queue without a bound."""


class Session(AsyncSocket):  # type: ignore[misc]
    """One Engine.IO session: its packets, and the order in which they are handled."""

    def __init__(self, server: Engine, sid: str, connection: Connection) -> None:
        super().__init__(server, sid)
        self.connection = connection
        self.connect_by = asyncio.timeout(server.membership.limits.connect_deadline)
        self._ws: PushWebSocket | None = None
        self._asked = False
        self._seated = False

    async def run(self, request: web.Request) -> web.StreamResponse:
        """Serve the socket from the handshake to the end."""
        limits = self.server.membership.limits
        self._ws = PushWebSocket(
            self.connection,
            max_message=limits.max_message,
            max_before_admit=limits.max_before_connect,
        )
        await self._ws.prepare(request)
        if request.transport is not None:
            self.connected = self.upgraded = True
            retry_soon(request.transport)
            self.connection.open(request.transport, self._greeting(limits).encode())
            await self._serve()
            await self.connection.gone()
        return self._ws

    def _greeting(self, limits: TransportLimits) -> eio.Packet:
        return eio.Packet(
            eio.OPEN,
            {
                "sid": self.sid,
                "upgrades": [],
                "pingInterval": int(limits.ping_interval * 1000),
                "pingTimeout": int(limits.ping_timeout * 1000),
                "maxPayload": limits.max_message,
            },
        )

    async def _serve(self) -> None:
        """Handle, one after the other, the frames that the fast path left."""
        connection = self.connection
        try:
            async with self.connect_by:
                while (text := await connection.unusual()) is not None:
                    await self._handle(text)
        except TimeoutError:
            connection.reject(Rejection.UNAUTHENTICATED)
        finally:
            connection.close("server shutting down")  # when cancelled; else it is closed already
            self._leave(connection.closed or "")

    async def _handle(self, text: str) -> None:
        connection = self.connection
        if connection.joined and text.startswith("42") and connection.event(text):
            return
        try:
            packet = eio.Packet(encoded_packet=text)
            if packet.binary or text[:2] in ("45", "46"):
                connection.reject(Rejection.BINARY)
            else:
                await self.receive(packet)
        except Exception:  # noqa: BLE001 -- the libraries' decoders raise anything they meet
            connection.reject(Rejection.MALFORMED)

    @override
    async def send(self, pkt: eio.Packet) -> None:
        """Write a packet. Stock queues it for a task, without a bound."""
        self.connection.reply(pkt.encode())

    @override
    async def close(
        self, wait: bool = True, abort: bool = False, reason: str | None = None
    ) -> None:
        """Close. Stock's own flags and queue do not exist here."""
        self.connection.close(reason or "server disconnect")

    @override
    def schedule_ping(self) -> None:
        """Do nothing: the connection has its own timer, and this PONG answers no ping."""

    async def connect(self, auth: bytes) -> None:
        """Ask the application for a seat, and answer CONNECT or CONNECT_ERROR."""
        if self._asked:
            self.connection.reject(Rejection.UNEXPECTED)
            return
        self._asked = True
        deadline = self.connect_by.when()
        self.connect_by.reschedule(None)
        try:
            async with asyncio.timeout_at(deadline):
                seat = await self.server.membership.join(self.connection, auth)
        except Refusal as refusal:
            self._refuse(refusal)
        except TimeoutError:
            self._refuse(Refusal(Code.BUSY, "That took too long; try again in a moment."))
        except Exception:
            log.exception("transport.connect_failed", connection=self.connection.id)
            self._refuse(Refusal(Code.INTERNAL, "Something went wrong on our side."))
        else:
            self._seat(seat)

    def _seat(self, seat: object) -> None:
        self._seated = True
        assert self._ws is not None
        self._ws.admit()
        self._answer(sio.CONNECT, {"sid": self.connection.id})
        self.connection.admit(seat)
        self.server.membership.joined(self.connection)

    def _refuse(self, refusal: Refusal) -> None:
        data = {"code": refusal.code.value, **refusal.data}
        self._answer(sio.CONNECT_ERROR, {"message": refusal.message, "data": data})
        self.connection.reject(Rejection.REFUSED)

    def _answer(self, packet_type: int, data: dict[str, Any]) -> None:
        packet = sio.Packet(packet_type, data=data, namespace=_MAIN)
        self.connection.reply(eio.Packet(eio.MESSAGE, packet.encode()).encode())

    def leave_namespace(self) -> None:
        """The client sent DISCONNECT: without a seat again, it may stay until the deadline."""
        if not self._seated:
            self.connection.reject(Rejection.UNEXPECTED)
            return
        self.connection.leave()
        self._leave("client namespace disconnect")
        loop = asyncio.get_running_loop()
        self.connect_by.reschedule(loop.time() + self.server.membership.limits.connect_deadline)

    def _leave(self, reason: str) -> None:
        if self._seated:
            self._seated = False
            self.server.membership.left(self.connection, reason)


class SocketIo(socketio.AsyncServer):  # type: ignore[misc]
    """Socket.IO's server, with one namespace; rooms and broadcasts are the application's own."""

    def __init__(self, membership: Membership, **options: object) -> None:
        self._membership = membership
        super().__init__(async_handlers=False, **options)

    @override
    def _engineio_server_class(self) -> Callable[..., Engine]:
        return partial(Engine, self._membership)

    @override
    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: object) -> None:
        """Seat a client. Stock has no deadline, calls a handler that raised TypeError again, and
        refuses an unknown namespace without a message.
        """
        session: Session = self.eio.sockets[eio_sid]
        if namespace not in (None, _MAIN):
            await self._send_packet(
                eio_sid,
                sio.Packet(
                    sio.CONNECT_ERROR, data={"message": "Invalid namespace"}, namespace=namespace
                ),
            )
        elif data is not None and not isinstance(data, dict):
            session.connection.reject(Rejection.MALFORMED)
        else:
            await session.connect(msgspec.json.encode(data))

    @override
    async def _handle_disconnect(
        self, eio_sid: str, namespace: str | None, reason: str | None = None
    ) -> None:
        """Leave. The Engine.IO session stays, as the protocol has it."""
        if namespace in (None, _MAIN):
            self.eio.sockets[eio_sid].leave_namespace()

    @override
    async def _handle_event(
        self, eio_sid: str, namespace: str | None, id: int | None, data: object
    ) -> None:
        """Close: the fast path takes every event that has its place."""
        self.eio.sockets[eio_sid].connection.reject(Rejection.UNEXPECTED)

    @override
    async def _handle_ack(
        self, eio_sid: str, namespace: str | None, id: int | None, data: object
    ) -> None:
        """Ignore it, as the protocol's own server does with an id it does not know: we ask none."""
