"""The one port, UDP and TCP: datagrams in, told apart, and handed to whom they belong.

RFC 7983 tells protocols apart by their first byte, the sender's address tells people apart: it
belongs to somebody once an authenticated STUN check came from it. Everything else is dropped and
counted (`counters`). Nothing that a datagram contains may raise beyond `_read`.
"""

import errno
import logging
import socket
import sys
from asyncio import AbstractEventLoop, Server
from contextlib import suppress
from functools import partial
from time import monotonic_ns
from typing import TYPE_CHECKING, Final

from signaling.adapter import Address, BindingRequest, Identity
from signaling.connection import Path
from signaling.counters import Counters
from signaling.slot import SendTo
from signaling.stream import Packets
from signaling.tcp import TcpConnections

if TYPE_CHECKING:
    from signaling.peer import Peer

BATCH: Final = 32
"""Datagrams read at one wake-up, so that a flood leaves time for everything else."""
SOCKET_BUFFER: Final = 4 << 20
"""Bytes asked of the system. Its default of 208 KiB loses packets on a busy machine, and of 200
people who join at once half: a lost flight of DTLS is sent again after a second."""
LARGEST: Final = 1500
SMALLEST_SRTCP: Final = 12
LARGEST_CHECK: Final = 600
FREE_PORT_ATTEMPTS: Final = 20
"""Ports tried until one is free on UDP and TCP, where any will do."""
LIVING: Final = 5_000_000_000
"""Nanoseconds since the last sign of life in which an address cannot be taken by another."""
FAULT_LOG_EVERY: Final = 60_000_000_000

_BUFFERS: Final = ((socket.SO_RCVBUF, 33), (socket.SO_SNDBUF, 32))
"""The usual option, and Linux's SO_RCVBUFFORCE and SO_SNDBUFFORCE, nameless in Python."""
_STUN_COOKIE: Final = bytes.fromhex("2112A442")
_SMALL_BUFFER: Final = (
    "The system gives the media port a receive buffer of %d bytes. When many join at once, some "
    "wait a second longer. Set net.core.rmem_max and net.core.wmem_max to %d."
)
_log = logging.getLogger(__name__)


