"""A light call client: real ICE, DTLS and SRTP on a socket of its own, and no media at all.

The load generator of `forwarding` and the hostile participant of the tests. It opens connections
only to ICE-lite servers (it is always controlling, and always the DTLS client), sends whatever
packet it is given, and hands on whatever it receives.
"""

import re
import socket
from asyncio import AbstractEventLoop, Event, TimerHandle, get_running_loop, timeout
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import getrandbits
from secrets import token_hex
from struct import Struct
from typing import Final

from aioice import stun
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCCertificate,
    SRTPProtectionProfile,
)
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from signaling.adapter import (
    Fingerprint,
    PacketBuffer,
    Transform,
    protect,
    protect_rtcp,
    raw_session,
    unprotect,
    unprotect_rtcp,
)

OPUS: Final = 111
VP8: Final = 96
RTX: Final = 97
MID_ID: Final = 4
TWCC_ID: Final = 3
LEVEL_ID: Final = 1

_STAMPS: Final = 35
"""Linux's SO_TIMESTAMPNS, nameless in Python: each datagram comes with the time it came at."""
_STAMP: Final = Struct("qq")
_STAMP_SPACE: Final = socket.CMSG_SPACE(_STAMP.size)

_PROFILES: Final = (SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80)
_EXTENSIONS: Final = {
    LEVEL_ID: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    TWCC_ID: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    MID_ID: "urn:ietf:params:rtp-hdrext:sdes:mid",
}


