"""Offers, read and checked: from the text of a browser to frozen descriptions of what it can do.

JSEP (RFC 9429) bundled over one transport (RFC 9143). `adapter.read_session` does the lexical
work; what aiortc drops (`rid`, `simulcast`, `extmap-allow-mixed`, `bundle-only`) is read from the
raw lines here. The counterpart is `answer`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import MediaDescription, SessionDescription

from signaling.adapter import Fingerprint, read_session
from signaling.events import InvalidSdp, Kind

MOST_CHARACTERS: Final = 200_000
MOST_LINES: Final = 4_000
MOST_LINES_OF_A_MEDIUM: Final = 400
"""A video section of Chromium has about 200; the reader is quadratic within one section."""
MOST_MEDIA: Final = 64
REMEMBERED: Final = 32
"""Lists of codecs and extensions: one for sound and one for pictures of each browser in use."""

_TOKEN: Final = re.compile(r"[!#-'*+\-.0-9A-Z^-~]{1,64}")
"""A token of RFC 8866: what a mid or a rid may be made of."""
_CAPABILITIES: Final = ("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=extmap:")
"""The lines that are the same for everybody with the same browser, two thirds of an offer."""
_ICE_CHARACTERS: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")


class Direction(StrEnum):
    """Who sends on a line, from the side of whoever wrote the description (RFC 8866)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """Whether the writer of the description sends."""
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        """Whether the writer of the description receives."""
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def receiving(self) -> "Direction":
        """The same for a writer who sends nothing."""
        return Direction.RECVONLY if self.receives else Direction.INACTIVE

    @property
    def reversed(self) -> "Direction":
        """The same from the other side."""
        match self:
            case Direction.SENDONLY:
                return Direction.RECVONLY
            case Direction.RECVONLY:
                return Direction.SENDONLY
            case Direction.SENDRECV | Direction.INACTIVE:
                return self


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type: its name (upper case), clock rate in Hz, `fmtp` parameters, feedback."""

    payload_type: int
    name: str
    spelling: str
    """The name as the offer writes it."""
    clock_rate: int
    channels: int
    parameters: tuple[tuple[str, str | None], ...]
    feedback: frozenset[str]

    def parameter(self, name: str) -> str | None:
        """The value of an `fmtp` parameter; None when it is absent or has no value."""
        return dict(self.parameters).get(name)


@dataclass(frozen=True, slots=True)
class Extension:
    """A header extension and the id that this offer gives it (RFC 8285)."""

    id: int
    uri: str


@dataclass(frozen=True, slots=True)
class OfferedMedium:
    """One `m=` section. `usable` is False for data channels, stopped and unbundled sections."""

    mid: str
    kind: str
    protocol: str
    formats: str
    usable: bool
    direction: Direction
    codecs: tuple[Codec, ...]
    extensions: tuple[Extension, ...]
    ssrcs: tuple[int, ...]
    """Primary SSRCs in the order of the offer; none when the offer leaves them to `mid`."""
    retransmits: tuple[tuple[int, int], ...]
    """Pairs (SSRC of the retransmissions, primary SSRC)."""
    send_rids: tuple[str, ...]
    """Layers of simulcast that the offer would send, in its order."""

    @property
    def media_kind(self) -> Kind:
        """The kind of a usable section."""
        return Kind(self.kind)


@dataclass(frozen=True, slots=True)
class Offer:
    """What one person offers, checked."""

    media: tuple[OfferedMedium, ...]
    ice_ufrag: str
    """Differs from the last offer's when ICE restarts (RFC 8445 section 9)."""
    fingerprints: tuple[Fingerprint, ...]
    mixed_extensions: bool

    def sending(self, most: int) -> "Offer":
        """The same offer of somebody who sends on so many lines of each kind, the first ones."""
        sent: Counter[str] = Counter()
        media = []
        for each in self.media:
            sent[each.kind] += each.direction.sends
            over = sent[each.kind] > most
            media.append(replace(each, direction=each.direction.receiving) if over else each)
        return replace(self, media=tuple(media))

    def usable(self, kind: Kind) -> list[OfferedMedium]:
        """The usable sections of one kind, in order."""
        return [each for each in self.media if each.usable and each.kind == kind]


def parse_offer(text: str) -> Offer:
    """Read an offer. Raises InvalidSdp with a sentence that says what is wrong."""
    sections = list(map(_split, _raw_sections(text)))
    session = read_session("\n".join("\n".join(rest) for _, rest in sections))
    if not session.media or len(session.media) > MOST_MEDIA:
        raise InvalidSdp(f"An offer has 1 to {MOST_MEDIA} media sections.")
    bundle = _bundle(session)
    media = tuple(
        _medium(each, *raw, bundle) for each, raw in zip(session.media, sections[1:], strict=True)
    )
    mids = [each.mid for each in media]
    if len(set(mids)) != len(mids):
        raise InvalidSdp("Two media sections have the same mid.")
    transports = [each for each, medium in zip(session.media, media, strict=True) if medium.usable]
    if not transports:
        raise InvalidSdp("The offer has no audio or video section that can be answered.")
    ufrag, fingerprints = _transport(transports)
    mixed = any("a=extmap-allow-mixed" in rest for _, rest in sections)
    return Offer(media, ufrag, fingerprints, mixed)


