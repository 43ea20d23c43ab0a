"""RTP headers, read in place: where things are in a packet, without an object per packet.

RFC 3550 section 5.1 (header), RFC 8285 (header extensions), RFC 4588 (retransmission),
RFC 2198 (redundant audio). Counterpart: `rtcp`, for the control packets.
"""

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Final, cast

U16: Final = Struct("!H")
U32: Final = Struct("!I")

Head = tuple[int, int, int, int, int]
"""The header of an RTP packet: first byte, marker and payload type, sequence number, timestamp,
SSRC. Encryption leaves it as it is."""
read_head: Final = cast(Callable[[memoryview], Head], Struct("!BBHII").unpack_from)
read_u16: Final = U16.unpack_from

HEADER: Final = 12
"""Bytes of an RTP header without contributing sources and extensions."""

ONE_BYTE_PROFILE: Final = 0xBEDE
TWO_BYTE_PROFILE: Final = 0x1000

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

Bytes = bytes | bytearray | memoryview


def payload_start(packet: Bytes, size: int) -> int:
    """Offset of the first byte after the header and its extensions; -1 when they do not fit."""
    start = HEADER + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if start + 4 > size:
            return -1
        start += 4 + 4 * int(U16.unpack_from(packet, start + 2)[0])
    return start if start <= size else -1


def extensions(packet: Bytes, size: int) -> Iterator[tuple[int, int, int]]:
    """The header extension elements as (id, offset of the data, length of the data).

    Ends quietly at the first element that does not fit: what came before it is still good.
    """
    start = HEADER + 4 * (packet[0] & 0x0F)
    end = payload_start(packet, size)
    if not packet[0] & 0x10 or end < 0:
        return
    profile = int(U16.unpack_from(packet, start)[0])
    if profile == ONE_BYTE_PROFILE:
        yield from _one_byte_elements(packet, start + 4, end)
    elif profile & 0xFFF0 == TWO_BYTE_PROFILE:
        yield from _two_byte_elements(packet, start + 4, end)


def _one_byte_elements(packet: Bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at < end:
        head = packet[at]
        if head == 0:  # padding
            at += 1
            continue
        length = (head & 0x0F) + 1
        if head >> 4 == 15 or at + 1 + length > end:  # 15 ends the list (RFC 8285 section 4.2)
            return
        yield head >> 4, at + 1, length
        at += 1 + length


def _two_byte_elements(packet: Bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    while at + 1 < end:
        if packet[at] == 0:  # padding
            at += 1
            continue
        length = packet[at + 1]
        if at + 2 + length > end:
            return
        yield packet[at], at + 2, length
        at += 2 + length


def primary_of_red(packet: Bytes, start: int, size: int) -> tuple[int, int] | None:
    """The newest block of a redundant packet: (payload type, offset). RFC 2198 section 3.

    None when the block headers do not fit the packet.
    """
    at, skip = start, 0
    while at < size and packet[at] & 0x80:
        if at + 4 > size:
            return None
        skip += int(U16.unpack_from(packet, at + 2)[0]) & 0x3FF
        at += 4
    if at >= size or at + 1 + skip > size:
        return None
    return packet[at] & 0x7F, at + 1 + skip