class Identity:
    """A certificate and TLS context that many clients may share."""

    def __init__(self, profiles: tuple[SRTPProtectionProfile, ...] = _PROFILES) -> None:
        self.profiles = profiles
        certificate = RTCCertificate.generateCertificate()
        self.context: SSL.Context = certificate._create_ssl_context(list(profiles))
        found = next(f for f in certificate.getFingerprints() if f.algorithm == "sha-256")
        self.fingerprint = Fingerprint(found.algorithm, found.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One media section of a client's own description."""

    kind: str
    direction: str = "sendrecv"
    ssrc: int = 0
    repair_ssrc: int = 0


def _nothing(_packet: memoryview) -> None:
    """What a client does with packets unless it is told otherwise."""


class LightPeer:
    """One connection."""

    def __init__(self, identity: Identity, lines: list[Line], host: str = "127.0.0.1") -> None:
        self.lines = lines
        self.mids = [str(number) for number in range(len(lines))]
        self.identity = identity
        self.ufrag = token_hex(4)
        self.password = token_hex(12)
        self.buffer = PacketBuffer()
        self.out = PacketBuffer()
        self.on_rtp: Callable[[memoryview], None] = _nothing
        self.on_rtcp: Callable[[memoryview], None] = _nothing
        self.established = Event()
        self.remote_ufrag = ""
        self.remote_password = ""
        self.remote: tuple[str, int] = ("", 0)
        self.checks_answered = 0
        self.came = 0
        """When the system got the datagram that was received last (ns since 1970)."""
        self.closed = False
        """Whether the server has said that it is over (DTLS close_notify)."""
        self._checked = Event()
        self.dtls_began = 0.0
        self.dtls_ended = 0.0
        self._loop: AbstractEventLoop = get_running_loop()
        self._timer: TimerHandle | None = None
        self._ssl = SSL.Connection(identity.context, None)
        self._ssl.set_ciphertext_mtu(1200)
        self._ssl.set_connect_state()
        self._receive_session: object = None
        self._send_session: object = None
        self.socket = socket.socket(
            socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM
        )
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)
        self.socket.bind((host, 0))
        self._loop.add_reader(self.socket.fileno(), self._read)

    # ----------------------------------------------------------------------------------- SDP

    def add_lines(self, lines: list[Line]) -> None:
        """More sections for the next description."""
        self.mids += [str(len(self.lines) + number) for number in range(len(lines))]
        self.lines = [*self.lines, *lines]

    def description(self, *, answers: str | None = None) -> str:
        """An offer, or the answer to a server's offer of the same lines."""
        if answers is not None:
            self.mids = re.findall(r"a=mid:(\S+)", answers)
        mids = " ".join(self.mids)
        out = [
            "v=0",
            f"o=- {getrandbits(60)} 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            f"a=group:BUNDLE {mids}",
            "a=msid-semantic: WMS *",
        ]
        for number, line in enumerate(self.lines):
            out += self._section(number, line)
        return "\r\n".join(out) + "\r\n"

    def _section(self, number: int, line: Line) -> list[str]:
        fingerprint = self.identity.fingerprint
        video = line.kind == "video"
        out = [
            f"m={line.kind} 9 UDP/TLS/RTP/SAVPF " + (f"{VP8} {RTX}" if video else str(OPUS)),
            "c=IN IP4 0.0.0.0",
            f"a=mid:{self.mids[number]}",
            f"a={line.direction}",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            f"a=ice-ufrag:{self.ufrag}",
            f"a=ice-pwd:{self.password}",
            f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}",
            "a=setup:active",  # always the DTLS client; a browser leaves the choice by `actpass`
        ]
        ids = (TWCC_ID, MID_ID) if video else (LEVEL_ID, TWCC_ID, MID_ID)
        out += [f"a=extmap:{id_} {_EXTENSIONS[id_]}" for id_ in ids]
        if video:
            out += [
                f"a=rtpmap:{VP8} VP8/90000",
                f"a=rtcp-fb:{VP8} nack",
                f"a=rtcp-fb:{VP8} nack pli",
                f"a=rtcp-fb:{VP8} transport-cc",
                f"a=rtpmap:{RTX} rtx/90000",
                f"a=fmtp:{RTX} apt={VP8}",
            ]
        else:
            out += [f"a=rtpmap:{OPUS} opus/48000/2", f"a=rtcp-fb:{OPUS} transport-cc"]
        host, port = self.socket.getsockname()[:2]
        out += [f"a=candidate:1 1 udp 2130706431 {host} {port} typ host", "a=end-of-candidates"]
        if line.ssrc:
            out.append(f"a=msid:own own-{line.kind}")
            if line.repair_ssrc:
                out.append(f"a=ssrc-group:FID {line.ssrc} {line.repair_ssrc}")
            out += [f"a=ssrc:{each} cname:own" for each in (line.ssrc, line.repair_ssrc) if each]
        return out

    def read_remote(self, description: str) -> None:
        """Take ICE credentials and the first UDP candidate of the server's description."""
        self.remote_ufrag = _first(r"a=ice-ufrag:(\S+)", description)
        self.remote_password = _first(r"a=ice-pwd:(\S+)", description)
        found = re.findall(r"a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host", description, re.I)
        six = self.socket.family == socket.AF_INET6
        host, port = next(each for each in found if (":" in each[0]) is six)
        self.remote = host, int(port)

    # --------------------------------------------------------------------------- connecting

    def check(self, *, nominate: bool = True) -> bytes:
        """A connectivity check, as bytes."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.remote_ufrag}:{self.ufrag}"
        request.attributes["PRIORITY"] = 1845501695
        request.attributes["ICE-CONTROLLING"] = getrandbits(63)
        if nominate:
            request.attributes["USE-CANDIDATE"] = None
        request.add_message_integrity(self.remote_password.encode())
        return bytes(request)

    async def connect(self, description: str | None = None, *, within: float = 30) -> None:
        """Check, shake hands; returns when packets can be sent. Raises TimeoutError."""
        if description is not None:
            self.read_remote(description)
        async with timeout(within):
            while not self.checks_answered:
                self.send_raw(self.check())
                repeat = self._loop.call_later(0.25, self._checked.set)
                await self._checked.wait()
                self._checked.clear()
                repeat.cancel()
            self.dtls_began = self._loop.time()
            self._shake()
            self._check_on()
            await self.established.wait()

    def _check_on(self) -> None:
        """Go on checking until DTLS is through: a server may not have been ready for the first."""
        if not self.established.is_set() and self.socket.fileno() >= 0:
            self.send_raw(self.check())
            self._loop.call_later(0.2, self._check_on)

    def _shake(self) -> None:
        if self.established.is_set():
            return
        try:
            self._ssl.do_handshake()
        except SSL.WantReadError:
            self._flush()
            self._await_timer()
            return
        self._flush()
        self._derive_keys()
        self.dtls_ended = self._loop.time()
        self.established.set()

    def _hear_close(self) -> None:
        try:
            self._ssl.recv(1500)
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.WantReadError:
            return

    def _await_timer(self) -> None:
        due = self._ssl.DTLSv1_get_timeout()
        if due is not None:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_later(due + 0.001, self._shake_again)

    def _shake_again(self) -> None:
        if self.socket.fileno() >= 0 and not self.established.is_set():
            self._ssl.DTLSv1_handle_timeout()
            self._flush()
            self._await_timer()

    def _flush(self) -> None:
        with suppress(SSL.WantReadError):
            self.send_raw(self._ssl.bio_read(65536))

    def _derive_keys(self) -> None:
        chosen = self._ssl.get_selected_srtp_profile()
        profile = next(each for each in self.identity.profiles if each.openssl_profile == chosen)
        size = 2 * (profile.key_length + profile.salt_length)
        material = self._ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
        sessions = []
        for index, direction in ((0, Policy.SSRC_ANY_OUTBOUND), (1, Policy.SSRC_ANY_INBOUND)):
            policy = Policy(
                key=profile.get_key_and_salt(material, index),
                ssrc_type=direction,
                srtp_profile=profile.libsrtp_profile,
            )
            policy.allow_repeat_tx = True
            policy.window_size = 1024
            sessions.append(raw_session(Session(policy)))
        self._send_session, self._receive_session = sessions

    # ------------------------------------------------------------------------------- packets

    def send_raw(self, datagram: bytes | memoryview) -> None:
        """Send a datagram as it is; what the system does not take is lost."""
        try:
            self.socket.sendto(datagram, self.remote)
        except BlockingIOError:
            return

    def encrypt(self, packet: bytes | bytearray) -> memoryview:
        """The SRTP packet; valid until the next one."""
        return self._encrypt(packet, protect)

    def _encrypt(self, packet: bytes | bytearray, transform: Transform) -> memoryview:
        size = len(packet)
        self.out.view[:size] = packet
        self.out.length[0] = size
        failed = transform(self._send_session, self.out.pointer, self.out.length)
        assert not failed, f"libsrtp refused to protect ({failed})"
        return self.out.view[: self.out.length[0]]

    def send(self, packet: bytes | bytearray) -> None:
        """Send an RTP packet."""
        self.send_raw(self.encrypt(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """Send an RTCP packet."""
        self.send_raw(self._encrypt(packet, protect_rtcp))

    def _read(self) -> None:
        for _ in range(64):
            try:
                size, told, _, _ = self.socket.recvmsg_into([self.buffer.view], _STAMP_SPACE)
            except BlockingIOError:
                return
            except OSError:
                continue
            seconds, self.came = _STAMP.unpack(told[0][2])
            self.came += seconds * 1_000_000_000
            self._dispatch(size)

    def take(self, datagram: bytes) -> None:
        """Deal with a datagram that came by another way than the socket."""
        self.buffer.view[: len(datagram)] = datagram
        self._dispatch(len(datagram))

    def _dispatch(self, size: int) -> None:
        first = self.buffer.view[0] if size else 0
        if 127 < first < 192:
            self._receive_srtp(size)
        elif 19 < first < 64:
            self._ssl.bio_write(bytes(self.buffer.view[:size]))
            if self.established.is_set():
                self._hear_close()
            else:
                self._shake()
        elif first < 4:
            self._receive_stun(bytes(self.buffer.view[:size]))

    def _receive_srtp(self, size: int) -> None:
        if self._receive_session is None:
            return
        control = 191 < self.buffer.view[1] < 224
        self.buffer.length[0] = size
        transform = unprotect_rtcp if control else unprotect
        if transform(self._receive_session, self.buffer.pointer, self.buffer.length):
            return
        hear = self.on_rtcp if control else self.on_rtp
        hear(self.buffer.view[: self.buffer.length[0]])

    def _receive_stun(self, datagram: bytes) -> None:
        message = stun.parse_message(datagram)
        if message.message_class is stun.Class.RESPONSE:
            self.checks_answered += 1
            self._checked.set()
        elif message.message_class is stun.Class.REQUEST:
            response = stun.Message(
                stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id
            )
            response.attributes["XOR-MAPPED-ADDRESS"] = self.remote
            response.add_message_integrity(self.password.encode())
            self.send_raw(bytes(response))

    def close(self) -> None:
        """Vanish without a word."""
        self._loop.remove_reader(self.socket.fileno())
        self.socket.close()


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found, f"{pattern} is not in the description"
    return found.group(1)


def rtp(
    kind: str,
    ssrc: int,
    sequence: int,
    timestamp: int,
    payload: bytes,
    *,
    marker: bool = False,
    transport: int = 0,
) -> bytearray:
    """An RTP packet as Chromium lays it out: transport-wide number first, then audio level."""
    video = kind == "video"
    extension = bytes((TWCC_ID << 4 | 1, transport >> 8 & 255, transport & 255))
    extension += bytes(1) if video else bytes((LEVEL_ID << 4, 30, 0, 0, 0))
    packet = bytearray((0x90, marker << 7 | (VP8 if video else OPUS)))
    packet += (sequence & 0xFFFF).to_bytes(2, "big") + (timestamp & 0xFFFFFFFF).to_bytes(4, "big")
    packet += ssrc.to_bytes(4, "big") + b"\xbe\xde" + (len(extension) // 4).to_bytes(2, "big")
    return packet + extension + payload
