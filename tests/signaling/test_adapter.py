"""The contract with aiortc, aioice and pylibsrtp: what this says is what the engine stands on.

A failure here means that a new version of these libraries has changed; its message says what.
"""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from inspect import signature

import pytest
from aioice import stun
from aiortc.rate import AimdRateControl, RemoteBitrateEstimator
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, RTCCertificate, RTCDtlsTransport
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from signaling.adapter import (
    BindingRequest,
    Fingerprint,
    Handshake,
    Identity,
    PacketBuffer,
    Progress,
    protect,
    protect_rtcp,
    raw_session,
    read_session,
    unprotect,
    unprotect_rtcp,
)
from signaling.events import InvalidSdp

RTP = bytes.fromhex("80600001000000020000000a") + b"payload"
RTCP = bytes.fromhex("80c900010000000a")


def sessions() -> tuple[Session, Session]:
    key = secrets.token_bytes(28)
    profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
    ways = Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND
    first, second = (Session(Policy(key=key, ssrc_type=way, srtp_profile=profile)) for way in ways)
    return first, second


def fill(buffer: PacketBuffer, packet: bytes) -> None:
    buffer.view[: len(packet)] = packet
    buffer.length[0] = len(packet)


def test_libsrtp_in_place_agrees_with_the_public_session() -> None:
    out, back = sessions()
    buffer = PacketBuffer()
    fill(buffer, RTP)

    assert protect(raw_session(out), buffer.pointer, buffer.length) == 0

    encrypted = bytes(buffer.view[: buffer.length[0]])
    assert encrypted[:12] == RTP[:12]
    assert back.unprotect(encrypted) == RTP


def test_libsrtp_in_place_reads_what_the_public_session_writes() -> None:
    out, back = sessions()
    buffer = PacketBuffer()
    fill(buffer, out.protect(RTP))

    assert unprotect(raw_session(back), buffer.pointer, buffer.length) == 0

    assert bytes(buffer.view[: buffer.length[0]]) == RTP


def test_srtcp_survives_both_ways_and_a_changed_bit_does_not() -> None:
    out, back = (raw_session(each) for each in sessions())
    buffer = PacketBuffer()
    fill(buffer, RTCP)
    assert protect_rtcp(out, buffer.pointer, buffer.length) == 0
    encrypted = bytearray(buffer.view[: buffer.length[0]])

    assert unprotect_rtcp(back, buffer.pointer, buffer.length) == 0
    assert bytes(buffer.view[: buffer.length[0]]) == RTCP
    encrypted[-1] ^= 1
    fill(buffer, bytes(encrypted))
    assert unprotect_rtcp(back, buffer.pointer, buffer.length) != 0


def test_a_raw_session_outlives_the_name_of_its_session() -> None:
    out, back = sessions()
    raw = raw_session(out)
    del out
    buffer = PacketBuffer()
    fill(buffer, RTP)

    assert protect(raw, buffer.pointer, buffer.length) == 0
    assert back.unprotect(bytes(buffer.view[: buffer.length[0]])) == RTP


def test_a_replayed_packet_is_refused() -> None:
    out, back = sessions()
    encrypted = out.protect(RTP)
    raw, buffer = raw_session(back), PacketBuffer()
    fill(buffer, encrypted)
    assert unprotect(raw, buffer.pointer, buffer.length) == 0

    fill(buffer, encrypted)

    assert unprotect(raw, buffer.pointer, buffer.length) != 0


def test_an_identity_has_a_fingerprint_and_prefers_gcm() -> None:
    identity = Identity()

    assert identity.fingerprint.algorithm == "sha-256"
    assert len(identity.fingerprint.value.split(":")) == 32


def test_a_fresh_handshake_waits_and_has_nothing_to_say() -> None:
    handshake = Handshake(Identity(), [])

    handshake.receive(b"\x16\xfe\xfd" + bytes(30))

    assert handshake.progress is Progress.UNDER_WAY
    assert list(handshake.outgoing()) == []
    assert handshake.keys is None


class Browser:
    """The other side of a handshake, without a network: an OpenSSL client of its own."""

    def __init__(self, pinned: Sequence[Fingerprint] | None = None) -> None:
        self.identity = Identity()
        self.ssl = SSL.Connection(self.identity.context, None)
        self.ssl.set_connect_state()
        self.server = Handshake(Identity(), pinned or [self.identity.fingerprint])

    def talk(self) -> None:
        """Pass datagrams to and fro until nobody has anything to say."""
        with suppress(SSL.WantReadError):
            self.ssl.do_handshake()
        while True:
            try:
                flight = self.ssl.bio_read(65536)
            except SSL.WantReadError:
                return
            self.server.receive(flight)
            for datagram in self.server.outgoing():
                assert len(datagram) <= 1200
                self.ssl.bio_write(datagram)
            with suppress(SSL.WantReadError, SSL.ZeroReturnError):
                self.ssl.do_handshake()


