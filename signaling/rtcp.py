"""RTCP packets, as bytes: what the engine reads from peers and what it writes to them.

RFC 3550 section 6 (reports), RFC 4585 (NACK, PLI), RFC 5104 (FIR),
draft-alvestrand-rmcat-remb-03 (REMB). Transport-wide feedback is in `twcc`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct, pack
from typing import Final

from signaling.rtp import U16, U32, Bytes


class Type(IntEnum):
    """RTCP packet types (IANA registry of RTCP control packet types)."""

    SENDER_REPORT = 200
    RECEIVER_REPORT = 201
    TRANSPORT_FEEDBACK = 205
    PAYLOAD_FEEDBACK = 206


NACK: Final = 1
"""Feedback format of TRANSPORT_FEEDBACK: generic NACK (RFC 4585 section 6.2.1)."""
TRANSPORT_WIDE: Final = 15
"""Feedback format of TRANSPORT_FEEDBACK: transport-wide congestion control."""
PLI: Final = 1
"""Feedback format of PAYLOAD_FEEDBACK: picture loss indication."""
FIR: Final = 4
"""Feedback format of PAYLOAD_FEEDBACK: full intra request."""
REMB: Final = 15
"""Feedback format of PAYLOAD_FEEDBACK: application layer, used for REMB."""

_REPORT = Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """One report block (RFC 3550 section 6.4.1): how a receiver sees one SSRC.

    `fraction_lost` is in 1/256, `jitter` in units of the RTP clock, `last_sr` the middle 32 bits
    of the NTP time of the last sender report, `delay` since then in 1/65536 s.
    """

    ssrc: int
    fraction_lost: int
    packets_lost: int
    highest_sequence: int
    jitter: int
    last_sr: int
    delay: int


def packets(data: Bytes, size: int) -> Iterator[tuple[int, int, int, int]]:
    """The packets of a compound as (type, count or format, start, end); ends where one is cut."""
    at = 0
    while at + 8 <= size:
        end = at + 4 + 4 * int(U16.unpack_from(data, at + 2)[0])
        if data[at] >> 6 != 2 or end > size or end < at + 8:
            return
        yield data[at + 1], data[at] & 0x1F, at, end
        at = end


def report_blocks(data: Bytes, at: int, end: int) -> Iterator[ReportBlock]:
    """The report blocks between two offsets; a last one that is cut is left out."""
    for start in range(at, end - 23, 24):
        ssrc, loss, highest, jitter, last_sr, delay = _REPORT.unpack_from(data, start)
        lost = loss & 0xFFFFFF
        yield ReportBlock(
            ssrc=ssrc,
            fraction_lost=loss >> 24,
            packets_lost=lost - 0x1000000 if lost & 0x800000 else lost,
            highest_sequence=highest,
            jitter=jitter,
            last_sr=last_sr,
            delay=delay,
        )


def nacked(data: Bytes, at: int, end: int) -> Iterator[int]:
    """The sequence numbers asked for by the NACK entries between two offsets."""
    for start in range(at, end - 3, 4):
        first = int(U16.unpack_from(data, start)[0])
        mask = int(U16.unpack_from(data, start + 2)[0])
        yield first
        while mask:
            bit = mask & -mask
            yield (first + bit.bit_length()) & 0xFFFF
            mask ^= bit


def fir_targets(data: Bytes, at: int, end: int) -> Iterator[int]:
    """The SSRCs that a full intra request names (RFC 5104 section 4.3.1)."""
    for start in range(at, end - 7, 8):
        yield int(U32.unpack_from(data, start)[0])


def remb_bitrate(data: Bytes, at: int, end: int) -> int | None:
    """Bits per second of a REMB message whose FCI starts at `at`; None when it is another one."""
    if at + 8 > end or bytes(data[at : at + 4]) != b"REMB":
        return None
    return (((data[at + 5] & 3) << 16) | (data[at + 6] << 8) | data[at + 7]) << (data[at + 5] >> 2)


def write_nack(sender: int, media: int, lost: Sequence[int]) -> bytes:
    """A generic NACK for `lost`, sequence numbers in ascending order modulo 2^16."""
    entries: list[tuple[int, int]] = []
    for sequence in lost:
        if entries and 0 < (ahead := (sequence - entries[-1][0]) & 0xFFFF) <= 16:
            entries[-1] = entries[-1][0], entries[-1][1] | 1 << (ahead - 1)
        else:
            entries.append((sequence, 0))
    body = b"".join(pack("!HH", *entry) for entry in entries)
    head = pack("!BBHII", 0x80 | NACK, Type.TRANSPORT_FEEDBACK, 2 + len(entries), sender, media)
    return head + body


def write_pli(sender: int, media: int) -> bytes:
    """A picture loss indication: the sender of `media` should send a key frame."""
    return pack("!BBHII", 0x80 | PLI, Type.PAYLOAD_FEEDBACK, 2, sender, media)


def write_remb(sender: int, bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """A receiver-estimated maximum bitrate, bits per second, for all of `ssrcs` together."""
    exponent = max(0, bitrate.bit_length() - 18)
    mantissa = bitrate >> exponent
    words = 4 + len(ssrcs)
    return (
        pack("!BBHII4s", 0x80 | REMB, Type.PAYLOAD_FEEDBACK, words, sender, 0, b"REMB")
        + pack("!BBH", len(ssrcs), exponent << 2 | mantissa >> 16, mantissa & 0xFFFF)
        + b"".join(U32.pack(ssrc) for ssrc in ssrcs)
    )


def write_receiver_report(sender: int, blocks: Iterable[ReportBlock]) -> bytes:
    """A receiver report; at most 31 blocks fit (the count has 5 bits)."""
    body = [
        _REPORT.pack(
            block.ssrc,
            block.fraction_lost << 24 | (block.packets_lost & 0xFFFFFF),
            block.highest_sequence & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_sr,
            min(block.delay, 0xFFFFFFFF),
        )
        for block in blocks
    ]
    words = 1 + 6 * len(body)
    return pack("!BBHI", 0x80 | len(body), Type.RECEIVER_REPORT, words, sender) + b"".join(body)