def _raw_sections(text: str) -> list[list[str]]:
    """The lines of the session part and of each medium, after the checks of size."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidSdp(f"An offer is at most {MOST_CHARACTERS} characters long.")
    lines = text.splitlines()
    sections: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line)
    if len(lines) > MOST_LINES or max(map(len, sections)) > MOST_LINES_OF_A_MEDIUM:
        raise InvalidSdp("The offer has too many lines.")
    return sections


def _split(section: list[str]) -> tuple[list[str], list[str]]:
    """The lines of a section that tell capabilities, and all others."""
    capabilities: list[str] = []
    rest: list[str] = []
    for line in section:
        (capabilities if line.startswith(_CAPABILITIES) else rest).append(line)
    return capabilities, rest


def _bundle(session: SessionDescription) -> frozenset[str]:
    groups = [group for group in session.group if group.semantic == "BUNDLE"]
    if groups:
        return frozenset(str(mid) for mid in groups[0].items)
    return frozenset(each.rtp.muxId for each in session.media[:1])


def _medium(
    parsed: MediaDescription,
    capabilities: Sequence[str],
    rest: Sequence[str],
    bundle: frozenset[str],
) -> OfferedMedium:
    mid = parsed.rtp.muxId
    if not _TOKEN.fullmatch(mid):
        raise InvalidSdp("A media section has no mid that can be used.")
    usable = (
        parsed.kind in (Kind.AUDIO, Kind.VIDEO)
        and mid in bundle
        and (parsed.port != 0 or "a=bundle-only" in rest)
        and parsed.rtcp_mux
    )
    layers = _layers(rest) if usable else ()
    retransmits = _retransmits(parsed)
    secondary = {repair for repair, _ in retransmits}
    codecs, extensions = _capabilities((rest[0], *capabilities))
    return OfferedMedium(
        mid=mid,
        kind=parsed.kind,
        protocol=parsed.profile,
        formats=" ".join(map(str, parsed.fmt)),
        usable=usable,
        direction=Direction(parsed.direction or "sendrecv"),
        codecs=codecs,
        extensions=extensions,
        ssrcs=tuple(_ssrc(each.ssrc) for each in parsed.ssrc if each.ssrc not in secondary),
        retransmits=retransmits,
        send_rids=layers,
    )


@lru_cache(REMEMBERED)
def _capabilities(lines: tuple[str, ...]) -> tuple[tuple[Codec, ...], tuple[Extension, ...]]:
    """Codecs and header extensions of a section, of which these are the lines that tell them."""
    (parsed,) = read_session("\n".join(lines)).media
    return tuple(map(_codec, parsed.rtp.codecs)), _extensions(parsed)


def _codec(parsed: RTCRtpCodecParameters) -> Codec:
    payload_type = parsed.payloadType
    if payload_type is None or not 0 <= payload_type < 128:
        raise InvalidSdp("A payload type is not between 0 and 127.")
    return Codec(
        payload_type=payload_type,
        name=parsed.name.upper(),
        spelling=parsed.name,
        clock_rate=parsed.clockRate,
        channels=parsed.channels or 1,
        parameters=tuple(
            (name, None if value is None else str(value))
            for name, value in parsed.parameters.items()
        ),
        feedback=frozenset(
            each.type if each.parameter is None else f"{each.type} {each.parameter}"
            for each in parsed.rtcpFeedback
        ),
    )


def _extensions(parsed: MediaDescription) -> tuple[Extension, ...]:
    found = tuple(Extension(each.id, each.uri) for each in parsed.rtp.headerExtensions)
    if any(not 1 <= each.id <= 255 or each.id == 15 for each in found):
        raise InvalidSdp("A header extension has an id that RFC 8285 does not allow.")
    return found


def _ssrc(value: int) -> int:
    if not 0 <= value < 1 << 32:
        raise InvalidSdp("An SSRC does not fit 32 bits.")
    return value


def _retransmits(parsed: MediaDescription) -> tuple[tuple[int, int], ...]:
    """Flow identification groups (RFC 4588 section 8.3): primary first, repair second."""
    return tuple(
        (_ssrc(int(group.items[1])), _ssrc(int(group.items[0])))
        for group in parsed.ssrc_group
        if group.semantic == "FID" and len(group.items) == 2
    )


def _layers(raw: Sequence[str]) -> tuple[str, ...]:
    """The rids of `a=rid:<id> send` (RFC 8851), when `a=simulcast:send` is there (RFC 8853)."""
    if not any(line.startswith("a=simulcast:") and " send " in f" {line[12:]} " for line in raw):
        return ()
    rids = [line[6:].split() for line in raw if line.startswith("a=rid:")]
    found = tuple(
        parts[0]
        for parts in rids
        if len(parts) >= 2 and parts[1] == "send" and _TOKEN.fullmatch(parts[0])
    )
    return found if len(found) <= 4 else found[:4]


def _transport(media: Sequence[MediaDescription]) -> tuple[str, tuple[Fingerprint, ...]]:
    """ICE user fragment and certificate fingerprints: those of the first bundled section."""
    first = media[0]
    ufrag = "" if first.ice is None else first.ice.usernameFragment or ""
    if not _ICE_CHARACTERS.fullmatch(ufrag):
        raise InvalidSdp("The offer has no ICE user fragment that can be used.")
    if first.dtls is None or first.dtls.role == "server":
        raise InvalidSdp("The offer must let its side open DTLS (a=setup:actpass or active).")
    fingerprints = tuple(
        Fingerprint(each.algorithm.lower(), each.value.upper())
        for each in first.dtls.fingerprints[:8]
    )
    if not any(each.algorithm in ("sha-256", "sha-384", "sha-512") for each in fingerprints):
        raise InvalidSdp("The offer has no certificate fingerprint that can be checked.")
    return ufrag, fingerprints