def test_a_whole_handshake_yields_the_keys_that_the_other_side_derives() -> None:
    browser = Browser()

    browser.talk()

    assert browser.server.progress is Progress.DONE
    assert browser.server.keys is not None
    profile = SRTP_AEAD_AES_128_GCM
    assert browser.ssl.get_selected_srtp_profile() == profile.openssl_profile
    size = 2 * (profile.key_length + profile.salt_length)
    material = browser.ssl.export_keying_material(b"EXTRACTOR-dtls_srtp", size)
    policy = Policy(
        key=profile.get_key_and_salt(material, 0),
        ssrc_type=Policy.SSRC_ANY_OUTBOUND,
        srtp_profile=profile.libsrtp_profile,
    )
    buffer = PacketBuffer()
    fill(buffer, Session(policy).protect(RTP))
    assert unprotect(browser.server.keys.receive, buffer.pointer, buffer.length) == 0
    assert bytes(buffer.view[: buffer.length[0]]) == RTP


def test_the_keys_allow_a_packet_to_be_sent_again_and_know_1024_old_numbers() -> None:
    browser = Browser()
    browser.talk()
    assert browser.server.keys is not None
    buffer, outcomes = PacketBuffer(), []

    for number in (2000, 2000, 2000 - 1023, 2000 - 1024):
        fill(buffer, RTP[:2] + number.to_bytes(2, "big") + RTP[4:])
        outcomes.append(protect(browser.server.keys.send, buffer.pointer, buffer.length) == 0)

    assert outcomes == [True, True, True, False]  # `slot.GUARD` stands on the last


def test_a_certificate_that_was_not_pinned_fails_the_handshake() -> None:
    browser = Browser(pinned=[Identity().fingerprint])

    browser.talk()

    assert browser.server.progress is Progress.FAILED
    assert browser.server.keys is None


def hello_of(browser: Browser) -> bytes:
    """What the browser says next."""
    with suppress(SSL.WantReadError):
        browser.ssl.do_handshake()
    return browser.ssl.bio_read(65536)


def test_a_hello_under_pressure_is_asked_for_a_cookie_and_taken_with_it_alone() -> None:
    browser, engine = Browser(), Identity()
    pinned = [browser.identity.fingerprint]
    screen = Handshake(engine, pinned, b"the cookie")
    hello = hello_of(browser)

    asked: list[bytes] = []
    for said in (hello, hello + hello[:50], hello[:100], hello[:40] + bytes(160), hello):
        assert not screen.verify(said)  # and nothing is kept of it
        asked += screen.outgoing()
    assert len(asked) == 4  # all but the one that is cut
    assert max(map(len, asked)) < len(hello)
    browser.ssl.bio_write(asked[-1])
    again = hello_of(browser)

    assert not Handshake(engine, pinned, b"another").verify(again)
    browser.server = Handshake(engine, pinned, b"the cookie")
    assert not browser.server.verify(hello[:100])
    assert browser.server.verify(again)
    browser.server.receive(again)
    for datagram in browser.server.outgoing():
        browser.ssl.bio_write(datagram)
    browser.talk()
    assert browser.server.progress is Progress.DONE


def test_either_side_can_close_what_was_established() -> None:
    ours, theirs = Browser(), Browser()
    ours.talk()
    theirs.talk()

    ours.server.close()
    for datagram in ours.server.outgoing():
        ours.ssl.bio_write(datagram)
    with pytest.raises(SSL.ZeroReturnError):
        ours.ssl.recv(1)
    theirs.ssl.shutdown()
    theirs.server.receive(theirs.ssl.bio_read(65536))
    assert theirs.server.progress is Progress.CLOSED


def test_an_unanswered_flight_is_sent_again_when_its_time_has_come() -> None:
    browser = Browser()
    with suppress(SSL.WantReadError):
        browser.ssl.do_handshake()
    browser.server.receive(browser.ssl.bio_read(65536))
    first = list(browser.server.outgoing())

    due = browser.server.seconds_to_timer()

    assert first
    assert due is not None
    assert 0 <= due <= 1


PRIVATE = (
    (RTCCertificate, {"_create_ssl_context": ("self", "srtp_profiles")}),
    (
        RTCDtlsTransport,
        {
            "_set_role": ("self", "role"),
            "_set_state": ("self", "state"),
            "_setup_srtp": ("self",),
            "_validate_peer_identity": ("self", "remoteParameters"),
        },
    ),
    (
        RemoteBitrateEstimator,
        {"add": ("self", "arrival_time_ms", "abs_send_time", "payload_size", "ssrc")},
    ),
    (AimdRateControl, {"set_estimate": ("self", "bitrate", "now_ms")}),
    (stun, {"parse_message": ("data",)}),
)


