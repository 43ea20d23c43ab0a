"""Every bound of the Socket.IO edge, and the name under which reaching it is counted."""

from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import WSCloseCode

from server.limits import Rate


class Rejection(StrEnum):
    """What the edge refuses by itself; the keys of `Transport.rejections`."""

    ORIGIN = "origin"  # foreign, `null`, or missing although cookies came along
    HANDSHAKE = "handshake"  # no WebSocket handshake of Engine.IO 4
    CROWD = "crowd"  # too many sockets of one address without a seat, or of all together
    DRAINING = "draining"  # the server is about to stop
    UNAUTHENTICATED = "unauthenticated"  # no CONNECT in time, or too many bytes before it
    REFUSED = "refused"  # the application said no to CONNECT
    UNEXPECTED = "unexpected"  # a packet that has no place here, such as an event before CONNECT
    MALFORMED = "malformed"  # not decodable
    MISSHAPEN = "misshapen"  # decodable, but not one name with one argument
    RESERVED = "reserved"  # an event named like one of the library's own
    BINARY = "binary"  # a binary frame or attachment
    OVERSIZED = "oversized"  # a message longer than `max_message`
    RATE = "rate"  # faster than `rate`; told, and kept open
    UNACKED = "unacked"  # more than `unacked` commands in flight; told, and kept open
    FLOOD = "flood"  # went on after being told
    SLOW = "slow"  # does not read what we send
    SILENT = "silent"  # did not answer a ping
    FAILED = "failed"  # a callback of ours raised


def close_code(rejection: Rejection) -> WSCloseCode:
    """Return the WebSocket close code (RFC 6455, section 7.4.1) that goes with a rejection."""
    match rejection:
        case Rejection.BINARY:
            return WSCloseCode.UNSUPPORTED_DATA
        case Rejection.MALFORMED:
            return WSCloseCode.PROTOCOL_ERROR
        case _:
            return WSCloseCode.POLICY_VIOLATION


RESERVED_EVENTS = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
"""Names that Socket.IO's own API emits: a client that sends one would call our own handlers."""


@dataclass(frozen=True, slots=True)
class TransportLimits:
    """Bounds per socket, unless said otherwise. Times in seconds, sizes in bytes."""

    max_message: int = 256 * 1024
    """A longer incoming message closes the socket (WebSocket close code 1009)."""
    max_before_connect: int = 4 * 1024
    """Bytes that a socket may send before it has a seat; then it is closed."""
    outgoing: int = 8 * 1024 * 1024
    """Unsent bytes in our process, give or take what one tick sends (64 kB, or one larger frame
    that nothing waits before); a client that lets them pile up is cut off and resumes by its
    cursor. (The kernel holds some more, at most tcp_wmem's maximum.)"""
    unacked: int = 64
    """Commands in flight. One more is refused with `too_many`, not held back: a socket that is not
    read would leave its pings unanswered too, and look dead while the store is slow."""
    rate: Rate = field(default_factory=lambda: Rate(per_second=100, burst=200))
    """Incoming messages, of a person where the edge knows whose seat it is; those above are refused
    with `too_many` and the time to wait."""
    refusals: Rate = field(default_factory=lambda: Rate(per_second=20, burst=400))
    """Such refusals that are still answered; whoever goes on after that is disconnected."""
    waiting: int = 16
    """Frames that wait behind an unusual one (such as CONNECT, which asks the store)."""
    connect_deadline: float = 5.0
    """From the handshake until CONNECT is answered."""
    close_deadline: float = 1.0
    """From our closing frame until the connection is aborted."""
    ping_interval: float = 20.0
    ping_timeout: float = 15.0
    unauthenticated_per_address: int = 20
    """Open sockets without a seat; one more is refused at the handshake (429)."""
    sockets: int = 20_000
    """Open sockets of the process; one more is refused at the handshake (503)."""