class Port:
    """The sockets and the two tables of who is who."""

    def __init__(self) -> None:
        self.packets = Packets()
        self.counters = Counters()
        self.identity = Identity()
        self.users: dict[str, Peer] = {}
        """Our ICE user fragment -> person."""
        self.paths: dict[Address, Path] = {}
        """Address -> person whose it has proved to be."""
        self.number = 0
        self._sockets: list[socket.socket] = []
        self._servers: list[Server] = []
        self._tcp = TcpConnections(self._take_frame, self.paths.__contains__, self._lose)
        self._loop: AbstractEventLoop | None = None
        self._fault_logged = -FAULT_LOG_EVERY

    async def open(self, loop: AbstractEventLoop, host: str, number: int) -> None:
        """Bind and listen: `::` means IPv6 and IPv4. Raises OSError."""
        hosts = ["::", "0.0.0.0"] if host == "::" else [host]  # noqa: S104 - as asked for
        self._loop = loop
        for attempt in range(FREE_PORT_ATTEMPTS):
            try:
                await self._bind_all(loop, hosts, number)
            except OSError as error:
                self.close()
                # A number that the system gave for UDP may be taken on TCP.
                taken = error.errno == errno.EADDRINUSE and number == 0
                if not taken or attempt == FREE_PORT_ATTEMPTS - 1:
                    raise
            else:
                break
        for bound in self._sockets:
            loop.add_reader(bound.fileno(), partial(self._read, bound))

    async def _bind_all(self, loop: AbstractEventLoop, hosts: list[str], number: int) -> None:
        self.number = number
        for host in hosts:
            bound = _bind(host, self.number)
            self._sockets.append(bound)
            self.number = int(bound.getsockname()[1])
            self._servers.append(
                await loop.create_server(self._tcp.accept, host, self.number, backlog=128)
            )

    def close(self) -> None:
        """Stop listening and forget everybody."""
        for each in self._sockets:
            if self._loop is not None:
                self._loop.remove_reader(each.fileno())
            each.close()
        for server in self._servers:
            server.close()
        self._tcp.close()
        self._servers.clear()
        self._sockets.clear()
        self.users.clear()
        self.paths.clear()

    def forget(self, peer: "Peer") -> None:
        """Take nothing from this person any more."""
        for credentials in peer.connection.credentials:
            self.users.pop(credentials.ufrag, None)
        for address, path in peer.connection.paths.items():
            if self.paths.get(address) is path:
                del self.paths[address]
                self._tcp.end(address)

    # ------------------------------------------------------------------------------- packets

    def _read(self, bound: socket.socket) -> None:
        receive_into, view, paths = bound.recvfrom_into, self.packets.received.view, self.paths
        for _ in range(BATCH):
            try:
                size, address = receive_into(view)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error about something sent earlier
            try:
                # Media from people who have proved their address: the quick way for almost all.
                path = paths.get(address) if 127 < view[0] < 192 else None
                if path is not None and SMALLEST_SRTCP <= size <= LARGEST:
                    path.peer.receive(size, path)
                else:
                    self._dispatch(size, address, bound.sendto)
            except Exception:  # noqa: BLE001 - one datagram must not end everybody's calls
                self.note_fault()

    def _take_frame(self, frame: bytes, address: Address, send: SendTo) -> None:
        """Deal with a datagram that came over TCP."""
        self.packets.received.view[: len(frame)] = frame
        try:
            self._dispatch(len(frame), address, send)
        except Exception:  # noqa: BLE001 - one frame must not end everybody's calls
            self.note_fault()

    def _lose(self, address: Address) -> None:
        """A TCP connection has ended, and with it its address."""
        path = self.paths.pop(address, None)
        if path is not None:
            path.peer.connection.paths.pop(address, None)

    def _dispatch(self, size: int, address: Address, send: SendTo) -> None:
        view = self.packets.received.view
        first = view[0] if size else 255
        if 127 < first < 192:
            path = self.paths.get(address)
            if path is None:
                self.counters.unverified += 1
            elif SMALLEST_SRTCP <= size <= LARGEST:
                path.peer.receive(size, path)
            else:
                self.counters.unknown_kind += 1
        elif size < 13 or size > LARGEST:
            self.counters.unknown_kind += 1
        elif first < 4:
            self._check(size, address, send)
        elif 19 < first < 64:
            path = self.paths.get(address)
            if path is None:
                self.counters.unverified += 1
            else:
                connection = path.peer.connection
                connection.receive_dtls(bytes(view[:size]), path, monotonic_ns())
        else:
            self.counters.unknown_kind += 1

    def _check(self, size: int, address: Address, send: SendTo) -> None:
        """Answer a STUN check that is authentic; nothing is sent for any other."""
        authentic = self._authentic(size)
        if authentic is None:
            return
        holder = self.paths.get(address)
        if holder is not None:
            # Only now: who writes this sender's address must not use up their checks.
            holder.checks_left -= 1
            if holder.checks_left < 0:
                self.counters.over_budget += 1
                return
        peer, request, password = authentic
        now = monotonic_ns()
        if holder is not None and holder.peer is not peer:
            if now - holder.heard < LIVING and holder.peer.is_connected:
                self.counters.stun_refused += 1
                return
            holder.peer.connection.paths.pop(address, None)
        dropped = peer.connection.checked(request, address, send, now)
        if dropped is not None and self.paths.get(dropped.address) is dropped:
            del self.paths[dropped.address]
            self._tcp.end(dropped.address)
        path = self.paths[address] = peer.connection.paths[address]
        path.send_now(request.answer((str(address[0]), int(address[1])), password))

    def _authentic(self, size: int) -> tuple["Peer", BindingRequest, str] | None:
        """Whose check the received datagram is, and the password that proves it."""
        view = self.packets.received.view
        plausible = 20 <= size <= LARGEST_CHECK and view[4:8] == _STUN_COOKIE
        request = BindingRequest.parse(bytes(view[:size])) if plausible else None
        if request is None:
            self.counters.stun_malformed += 1
            return None
        ufrag = request.username.partition(":")[0]
        peer = self.users.get(ufrag)
        if peer is None:
            self.counters.stun_unknown_user += 1
            return None
        password = peer.connection.password(ufrag)
        if not request.authentic(password):
            self.counters.stun_bad_integrity += 1
            return None
        return peer, request, password

    def note_fault(self) -> None:
        """Count the exception being handled, a defect of ours; log it, but one a minute."""
        self.counters.faults += 1
        now = monotonic_ns()
        if now - self._fault_logged >= FAULT_LOG_EVERY:
            self._fault_logged = now
            _log.exception("A defect in the call engine (%d so far)", self.counters.faults)


def granted(bound: socket.socket) -> int:
    """The receive buffer that a socket has, in bytes as they are asked for."""
    size = bound.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    # Linux adds as much again for its own bookkeeping, and says so (socket(7), SO_RCVBUF).
    return size // 2 if sys.platform == "linux" else size


def _bind(host: str, number: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)  # noqa: FBT003 - the standard library's signature
        for usual, forced in _BUFFERS:
            bound.setsockopt(socket.SOL_SOCKET, usual, SOCKET_BUFFER)
            # The system caps the usual way (net.core.rmem_max); with CAP_NET_ADMIN it need not.
            with suppress(OSError):
                bound.setsockopt(socket.SOL_SOCKET, forced, SOCKET_BUFFER)
        if (got := granted(bound)) < SOCKET_BUFFER:
            _log.warning(_SMALL_BUFFER, got, SOCKET_BUFFER)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((host, number))
    except OSError:
        bound.close()
        raise
    return bound
