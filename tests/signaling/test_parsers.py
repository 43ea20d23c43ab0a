"""Every reader of what comes from outside, given bytes that make no sense.

Those of RTP and RTCP as bytes are in `test_rtp` and `test_rtcp`, payloads of pictures in
`test_layers`, offers in `test_sdp`, frames on TCP in `test_networks`.
"""

import pathlib
from struct import pack

from aioice import stun
from hypothesis import given
from hypothesis import strategies as st
from pylibsrtp import Policy, Session

from bench.light_peer import OPUS, RTX, VP8
from signaling.adapter import (
    BindingRequest,
    Handshake,
    Identity,
    Progress,
    SrtpKeys,
    raw_session,
)
from signaling.call import Call
from signaling.connection import Path
from signaling.control import ask_for_repairs, give_feedback, read_control, report_reception
from signaling.counters import Counters
from signaling.peer import Peer
from signaling.rtp import read_head
from signaling.sdp import parse_offer
from signaling.stream import Packets

CHROMIUM = (pathlib.Path(__file__).parent / "offers" / "chromium.sdp").read_bytes().decode()
IDENTITY = Identity()
AUDIO, VIDEO, REPAIR = 2977541113, 3335796413, 2981247892
"""The SSRCs of Chromium's offer."""


def check(username: str) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes |= {"USERNAME": username, "PRIORITY": 1, "USE-CANDIDATE": None}
    message.add_message_integrity(b"secret")
    message.add_fingerprint()
    return bytes(message)


CHECK = check("ours:theirs")


@given(st.binary(max_size=600))
def test_no_bytes_are_an_authentic_check(data: bytes) -> None:
    for datagram in (data, CHECK[:20] + data, CHECK[:4] + b"\x21\x12\xa4\x42" + data):
        request = BindingRequest.parse(datagram)

        assert request is None or not request.authentic("secret")


@given(st.integers(0, len(CHECK) - 9), st.integers(1, 255))
def test_a_check_with_a_byte_changed_is_not_authentic(at: int, change: int) -> None:
    changed = bytearray(CHECK)
    changed[at] ^= change

    request = BindingRequest.parse(bytes(changed))

    assert request is None or not request.authentic("secret")


