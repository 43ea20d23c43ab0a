"""The transport of one person: ICE-lite paths, the DTLS handshake, and the keys it yields.

RFC 8445 section 2.5 (ICE-lite): the browser checks and nominates, the engine only answers. An
address may be sent media only after an authenticated check came from it. The address that media is
sent to moves to one from which something encrypted has arrived, which a replayed check cannot do,
or to a nominated one when the old has been silent for two seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING, Final

from signaling.adapter import (
    Address,
    BindingRequest,
    Fingerprint,
    Handshake,
    Identity,
    Progress,
    SrtpKeys,
)
from signaling.slot import SendTo

if TYPE_CHECKING:
    from signaling.peer import Peer

MOST_PATHS: Final = 4
"""Validated addresses kept per connection."""
MOST_HANDSHAKES: Final = 4
"""Handshakes tried side by side per path: a forged hello does not disturb the real one. When there
are more, whoever says hello must show first that they receive at that address."""
HELLOS_PER_SECOND: Final = 10
"""New handshakes per path, and as many of who has shown that: each costs half a millisecond."""
CHECKS_PER_SECOND: Final = 100
"""STUN checks answered per path: browsers send 20 at most."""
SILENT_AFTER: Final = 2_000_000_000
"""Nanoseconds without anything authentic after which a nominated address may take over."""

_HELLO_RANDOM: Final = slice(27, 59)
"""Where a ClientHello has its random: after record header (13), handshake header (12), version."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User fragment and password of one ICE session (RFC 8445 section 5.3)."""

    ufrag: str
    password: str

    @classmethod
    def new(cls) -> "Credentials":
        """64 random bits name the connection, 128 protect it."""
        return cls(token_hex(8), token_hex(16))


class Path:
    """An address that has passed an authenticated check, and how to send to it."""

    def __init__(self, peer: "Peer", address: Address, send: SendTo, now: int) -> None:
        self.peer = peer
        self.address = address
        self.send = send
        self.heard = now
        """When something authentic last came from here (ns)."""
        self.hellos_left = self.proofs_left = HELLOS_PER_SECOND
        self.checks_left = CHECKS_PER_SECOND
        self.cookie = token_bytes(16)
        self.screen: Handshake | None = None
        """What asks hellos for the cookie when there are too many of them."""

    def refill(self) -> None:
        """Once a second: what this address may ask for again."""
        self.hellos_left = self.proofs_left = HELLOS_PER_SECOND
        self.checks_left = CHECKS_PER_SECOND

    def send_now(self, datagram: bytes | memoryview) -> None:
        """Send, or drop what the system does not take: as the network itself might."""
        try:
            self.send(datagram, self.address)
        except OSError:
            return


