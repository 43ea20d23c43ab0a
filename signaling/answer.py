"""Answers, written: which codecs, extensions and lines are taken up, and the SDP that says so.

The counterpart is `sdp`, which reads offers. Codecs are passed through, never translated, so all
people in a call use one video codec (`choose_video`) and each keeps its own payload types.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from signaling.adapter import Fingerprint
from signaling.events import Kind
from signaling.rtp import ABS_SEND_TIME, AUDIO_LEVEL, MID, REPAIRED_RID, RID, TRANSPORT_CC
from signaling.sdp import Codec, Direction, Extension, Offer, OfferedMedium

VIDEO_CODECS: Final = ("VP8", "H264", "VP9", "AV1")
"""In order of preference. VP8 is what every browser can encode; H.264 where VP8 is missing."""

_FEEDBACK: Final = {
    Kind.AUDIO: ("transport-cc", "nack"),
    Kind.VIDEO: ("transport-cc", "ccm fir", "nack", "nack pli"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is taken up of one offered section."""

    main: Codec
    redundant: Codec | None
    """RED around `main` (RFC 2198), for audio."""
    retransmission: Codec | None
    """RTX of `main` (RFC 4588), for video."""
    extensions: tuple[Extension, ...]
    feedback: tuple[str, ...]

    def extension(self, uri: str) -> int:
        """The id of an extension in this section; 0 when it is not taken up."""
        return next((each.id for each in self.extensions if each.uri == uri), 0)

    @property
    def codecs(self) -> list[Codec]:
        """In the order of the answer: the first one is what the browser sends."""
        return [each for each in (self.redundant, self.main, self.retransmission) if each]


@dataclass(frozen=True, slots=True)
class Sending:
    """What the engine sends on a line: the stream and the SSRCs it announces."""

    stream: str
    """The id of the MediaStream that the browser makes of it: who is seen on this line."""
    ssrc: int
    repair_ssrc: int
    """SSRC of the retransmissions; announced only where RTX was taken up."""


@dataclass(frozen=True, slots=True)
class AnsweredMedium:
    """One section of the answer; `chosen` is None when it is refused."""

    offered: OfferedMedium
    chosen: Chosen | None
    sending: Sending | None


@dataclass(frozen=True, slots=True)
class Transport:
    """How the engine is reached: the same in every section."""

    ufrag: str
    password: str
    fingerprint: Fingerprint
    candidates: tuple[str, ...]
    """`a=candidate` lines without their prefix (RFC 8839)."""


def video_codecs(offer: Offer) -> frozenset[str]:
    """The names of the video codecs that every video section of the offer has."""
    sections = [
        frozenset(name for name in VIDEO_CODECS if _find(each.codecs, name))
        for each in offer.usable(Kind.VIDEO)
    ]
    return frozenset.intersection(*sections) if sections else frozenset(VIDEO_CODECS)


def choose_video(able: Iterable[frozenset[str]], current: str | None) -> str:
    """The codec of a call whose people are `able` to do these; `current` stays if it can."""
    common = frozenset(VIDEO_CODECS).intersection(*able)
    if current in common and current is not None:
        return current
    return next((name for name in VIDEO_CODECS if name in common), current or VIDEO_CODECS[0])


def choose(medium: OfferedMedium, video_codec: str) -> Chosen | None:
    """What to take up of a section; None when it offers nothing that the call can use."""
    if not medium.usable:
        return None
    kind = medium.media_kind
    main = _find(medium.codecs, "OPUS" if kind is Kind.AUDIO else video_codec)
    if main is None:
        return None
    redundant = _redundant(medium.codecs, main) if kind is Kind.AUDIO else None
    feedback = tuple(each for each in _FEEDBACK[kind] if each in main.feedback)
    if "transport-cc" not in feedback and "goog-remb" in main.feedback:
        feedback += ("goog-remb",)
    return Chosen(
        main=main,
        redundant=redundant,
        retransmission=_retransmission(medium.codecs, main),
        extensions=_choose_extensions(medium, feedback),
        feedback=feedback,
    )


def _find(codecs: Sequence[Codec], name: str) -> Codec | None:
    found = [each for each in codecs if each.name == name]
    if name == "H264":
        # Constrained baseline in packets of any size is what all browsers have in common.
        found = [each for each in found if each.parameter("packetization-mode") == "1"]
        found = [
            each for each in found if (each.parameter("profile-level-id") or "").startswith("42")
        ]
        found.sort(key=lambda each: (each.parameter("profile-level-id") or "")[2:4].lower() != "e0")
    if name == "VP9":
        found = [each for each in found if (each.parameter("profile-id") or "0") == "0"]
    return found[0] if found else None


def _redundant(codecs: Sequence[Codec], main: Codec) -> Codec | None:
    for each in codecs:
        if each.name == "RED" and each.clock_rate == main.clock_rate:
            blocks = next((name for name, value in each.parameters if value is None), "")
            if set(blocks.split("/")) == {str(main.payload_type)}:
                return each
    return None