@given(st.binary(max_size=300))
def test_what_stands_behind_the_integrity_of_a_check_changes_nothing(data: bytes) -> None:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes["USERNAME"] = "ours:theirs"
    message.add_message_integrity(b"secret")
    genuine = bytes(message)
    nominating = pack("!HH", 0x25, 0) + data[: len(data) // 4 * 4]
    size = len(genuine) - 20 + len(nominating)

    request = BindingRequest.parse(genuine[:2] + pack("!H", size) + genuine[4:] + nominating)

    assert request is None or not (request.authentic("secret") and request.nominates)


@given(st.lists(st.binary(min_size=13, max_size=300), max_size=6), st.booleans())
def test_no_datagrams_make_a_handshake_raise_or_end_well(data: list[bytes], records: bool) -> None:
    handshake = Handshake(IDENTITY, [])

    for number, body in enumerate(data):
        head = b"\x16\xfe\xfd" + bytes(7) + bytes((number,)) + len(body).to_bytes(2, "big")
        handshake.receive(head + body if records else body)
        list(handshake.outgoing())
        handshake.seconds_to_timer()

    assert handshake.progress in (Progress.UNDER_WAY, Progress.FAILED)
    assert handshake.keys is None


def keys() -> SrtpKeys:
    """Both directions of a connection, under a key of zeros."""
    ways = Policy.SSRC_ANY_INBOUND, Policy.SSRC_ANY_OUTBOUND
    profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    policies = [Policy(key=bytes(28), ssrc_type=way, srtp_profile=profile) for way in ways]
    return SrtpKeys(*(raw_session(Session(policy)) for policy in policies))


class Pair:
    """Two people of a call, connected, as far as the packet path can tell."""

    def __init__(self) -> None:
        self.packets, self.counters = Packets(), Counters()
        self.call = Call("call", lambda _event: None)
        self.sent: list[bytes] = []
        self.ada, self.bob = self._enter("ada"), self._enter("bob")

    def _enter(self, name: str) -> Peer:
        offer = parse_offer(CHROMIUM)
        peer = Peer(name, offer, self.call, self.packets, self.counters, IDENTITY)
        self.call.take(peer, offer, *self.call.plan(name, offer))
        peer.moved(Path(peer, (name, 1), lambda data, _to: self.sent.append(bytes(data)), 0))
        peer.connected(keys())
        # So that feedback about a line can be drawn: the lines' SSRCs are chance.
        peer.slot_by_ssrc |= dict(enumerate(peer.slots))
        return peer

    def media(self, sender: Peer, packet: bytes, now: int) -> None:
        """What `Peer.receive` does with a packet once it is decrypted."""
        self.packets.received.view[: len(packet)] = packet
        head = read_head(self.packets.received.view)
        stream = sender.streams.get(head[4]) or sender._begin(len(packet))
        if stream is not None and stream.receive(self.packets, head, len(packet), now):
            sender._ask_again(stream)

    def control(self, sender: Peer, packet: bytes, now: int) -> None:
        """What `Peer.receive` does with a compound once it is decrypted."""
        self.packets.received.view[: len(packet)] = packet
        read_control(sender, self.packets, len(packet), now)

    def tick(self, now: int) -> None:
        for peer in (self.ada, self.bob):
            ask_for_repairs(peer, now)
            give_feedback(peer)
            report_reception(peer, now)
            self.call.adapt(peer, now)


SSRCS = st.sampled_from((AUDIO, VIDEO, REPAIR, 77))
PAYLOADS = st.sampled_from((OPUS, 63, VP8, RTX)) | st.integers(0, 127)
EXTENSIONS = st.binary(max_size=24).map(lambda data: data + bytes(-len(data) % 4))


@st.composite
def media(draw: st.DrawFn) -> bytes:
    """An RTP packet whose header is whole, as libsrtp sees to it, and of which nothing else is."""
    sources, extended = draw(st.integers(0, 3)), draw(st.booleans())
    first = 0x80 | draw(st.booleans()) << 5 | extended << 4 | sources
    second = draw(st.booleans()) << 7 | draw(PAYLOADS)
    head = pack("!BBH", first, second, draw(st.integers(0, 300) | st.integers(0, 0xFFFF)))
    head += pack("!II", draw(st.integers(0, 0xFFFFFFFF)), draw(SSRCS)) + bytes(4 * sources)
    if extended:
        elements = draw(EXTENSIONS)
        profile = draw(st.sampled_from((0xBEDE, 0x1000, 0x1003, 7)))
        head += pack("!HH", profile, len(elements) // 4) + elements
    return head + draw(st.binary(max_size=60))


@st.composite
def control(draw: st.DrawFn) -> bytes:
    """A compound of RTCP whose headers may be whole, and of which nothing else is."""
    packets = []
    for _ in range(draw(st.integers(1, 4))):
        body = draw(st.binary(max_size=80))
        if draw(st.booleans()):
            body = pack("!II", draw(SSRCS), draw(st.integers(0, 5))) + body
        words = draw(st.integers(0, 3) | st.just(len(body) // 4) | st.integers(0, 40))
        kind = draw(st.integers(200, 207))
        packets.append(pack("!BBH", 0x80 | draw(st.integers(0, 31)), kind, words) + body)
    return b"".join(packets)


@given(st.lists(st.tuples(st.booleans(), media() | control()), max_size=40))
def test_no_authentic_packets_make_the_engine_fail(sent: list[tuple[bool, bytes]]) -> None:
    pair, now = Pair(), 10**12

    for from_ada, packet in sent:
        sender = pair.ada if from_ada else pair.bob
        if 191 < packet[1] < 224:
            pair.control(sender, packet, now)
        elif len(packet) >= 12:
            pair.media(sender, packet, now)
        now += 7_000_000
        pair.tick(now)

    assert pair.counters.faults == 0
    assert all(len(packet) <= 1500 for packet in pair.sent)
