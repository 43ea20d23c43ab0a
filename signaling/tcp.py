"""The same port on TCP, for networks that let no UDP through: ICE-TCP, passive (RFC 6544).

Each datagram is a frame of two bytes of length and its bytes (RFC 4571), and is dealt with like
one from the UDP socket. Media is never queued up behind a slow connection: what does not fit a
small buffer is dropped, as a full router would.
"""

from asyncio import BaseTransport, Protocol, TimerHandle, Transport, get_running_loop
from collections import Counter
from collections.abc import Callable
from socket import AF_INET, AF_INET6, IPPROTO_TCP, TCP_NOTSENT_LOWAT, inet_pton, socket
from typing import Final, cast

from typing_extensions import override

from signaling.adapter import Address
from signaling.slot import SendTo

LARGEST_FRAME: Final = 1500
MOST_UNSENT: Final = 64 * 1024
"""Bytes waiting in one connection, and as many in the system's part of it, beyond which packets are
dropped: half a second at 2 Mbit/s. The system by itself would let megabytes wait."""
PROVE_WITHIN: Final = 5.0
"""Seconds in which a connection must bring an authentic check."""
MOST_CONNECTIONS: Final = 2_000
MOST_UNPROVED: Final = 100
"""Connections of one host in that time: whoever proves nothing leaves the others their places."""

Dispatch = Callable[[bytes, Address, SendTo], None]


class TcpConnections:
    """All connections of one port."""

    def __init__(
        self,
        dispatch: Dispatch,
        is_known: Callable[[Address], bool],
        forget: Callable[[Address], None],
    ) -> None:
        self.dispatch = dispatch
        self.is_known = is_known
        """Whether an address belongs to somebody."""
        self.forget = forget
        self.open: dict[Address, _TcpConnection] = {}
        self.unproved: Counter[bytes] = Counter()
        """How many of them are in their time to prove something, by host."""

    def accept(self) -> "_TcpConnection":
        """The protocol of a new connection."""
        return _TcpConnection(self)

    def end(self, address: Address) -> None:
        """End the connection that an address stands for, if it does, after what waits in it."""
        if (connection := self.open.get(address)) is not None:
            connection.end()

    def close(self) -> None:
        """End all of them."""
        for each in list(self.open.values()):
            each.close()


class _TcpConnection(Protocol):
    """One connection: frames in, frames out."""

    def __init__(self, owner: TcpConnections) -> None:
        self._owner = owner
        self._transport: Transport | None = None
        self._address: Address = ("", 0)
        self._unread = bytearray()
        self._proof: TimerHandle | None = None
        self._unproved = b""
        """The host while it is counted among those who have proved nothing."""

    @override
    def connection_made(self, transport: BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio's without deriving from them.
        self._transport = cast(Transport, transport)
        peer = transport.get_extra_info("peername")
        unproved = self._owner.unproved
        host = b"" if peer is None else _host(str(peer[0]))
        if len(self._owner.open) >= MOST_CONNECTIONS or unproved[host] >= MOST_UNPROVED or not host:
            self._transport.abort()
            return
        unproved[host] += 1
        self._unproved = host
        wire = cast(socket, transport.get_extra_info("socket"))
        wire.setsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT, MOST_UNSENT)
        # Unlike that of any datagram.
        self._address = str(peer[0]), int(peer[1]), "tcp"
        self._owner.open[self._address] = self
        self._proof = get_running_loop().call_later(PROVE_WITHIN, self._require_proof)

    def _require_proof(self) -> None:
        self._settle()
        if not self._owner.is_known(self._address):
            self.close()

    @override
    def data_received(self, data: bytes) -> None:
        self._unread += data
        while len(self._unread) >= 2:
            size = int.from_bytes(self._unread[:2], "big")
            if size > LARGEST_FRAME:
                self.close()
                return
            if len(self._unread) < 2 + size:
                return
            frame = bytes(self._unread[2 : 2 + size])
            del self._unread[: 2 + size]
            self._owner.dispatch(frame, self._address, self.send)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._proof is not None:
            self._proof.cancel()
        self._settle()
        self._owner.open.pop(self._address, None)
        self._owner.forget(self._address)

    def _settle(self) -> None:
        """Its time to prove something is over."""
        if self._unproved:
            unproved = self._owner.unproved
            unproved[self._unproved] -= 1
            if not unproved[self._unproved]:
                del unproved[self._unproved]
            self._unproved = b""

    def send(self, packet: bytes | memoryview, _address: Address) -> None:
        """Send a frame, or drop it when the connection does not keep up."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() <= MOST_UNSENT:
            transport.write(len(packet).to_bytes(2, "big") + packet)

    def end(self) -> None:
        """End the connection when what waits is sent, but soon."""
        if self._transport is not None and self._proof is not None:
            self._proof.cancel()
            self._proof = get_running_loop().call_later(PROVE_WITHIN, self.close)
            self._transport.close()

    def close(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()


def _host(address: str) -> bytes:
    """What an address is counted under: of IPv6 everybody has at least a /64 (RFC 6177)."""
    bare, _, _ = address.partition("%")  # the zone of a link-local address
    return inet_pton(AF_INET6, bare)[:8] if ":" in bare else inet_pton(AF_INET, bare)