class Connection:
    """Paths, handshakes and keys; what it brings about, the peer is told by its methods."""

    def __init__(
        self, peer: "Peer", identity: Identity, pinned: Sequence[Fingerprint], now: int
    ) -> None:
        self.credentials = [Credentials.new()]
        """The current ones first; after an ICE restart the ones before, until the next."""
        self.pinned = tuple(pinned)
        self.paths: dict[Address, Path] = {}
        self.path: Path | None = None
        """Where media is sent to."""
        self.keys: SrtpKeys | None = None
        self.heard = now
        """When something authentic last came, from wherever (ns)."""
        self.failures = 0
        self._peer = peer
        self._identity = identity
        self._handshakes: dict[bytes, tuple[Handshake, Path]] = {}
        """By the random of their hello: the handshakes under way, and where they began."""
        self._established: Handshake | None = None
        self._established_random = b""

    def restart(self) -> None:
        """New credentials (RFC 8445 section 9); the old ones are good until the next restart."""
        self.credentials = [Credentials.new(), self.credentials[0]]

    # -------------------------------------------------------------------------------- ICE-lite

    def password(self, ufrag: str) -> str:
        """The password that belongs to one of our user fragments."""
        return next(each.password for each in self.credentials if each.ufrag == ufrag)

    def checked(
        self, request: BindingRequest, address: Address, send: SendTo, now: int
    ) -> Path | None:
        """Note an authentic check. The path that fell out, if there are more than we keep."""
        dropped: Path | None = None
        path = self.paths.get(address)
        if path is None:
            if len(self.paths) >= MOST_PATHS:
                dropped = min(
                    (each for each in self.paths.values() if each is not self.path),
                    key=lambda each: each.heard,
                )
                del self.paths[dropped.address]
            path = self.paths[address] = Path(self._peer, address, send, now)
        path.heard = self.heard = now
        path.send = send
        if self.path is None or (
            request.nominates
            and path is not self.path
            and (self.keys is None or now - self.path.heard > SILENT_AFTER)
        ):
            self._move(path)
        return dropped

    def proved(self, path: Path, now: int) -> None:
        """Something encrypted came from `path`: that is where the person is."""
        path.heard = self.heard = now
        self._move(path)

    def _move(self, path: Path) -> None:
        self.path = path
        self._peer.moved(path)

    # ------------------------------------------------------------------------------------ DTLS

    def receive_dtls(self, datagram: bytes, path: Path, now: int) -> None:
        """Take a DTLS datagram from a validated address."""
        random = _client_random(datagram)
        if random is not None and random not in (*self._handshakes, self._established_random):
            self._begin(random, datagram, path)
        elif self._established is not None:
            self._established.receive(datagram)
            self._send(self._established, path)
            if self._established.progress is Progress.CLOSED:
                self._peer.closed_by_browser()
        self._go_on(datagram, random, path, now)

    def _begin(self, random: bytes, hello: bytes, path: Path) -> None:
        """Another handshake: the first, one beside a forged one, or a browser's new start."""
        begun_here = [each for each, (_, begun) in self._handshakes.items() if begun is path]
        if path.hellos_left > 0 and len(begun_here) < MOST_HANDSHAKES:
            path.hellos_left -= 1
            self._handshakes[random] = Handshake(self._identity, self.pinned), path
        elif path.proofs_left > 0 and (proven := self._screened(hello, path)) is not None:
            path.proofs_left -= 1
            if len(begun_here) >= MOST_HANDSHAKES:
                del self._handshakes[begun_here[0]]
            self._handshakes[random] = proven, path

    def _screened(self, hello: bytes, path: Path) -> Handshake | None:
        """A handshake for a hello that brings the cookie of its address, else None."""
        screen = path.screen or Handshake(self._identity, self.pinned, path.cookie)
        is_proven = screen.verify(hello)
        path.screen = None if is_proven else screen
        self._send(screen, path)
        return screen if is_proven else None

    def _go_on(self, datagram: bytes, hello: bytes | None, path: Path, now: int) -> None:
        """Give a datagram to the handshake that a hello began, or else to all under way.

        Other records do not say whose they are. A hello would break those that it did not begin.
        """
        for random, (handshake, _) in list(self._handshakes.items()):
            if hello not in (None, random):
                continue
            handshake.receive(datagram)
            if handshake.progress is Progress.FAILED:
                # Without its alert: with several under way it may be the real client's record
                # that broke a forged one.
                del self._handshakes[random]
                self.failures += 1
                self._peer.handshake_failed()
                continue
            self._send(handshake, path)
            if handshake.progress is Progress.DONE:
                self._handshakes = {}
                self._established_random = random
                self._establish(handshake, path, now)
                return

    def _establish(self, handshake: Handshake, path: Path, now: int) -> None:
        assert handshake.keys is not None
        self._established = handshake
        self.keys = handshake.keys
        self.proved(path, now)
        self._peer.connected(handshake.keys)

    def _send(self, handshake: Handshake, path: Path) -> None:
        for datagram in handshake.outgoing():
            path.send_now(datagram)

    def run_timers(self) -> None:
        """Send flights again that were not answered in time."""
        if self.path is None:
            return
        for handshake, _ in self._handshakes.values():
            due = handshake.seconds_to_timer()
            if due is not None and due <= 0:
                handshake.on_timer()
                self._send(handshake, self.path)

    def close(self) -> None:
        """Tell the browser that it is over, and forget the keys."""
        if self._established is not None and self.path is not None:
            self._established.close()
            self._send(self._established, self.path)
        self._established = self.keys = None
        self._handshakes = {}


def _client_random(datagram: bytes) -> bytes | None:
    """The random of the ClientHello that the datagram begins with, else None."""
    is_hello = (
        len(datagram) >= _HELLO_RANDOM.stop
        and datagram[0] == 22  # handshake record (RFC 6347 section 4.3.1)
        and datagram[13] == 1  # client_hello
        and datagram[19:22] == b"\0\0\0"  # its first fragment
    )
    return datagram[_HELLO_RANDOM] if is_hello else None