def _retransmission(codecs: Sequence[Codec], main: Codec) -> Codec | None:
    apt = str(main.payload_type)
    return next(
        (each for each in codecs if each.name == "RTX" and each.parameter("apt") == apt), None
    )


def _choose_extensions(medium: OfferedMedium, feedback: tuple[str, ...]) -> tuple[Extension, ...]:
    wanted = {MID}
    wanted.add(TRANSPORT_CC if "transport-cc" in feedback else ABS_SEND_TIME)
    if medium.kind == Kind.AUDIO:
        wanted.add(AUDIO_LEVEL)
    if medium.send_rids:
        wanted |= {RID, REPAIRED_RID}
    return tuple(each for each in medium.extensions if each.uri in wanted)


def candidates(addresses: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Host candidates, the first address preferred, UDP before TCP (RFC 8445, RFC 6544)."""
    found: list[str] = []
    for number, (host, port) in enumerate(addresses):
        local = (65535 - number) << 8 | 255
        found.append(f"{2 * number + 1} 1 udp {126 << 24 | local} {host} {port} typ host")
        found.append(
            f"{2 * number + 2} 1 tcp {90 << 24 | local} {host} {port} typ host tcptype passive"
        )
    return tuple(found)


def write_answer(
    session: int,
    version: int,
    transport: Transport,
    media: Sequence[AnsweredMedium],
    *,
    mixed_extensions: bool,
) -> str:
    """The SDP answer; `version` must grow with each answer of the same `session`."""
    bundle = " ".join(each.offered.mid for each in media if each.chosen)
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {bundle}",
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]
    if mixed_extensions:
        lines.append("a=extmap-allow-mixed")
    for each in media:
        lines += _refused(each.offered) if each.chosen is None else _section(each, transport)
    return "\r\n".join(lines) + "\r\n"


def _refused(offered: OfferedMedium) -> list[str]:
    return [
        f"m={offered.kind} 0 {offered.protocol} {offered.formats}",
        "c=IN IP4 0.0.0.0",
        f"a=mid:{offered.mid}",
        "a=inactive",
    ]


def _section(medium: AnsweredMedium, transport: Transport) -> Iterator[str]:
    offered, chosen = medium.offered, medium.chosen
    assert chosen is not None
    types = " ".join(str(each.payload_type) for each in chosen.codecs)
    yield f"m={offered.kind} 9 {offered.protocol} {types}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{offered.mid}"
    yield f"a={_direction(medium)}"
    yield "a=rtcp-mux"
    yield "a=rtcp-rsize"
    yield f"a=ice-ufrag:{transport.ufrag}"
    yield f"a=ice-pwd:{transport.password}"
    yield f"a=fingerprint:{transport.fingerprint.algorithm} {transport.fingerprint.value}"
    yield "a=setup:passive"
    for extension in chosen.extensions:
        yield f"a=extmap:{extension.id} {extension.uri}"
    for codec in chosen.codecs:
        yield from _codec(codec, chosen)
    if offered.send_rids and offered.direction.sends:
        yield from (f"a=rid:{rid} recv" for rid in offered.send_rids)
        yield "a=simulcast:recv " + ";".join(offered.send_rids)
    if medium.sending:
        yield from _sending(medium.sending, offered, repaired=chosen.retransmission is not None)
    for candidate in transport.candidates:
        yield f"a=candidate:{candidate}"
    yield "a=end-of-candidates"


def _direction(medium: AnsweredMedium) -> Direction:
    """Everything offered is taken up; what is received needs a line that the engine sends on."""
    direction = medium.offered.direction.reversed
    if medium.sending is None and direction.sends:
        return Direction.RECVONLY if direction.receives else Direction.INACTIVE
    return direction


def _codec(codec: Codec, chosen: Chosen) -> Iterator[str]:
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    yield f"a=rtpmap:{codec.payload_type} {codec.spelling}/{codec.clock_rate}{channels}"
    if codec is not chosen.retransmission:
        for feedback in chosen.feedback:
            yield f"a=rtcp-fb:{codec.payload_type} {feedback}"
    parameters = dict(codec.parameters)
    if codec.name == "OPUS":
        parameters = {"minptime": "10", "useinbandfec": "1"}
    if parameters:
        text = ";".join(
            name if value is None else f"{name}={value}" for name, value in parameters.items()
        )
        yield f"a=fmtp:{codec.payload_type} {text}"


def _sending(sending: Sending, offered: OfferedMedium, *, repaired: bool) -> Iterator[str]:
    yield f"a=msid:{sending.stream} {sending.stream}-{offered.kind}-{offered.mid}"
    # The primary SSRC must come first: Chromium takes the first one for the media.
    if repaired:
        yield f"a=ssrc-group:FID {sending.ssrc} {sending.repair_ssrc}"
    yield f"a=ssrc:{sending.ssrc} cname:{sending.stream}"
    if repaired:
        yield f"a=ssrc:{sending.repair_ssrc} cname:{sending.stream}"
