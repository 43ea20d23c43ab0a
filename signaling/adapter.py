"""The one file that touches private parts of aiortc, aioice and pylibsrtp.

What the engine takes from them: the certificate, the DTLS handshake and its SRTP keys
(`aiortc.rtcdtlstransport`), the SDP reader (`aiortc.sdp`), STUN messages (`aioice.stun`), the
bandwidth estimator (`aiortc.rate`), and libsrtp's functions working in place on one buffer
(`pylibsrtp._binding`). `tests/signaling/test_adapter.py` is the contract: it fails, and says what
changed, when a new version of these libraries no longer offers what is used here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from hmac import compare_digest
from socket import AF_INET, AF_INET6, inet_pton
from struct import Struct, pack
from typing import Final, Protocol, cast

from aioice import stun
from aiortc.rate import RemoteBitrateEstimator
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    State,
)
from aiortc.rtcicetransport import RTCIceTransport
from aiortc.sdp import SessionDescription
from OpenSSL import SSL
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from signaling.events import InvalidSdp

Address = tuple[str | int, ...]
"""What the socket names a sender with: host and port, and more for IPv6 and TCP."""

# ---------------------------------------------------------------------------------------- SRTP


class CInt(Protocol):
    """A C `int *`: libsrtp reads the length of a packet from it and writes the new one."""

    def __getitem__(self, index: int, /) -> int: ...
    def __setitem__(self, index: int, value: int, /) -> None: ...


class PacketBuffer:
    """One buffer in C memory that packets are received into and transformed in, in place."""

    SIZE: Final = 2048
    """More than a datagram of an Ethernet (1500) and libsrtp's largest trailer (148) together."""

    def __init__(self) -> None:
        self.pointer: object = ffi.new("char[]", self.SIZE)
        self.view: memoryview = memoryview(ffi.buffer(self.pointer)).cast("B")
        self.words = self.view.cast("I")
        """The same memory as words of 32 bits in the machine's order: quick to compare and set."""
        self.length: CInt = ffi.new("int *")


Transform = Callable[[object, object, CInt], int]
"""One of libsrtp's functions: session, buffer and length in, 0 or libsrtp's error out."""

unprotect: Final = cast(Transform, lib.srtp_unprotect)
"""Check and decrypt an SRTP packet in place."""
protect: Final = cast(Transform, lib.srtp_protect)
"""Encrypt an RTP packet in place."""
unprotect_rtcp: Final = cast(Transform, lib.srtp_unprotect_rtcp)
"""The same as `unprotect`, for SRTCP."""
protect_rtcp: Final = cast(Transform, lib.srtp_protect_rtcp)
"""The same as `protect`, for RTCP."""


def raw_session(session: Session) -> object:
    """The `srtp_t` that the functions above take; it keeps its `Session` alive."""

    def keep(_pointer: object, session: Session = session) -> None:
        """Runs when the pointer is collected: only then may the session be."""

    pointer: object = ffi.gc(session._srtp[0], keep)
    return pointer


# ---------------------------------------------------------------------------------------- DTLS


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A certificate's digest as SDP writes it (RFC 8122): `sha-256` and `AB:CD:...`."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """The two directions of an established connection, as `srtp_t` of libsrtp."""

    receive: object
    send: object


_PROFILES: Final = (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM, SRTP_AES128_CM_SHA1_80)
"""In order of preference: AES-128-GCM is the cheapest per packet."""

_MTU: Final = 1200
"""Bytes of DTLS in one datagram, so that a flight passes any tunnel."""


class Identity:
    """The engine's certificate, and one TLS context for all handshakes."""

    def __init__(self) -> None:
        self.certificate = RTCCertificate.generateCertificate()
        self.context: SSL.Context = self.certificate._create_ssl_context(list(_PROFILES))
        # Resumption would skip the certificate that the fingerprint pins.
        self.context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        self.context.set_cookie_generate_callback(_cookie_of)
        self.context.set_cookie_verify_callback(_is_cookie_of)
        # Buffers of a connection that is not reading or writing: 50 kB of each person's 150.
        self.context.set_mode(SSL.MODE_RELEASE_BUFFERS)
        prints = self.certificate.getFingerprints()
        found = next(each for each in prints if each.algorithm == "sha-256")
        self.fingerprint = Fingerprint(found.algorithm, found.value)
        """The SHA-256 fingerprint that answers carry."""


