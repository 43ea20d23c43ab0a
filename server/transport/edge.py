"""The assembly: one Socket.IO edge, its sockets, its doors and its three callbacks.

Who may open a socket is decided here (`refuse`), in the order of the Engine.IO protocol's own
error codes; who gets a seat, by `on_connect`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Hashable
from typing import Final

from aiohttp import hdrs, web

from server.limits import Gcra
from server.tick import Tick
from server.transport.bounds import Rejection, TransportLimits
from server.transport.connection import Connection, OnEvent
from server.transport.engine import SocketIo
from server.transport.origins import (
    Proxies,
    may_connect,
    neighbourhood,
    own_scheme,
    remote_address,
)

OnConnect = Callable[[Connection, bytes], Awaitable[object]]
OnDisconnect = Callable[[Connection, str], None]

_PATH: Final = "socket.io"


class Transport:
    """A Socket.IO 5 server on one namespace, over WebSocket only.

    `on_connect(connection, auth)` gets the JSON of CONNECT's argument (`null` without one) and
    returns the seat, or raises Refusal; it is cancelled at `connect_deadline`.
    `on_event(connection, name, argument, ack_id)` gets the JSON of the one argument; it is called
    within the socket's own callback, must not block and must not raise.
    `on_disconnect(connection, reason)` follows every `on_connect` that returned, once.
    `person(seat)` names whose seat it is: rates are then bound to people, so that nobody starts
    afresh by connecting again; without it, to sockets.
    """

    def __init__(
        self,
        *,
        on_connect: OnConnect,
        on_event: OnEvent,
        on_disconnect: OnDisconnect,
        person: Callable[[object], Hashable] | None = None,
        limits: TransportLimits | None = None,
        origins: Collection[str] = (),
        trusted_proxies: Collection[str] = (),
        tick: Tick | None = None,
    ) -> None:
        """Allow our own origin and `origins`; raises ValueError on a bad proxy network.

        Frames leave at the end of `tick`, which others may share.
        """
        self.limits = limits or TransportLimits()
        self.rejections: Counter[Rejection] = Counter()
        self._on_connect = on_connect
        self._on_event = on_event
        self._on_disconnect = on_disconnect
        self._person = person
        self._rates = Gcra(self.limits.rate)
        self._refusals = Gcra(self.limits.refusals)
        self._origins = frozenset(origins)
        self._proxies = Proxies.of(trusted_proxies)
        self._tick = tick or Tick()
        self._connections: set[Connection] = set()
        self._unseated: set[Connection] = set()
        self._crowd: Counter[str] = Counter()  # how many of `_unseated`, by neighbourhood
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()
        self._server = SocketIo(
            self,
            transports=["websocket"],
            # [] turns the library's own check off: it believes X-Forwarded-Host of anybody.
            cors_allowed_origins=[],
            logger=_quiet("socketio"),
            engineio_logger=_quiet("engineio"),
        )

    def attach(self, app: web.Application) -> None:
        """Serve `/socket.io/`, and close all sockets when the application shuts down."""
        self._server.attach(app, _PATH)
        app.on_shutdown.append(self._shut_down)

    async def close(self, reason: str = "server shutting down") -> None:
        """Take no more sockets, and close those there are; clients connect again elsewhere."""
        self._draining = True
        for connection in list(self._connections):
            connection.close(reason)
        await self._empty.wait()  # each is aborted after `close_deadline` at the latest

    @property
    def connections(self) -> int:
        """Open sockets, with and without a seat."""
        return len(self._connections)

    @property
    def unseated(self) -> int:
        """Open sockets whose CONNECT was not answered yet."""
        return len(self._unseated)

    # ---------------------------------------------------------------- for the engine

    def refuse(self, request: web.Request) -> web.Response | None:
        """Refuse what is no handshake of ours; None lets it go on."""
        if not may_connect(request, self._proxies, self._origins):
            return self._refusal(Rejection.ORIGIN, 403, 4, "Forbidden")
        wrong = _handshake_error(request)
        if wrong is not None:
            return self._refusal(Rejection.HANDSHAKE, 400, *wrong)
        if self._draining:
            return self._refusal(Rejection.DRAINING, 503, 3, "Server is stopping")
        if len(self._connections) >= self.limits.sockets:
            return self._refusal(Rejection.CROWD, 503, 3, "Too many connections")
        place = neighbourhood(remote_address(request, self._proxies))
        if self._crowd[place] >= self.limits.unauthenticated_per_address:
            return self._refusal(Rejection.CROWD, 429, 3, "Too many connections of this address")
        return None

    def enter(self, request: web.Request, connection_id: str) -> Connection:
        """Register a new socket."""
        connection = Connection(
            connection_id,
            remote_address(request, self._proxies),
            request,
            secure=own_scheme(request, self._proxies) == "https",
            limits=self.limits,
            rejections=self.rejections,
            on_event=self._on_event,
            tick=self._tick,
        )
        self._connections.add(connection)
        self._unseated.add(connection)
        self._crowd[neighbourhood(connection.remote)] += 1
        self._empty.clear()
        return connection

    async def join(self, connection: Connection, auth: bytes) -> object:
        """Return the seat; raises Refusal."""
        seat = await self._on_connect(connection, auth)
        if self._person is not None:
            person = self._person(seat)
            connection.allowance = self._rates.of(person)
            connection.refusals = self._refusals.of(person)
        return seat

    def joined(self, connection: Connection) -> None:
        """Note that CONNECT was answered with yes."""
        if connection in self._unseated:
            self._unseated.remove(connection)
            place = neighbourhood(connection.remote)
            self._crowd[place] -= 1
            if not self._crowd[place]:
                del self._crowd[place]

    def left(self, connection: Connection, reason: str) -> None:
        """Tell the application that a seat was given up."""
        self._on_disconnect(connection, reason)

    def leave(self, connection: Connection) -> None:
        """Forget a socket that is gone."""
        self.joined(connection)
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def _refusal(self, kind: Rejection, status: int, code: int, message: str) -> web.Response:
        self.rejections[kind] += 1
        return web.json_response({"code": code, "message": message}, status=status)

    async def _shut_down(self, _: web.Application) -> None:
        await self.close()


def _handshake_error(request: web.Request) -> tuple[int, str] | None:
    """Return the Engine.IO error code and its sentence, if this is no WebSocket handshake."""
    query = request.query
    if query.get("transport") != "websocket":
        return 0, "Transport unknown"
    if "sid" in query:  # an upgrade from polling, which we do not have
        return 1, "Session ID unknown"
    if request.method != hdrs.METH_GET:
        return 2, "Bad handshake method"
    if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
        return 3, "Bad request"
    if query.get("EIO") != "4":
        return 5, "Unsupported protocol version"
    return None


def _quiet(name: str) -> logging.Logger:
    """Return the library's logger, without the packets it would log at INFO."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    return logger