@pytest.mark.parametrize(
    ("owner", "functions"), PRIVATE, ids=lambda each: getattr(each, "__name__", "")
)
def test_private_functions_take_what_the_adapter_gives_them(
    owner: object, functions: dict[str, tuple[str, ...]]
) -> None:
    for name, wanted in functions.items():
        found = getattr(owner, name, None)
        assert callable(found), f"{owner} has no {name} any more"
        assert tuple(signature(found).parameters) == wanted, f"{name} takes something else now"


def test_private_attributes_are_where_the_adapter_looks_for_them() -> None:
    browser = Browser()
    browser.talk()

    dtls = vars(browser.server._dtls)
    wanted = {"_ssl", "_state", "_srtp_profiles", "_rx_srtp", "_tx_srtp"}
    assert not wanted - set(dtls), "a new aiortc keeps these elsewhere"
    assert hasattr(dtls["_rx_srtp"], "_srtp"), "a new pylibsrtp keeps its srtp_t elsewhere"


def check(**attributes: object) -> stun.Message:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    message.attributes.update(attributes)
    return message


def test_a_binding_request_is_authentic_under_its_password_alone() -> None:
    message = check(USERNAME="ours:theirs", **{"USE-CANDIDATE": None})
    message.add_message_integrity(b"secret")

    request = BindingRequest.parse(bytes(message))

    assert request is not None
    assert request.username == "ours:theirs"
    assert request.nominates
    assert request.authentic("secret")
    assert not request.authentic("guess")


@pytest.mark.parametrize("address", [("192.0.2.7", 4711), ("2001:db8::7", 4711)])
def test_the_answer_to_a_check_tells_the_address_seen(address: tuple[str, int]) -> None:
    message = check(USERNAME="ours:theirs")
    request = BindingRequest.parse(bytes(message))
    assert request is not None

    answer = stun.parse_message(request.answer(address, "secret"))

    assert answer.message_class is stun.Class.RESPONSE
    assert answer.transaction_id == message.transaction_id
    assert answer.attributes["XOR-MAPPED-ADDRESS"] == address
    assert answer.check_message_integrity(b"secret")
    assert "FINGERPRINT" in answer.attributes


def test_the_answer_to_a_check_is_what_aioice_would_write() -> None:
    message = check(USERNAME="ours:theirs")
    request = BindingRequest.parse(bytes(message))
    assert request is not None

    answer = request.answer(("fe80::7%lo", 4711), "secret")

    theirs = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, message.transaction_id)
    theirs.attributes["XOR-MAPPED-ADDRESS"] = "fe80::7", 4711
    theirs.add_message_integrity(b"secret")
    assert answer == bytes(theirs)


def test_what_is_no_binding_request_is_none() -> None:
    response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)

    assert BindingRequest.parse(bytes(response)) is None
    assert BindingRequest.parse(bytes(check())) is None
    assert BindingRequest.parse(b"\0\1") is None


def test_a_request_without_integrity_is_not_authentic() -> None:
    request = BindingRequest.parse(bytes(check(USERNAME="ours:theirs")))

    assert request is not None
    assert not request.authentic("")


def test_aiortcs_reader_names_its_parts_as_the_engine_expects() -> None:
    text = (
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:a\r\na=rtcp-mux\r\na=setup:actpass\r\n"
        "a=ice-ufrag:abcd\r\na=fingerprint:sha-256 AB\r\na=extmap:3 uri\r\n"
        "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\na=fmtp:96 x=1\r\n"
        "a=ssrc-group:FID 1 2\r\na=ssrc:1 cname:c\r\n"
    )

    session = read_session(text)

    medium = session.media[0]
    assert [str(group) for group in session.group] == ["BUNDLE a"]
    assert (medium.kind, medium.port, medium.rtcp_mux) == ("video", 9, True)
    assert medium.rtp.muxId == "a"
    assert [(each.id, each.uri) for each in medium.rtp.headerExtensions] == [(3, "uri")]
    assert [(each.payloadType, each.name) for each in medium.rtp.codecs] == [(96, "VP8")]
    assert medium.rtp.codecs[0].rtcpFeedback[0].parameter == "pli"
    assert medium.ice is not None
    assert medium.ice.usernameFragment == "abcd"
    assert medium.dtls is not None
    assert (medium.dtls.role, medium.dtls.fingerprints[0].value) == ("auto", "AB")
    assert [str(each) for each in medium.ssrc_group] == ["FID 1 2"]


def test_whatever_aiortcs_reader_raises_is_invalid_sdp() -> None:
    with pytest.raises(InvalidSdp):
        read_session("v=x\r\n")