def _cookie_of(connection: SSL.Connection) -> bytes:
    return cast(bytes, connection.get_app_data())


def _is_cookie_of(connection: SSL.Connection, cookie: bytes) -> bool:
    return compare_digest(cookie, _cookie_of(connection))


class Progress(Enum):
    """How far a handshake is."""

    UNDER_WAY = auto()
    DONE = auto()
    FAILED = auto()
    CLOSED = auto()
    """It was done, and the other side has closed it."""


class Handshake:
    """The server's side of one DTLS handshake, driven datagram by datagram without a task.

    It is aiortc's `RTCDtlsTransport` with its reading loop replaced: certificate check and key
    derivation are the library's own.
    """

    def __init__(
        self, identity: Identity, pinned: Sequence[Fingerprint], cookie: bytes = b""
    ) -> None:
        """Prepare for a client whose certificate is `pinned`; `verify` asks for the `cookie`."""
        self.progress = Progress.UNDER_WAY
        self.keys: SrtpKeys | None = None
        self._pinned = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(each.algorithm, each.value) for each in pinned]
        )
        self._ssl = SSL.Connection(identity.context, None)
        self._ssl.set_ciphertext_mtu(_MTU)
        self._ssl.set_accept_state()
        self._ssl.set_app_data(cookie)
        # It never sends or receives by itself, so it needs no ICE transport.
        self._dtls = RTCDtlsTransport(cast(RTCIceTransport, None), [identity.certificate])
        self._dtls._set_role("server")
        self._dtls._srtp_profiles = list(_PROFILES)
        self._dtls._ssl = self._ssl

    def verify(self, hello: bytes) -> bool:
        """Whether a ClientHello brings the cookie back; asks for it otherwise, and forgets it.

        RFC 6347 section 4.2.1: only who receives at an address can answer so. A hello that does
        is to be given to `receive` next.
        """
        self._ssl.bio_write(hello)
        try:
            self._ssl.DTLSv1_listen()
        except SSL.Error:
            return False
        return True

    def receive(self, datagram: bytes) -> None:
        """Take one datagram; what there is to answer waits in `outgoing`."""
        if self.progress not in (Progress.UNDER_WAY, Progress.DONE):
            return
        self._ssl.bio_write(datagram)
        if self.progress is Progress.UNDER_WAY:
            self._shake()
        else:
            self._read()

    def seconds_to_timer(self) -> float | None:
        """Seconds until `on_timer` is due; None when nothing waits to be sent again."""
        if self.progress is not Progress.UNDER_WAY:
            return None
        return self._ssl.DTLSv1_get_timeout()

    def on_timer(self) -> None:
        """Send the last flight again."""
        try:
            self._ssl.DTLSv1_handle_timeout()
        except SSL.Error:
            self.progress = Progress.FAILED

    def close(self) -> None:
        """Tell the other side that the connection is over."""
        if self.progress is Progress.DONE:
            self.progress = Progress.CLOSED
            with suppress(SSL.Error):  # the other side may have gone first
                self._ssl.shutdown()

    def _shake(self) -> None:
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            return
        except SSL.Error:
            self.progress = Progress.FAILED
            return
        self._dtls._set_state(State.CONNECTING)
        self._dtls._validate_peer_identity(self._pinned)
        if self._dtls._state is not State.FAILED:
            self._dtls._setup_srtp()
        if self._dtls._state is State.FAILED:
            self.progress = Progress.FAILED
            return
        self.progress = Progress.DONE
        self.keys = SrtpKeys(raw_session(self._dtls._rx_srtp), raw_session(self._dtls._tx_srtp))

    def _read(self) -> None:
        try:
            self._ssl.recv(1500)
        except SSL.ZeroReturnError:
            self.progress = Progress.CLOSED
        except SSL.Error:
            return  # a repeated flight, or a record that is not for us: OpenSSL has dealt with it

    def outgoing(self) -> Iterator[bytes]:
        """The datagrams to send now: whole records, as many in each as fit."""
        try:
            flight = self._ssl.bio_read(65536)
        except SSL.WantReadError:
            return
        datagram = b""
        at = 0
        while at < len(flight):
            end = at + 13 + int.from_bytes(flight[at + 11 : at + 13], "big")
            if datagram and len(datagram) + end - at > _MTU:
                yield datagram
                datagram = b""
            datagram += flight[at:end]
            at = end
        yield datagram


# ---------------------------------------------------------------------------------------- STUN


