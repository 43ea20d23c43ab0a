"""Is the engine reached? A browser's first check, made directly or through a relay.

No part of the packet path: `parley doctor` asks from another process, perhaps another machine.
After RFC 8489 (STUN), RFC 8445 7.2 (connectivity checks), RFC 4571 (framing on TCP) and RFC 8656
(TURN). Counterparts: `port.Port`, which answers, and coturn.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ssl import SSLContext
from time import monotonic
from typing import Final, TypeVar, cast

from aioice import stun
from aioice.turn import TurnClientTcpProtocol, TurnClientUdpProtocol
from typing_extensions import override

from signaling.adapter import read_stun

ATTEMPTS: Final = 4
"""Datagrams that are sent before nobody is there: one alone may be lost."""
PATIENCE: Final = 0.75
"""Seconds of waiting after each of them."""
TIMEOUT: Final = 5.0
"""Seconds for everything that is a connection or an exchange with a relay."""
LIFETIME: Final = 60
"""Seconds that a place on a relay is asked for."""
UNREAD: Final = 16
"""Datagrams that wait to be looked at; more are dropped."""
_CHANNEL: Final = 0x4FFF
"""The number that is bound to see whether the relay allows it: the last one (RFC 8656, 12)."""
_FORBIDDEN: Final = 403

T = TypeVar("T")


class ProbeFailed(Exception):
    """Nobody there, or not the one we looked for. `code` is the relay's error code, else 0."""

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class IceUser:
    """Whom the engine takes the checks for: what its answer says (RFC 8839)."""

    fragment: str
    password: str


@dataclass(frozen=True, slots=True)
class TurnServer:
    """Where a relay is, and how it is spoken to: UDP, TCP, or TLS where `tls` is given."""

    host: str
    port: int
    transport: str
    tls: SSLContext | None
    username: str
    credential: str


async def check_udp(host: str, port: int, user: IceUser) -> float:
    """Seconds until the engine answered a check. Raises `ProbeFailed`."""
    loop = asyncio.get_running_loop()
    try:
        transport, inbox = await loop.create_datagram_endpoint(_Inbox, remote_addr=(host, port))
    except OSError as error:
        raise ProbeFailed(_reason(error)) from error
    try:

        async def send(datagram: bytes) -> None:
            transport.sendto(datagram)

        return await _check(send, inbox, user)
    finally:
        transport.close()


async def check_tcp(host: str, port: int, user: IceUser) -> float:
    """As `check_udp`, on TCP."""
    check = _request(user)
    begun = monotonic()
    reader, writer = await _in_time(asyncio.open_connection(host, port))
    try:
        writer.write(struct.pack("!H", len(check)) + check)
        (length,) = struct.unpack("!H", await _in_time(reader.readexactly(2)))
        if not _answers(await _in_time(reader.readexactly(length)), check, user):
            raise ProbeFailed("somebody else answers there")
    finally:
        writer.close()
    return monotonic() - begun


@asynccontextmanager
async def relayed(server: TurnServer) -> AsyncIterator["Relayed"]:
    """A place on a relay, given back in the end. Raises `ProbeFailed`."""
    client = await _dial(server)
    try:
        await _in_time(client.connect())
        try:
            yield Relayed(client)
        finally:
            with suppress(ProbeFailed):
                await _in_time(client.delete())
    finally:
        client.transport.close()


class Relayed:
    """What can be done from a place on a relay."""

    def __init__(self, client: TurnClientUdpProtocol | TurnClientTcpProtocol) -> None:
        self._client = client
        self._inbox = _Inbox()
        client.receiver = self._inbox

    async def check(self, host: str, port: int, user: IceUser) -> float:
        """As `check_udp`, through the relay."""

        async def send(datagram: bytes) -> None:
            await _in_time(self._client.send_data(datagram, (host, port)))

        return await _check(send, self._inbox, user)

    async def permits(self, host: str, port: int) -> bool:
        """Whether the relay would send there; nothing is sent."""
        try:
            await _in_time(self._client.channel_bind(_CHANNEL, (host, port)))
        except ProbeFailed as failed:
            if failed.code == _FORBIDDEN:
                return False
            raise
        return True


class _Inbox(asyncio.DatagramProtocol):
    """Datagrams that came, the newest dropped when nobody looks."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[bytes] = asyncio.Queue(UNREAD)
        self.closed_there = False
        """The machine said that nobody has this port (ICMP)."""

    @override
    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        with suppress(asyncio.QueueFull):
            self.queue.put_nowait(data)

    @override
    def error_received(self, exc: Exception) -> None:
        self.closed_there = isinstance(exc, ConnectionRefusedError)


async def _check(send: Callable[[bytes], Awaitable[None]], inbox: _Inbox, user: IceUser) -> float:
    check = _request(user)
    for _ in range(ATTEMPTS):
        sent = monotonic()
        await send(check)
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not _answers(await inbox.queue.get(), check, user):
                    pass
                return monotonic() - sent
        if inbox.closed_there:
            raise ProbeFailed("the machine says that nobody listens there")
    raise ProbeFailed("nothing comes back")


def _request(user: IceUser) -> bytes:
    """A connectivity check that nominates nothing (RFC 8445, 7.2.4)."""
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{user.fragment}:doctor"
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 1
    message.add_message_integrity(user.password.encode())
    message.add_fingerprint()
    return bytes(message)


def _answers(datagram: bytes, check: bytes, user: IceUser) -> bool:
    """Whether this is the engine's own answer to the check: nobody else knows the password."""
    message = read_stun(datagram)
    return (
        message is not None
        and message.message_class is stun.Class.RESPONSE
        and message.transaction_id == check[8:20]
        and message.check_message_integrity(user.password.encode())
    )


async def _dial(server: TurnServer) -> TurnClientUdpProtocol | TurnClientTcpProtocol:
    loop = asyncio.get_running_loop()
    kind = TurnClientUdpProtocol if server.transport == "udp" else TurnClientTcpProtocol

    def client() -> TurnClientUdpProtocol | TurnClientTcpProtocol:
        where = (server.host, server.port)
        return kind(where, server.username, server.credential, LIFETIME, LIFETIME)

    opening: Awaitable[tuple[object, asyncio.BaseProtocol]]
    if server.transport == "udp":
        opening = loop.create_datagram_endpoint(
            cast(Callable[[], TurnClientUdpProtocol], client),
            remote_addr=(server.host, server.port),
        )
    else:
        opening = loop.create_connection(
            cast(Callable[[], TurnClientTcpProtocol], client),
            server.host,
            server.port,
            ssl=server.tls,
        )
    _, opened = await _in_time(opening)
    return cast("TurnClientUdpProtocol | TurnClientTcpProtocol", opened)


async def _in_time(work: Awaitable[T]) -> T:
    """What `work` gives; whatever goes wrong with it is a `ProbeFailed`."""
    try:
        async with asyncio.timeout(TIMEOUT):
            return await work
    except stun.TransactionFailed as error:
        code = error.response.error_code or 0
        raise ProbeFailed(f"it refuses with the error {code}", code) from error
    except (TimeoutError, stun.TransactionTimeout) as error:
        raise ProbeFailed("nothing comes back") from error
    except (OSError, EOFError) as error:
        raise ProbeFailed(_reason(error)) from error


def _reason(error: Exception) -> str:
    match error:
        case ConnectionRefusedError():
            return "the machine says that nobody listens there"
        case EOFError():
            return "the connection is closed at once"
        case _:
            return str(error).rstrip(".") or type(error).__name__