_STUN_HEAD: Final = Struct("!HHI12s")
_INTEGRITY: Final = pack("!HH", 0x0008, 20)
_FINGERPRINT: Final = pack("!HH", 0x8028, 4)
"""Type and length of MESSAGE-INTEGRITY and FINGERPRINT (RFC 8489 sections 14.5 and 14.7)."""


def read_stun(datagram: bytes) -> stun.Message | None:
    """What aioice reads in a datagram; None for anything that is no STUN message."""
    try:
        return stun.parse_message(datagram)
    except Exception:  # noqa: BLE001 - struct.error, UnicodeDecodeError...: whatever it raises
        return None


class BindingRequest:
    """A STUN binding request (RFC 8489) as ICE sends it (RFC 8445 section 7.2.2)."""

    __slots__ = ("_message", "nominates", "username")

    def __init__(self, message: stun.Message) -> None:
        self._message = message
        self.username: str = message.attributes["USERNAME"]
        self.nominates: bool = "USE-CANDIDATE" in message.attributes

    @classmethod
    def parse(cls, datagram: bytes) -> "BindingRequest | None":
        """None for anything that is not a binding request with a user name."""
        message = read_stun(datagram)
        if (
            message is None
            or message.message_class is not stun.Class.REQUEST
            or message.message_method is not stun.Method.BINDING
            or "USERNAME" not in message.attributes
        ):
            return None
        return cls(message)

    def authentic(self, password: str) -> bool:
        """Whether MESSAGE-INTEGRITY was made with `password`."""
        return bool(self._message.check_message_integrity(password.encode()))

    def answer(self, seen_from: tuple[str, int], password: str) -> bytes:
        """The success response: the address we saw, protected by `password`.

        aioice writes a message three times over to protect it, ten times as long as this takes.
        """
        id_ = self._message.transaction_id
        kind = stun.Method.BINDING | stun.Class.RESPONSE
        data = _STUN_HEAD.pack(kind, 0, stun.COOKIE, id_) + _mapped_address(seen_from, id_)
        data += _INTEGRITY + stun.message_integrity(data, password.encode())
        data += _FINGERPRINT + stun.message_fingerprint(data).to_bytes(4, "big")
        return stun.set_body_length(data, len(data) - _STUN_HEAD.size)


def _mapped_address(seen: tuple[str, int], id_: bytes) -> bytes:
    """XOR-MAPPED-ADDRESS (RFC 8489 section 14.2)."""
    host, _, _ = seen[0].partition("%")  # the zone of a link-local address
    family, version = (AF_INET6, 2) if ":" in host else (AF_INET, 1)
    packed = inet_pton(family, host)
    pad = (stun.COOKIE.to_bytes(4, "big") + id_)[: len(packed)]
    hidden = int.from_bytes(packed, "big") ^ int.from_bytes(pad, "big")
    port = seen[1] ^ stun.COOKIE >> 16
    head = pack("!HHBBH", 0x0020, 4 + len(packed), 0, version, port)
    return head + hidden.to_bytes(len(packed), "big")


# ----------------------------------------------------------------------------------------- SDP


def read_session(text: str) -> SessionDescription:
    """What aiortc reads in an SDP text. Raises InvalidSdp, and nothing else.

    The result lacks `rid`, `simulcast` and `extmap-allow-mixed`: `sdp` reads those from the text.
    """
    try:
        return SessionDescription.parse(text)
    except Exception as error:  # seven classes of exception are known on mutated texts
        raise InvalidSdp(f"The offer cannot be read ({type(error).__name__}).") from error


# ---------------------------------------------------------------------------------------- REMB


START: Final = 1_000_000
"""Bits per second that a sender may begin with: browsers take it at once in their first two
seconds, where a measured estimate would begin at the little they dare, and grow by 8 % a second."""


class BandwidthEstimate:
    """aiortc's receive-side estimate from abs-send-time, for offers without transport-cc."""

    def __init__(self) -> None:
        self._estimator = RemoteBitrateEstimator()
        self._estimator.rate_control.set_estimate(START, 0)

    def add(self, arrival: int, send_time: int, size: int, ssrc: int) -> int | None:
        """Bits per second when the estimate should be told to the sender, else None.

        `arrival` is in ns, `send_time` is the 24-bit value of the extension, `size` in bytes.
        """
        update = self._estimator.add(arrival // 1_000_000, send_time, size, ssrc)
        return None if update is None else update[0]
