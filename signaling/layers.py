"""Simulcast: which layer of a picture a receiver gets, and where one may begin.

A browser sends the same picture in several sizes (RFC 8853), each a `track.Track` of its own; by
convention its offer names them from the smallest to the largest. A receiver is switched at a key
frame of the other layer, and `slot.Slot` continues the numbers.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from signaling.rtp import Bytes

if TYPE_CHECKING:
    from signaling.slot import Slot
    from signaling.track import Track

LOSSY: Final = 26
"""Fraction lost, in 1/256, above which a receiver gets a smaller layer: 10 %."""
CLEAN: Final = 5
"""Fraction lost, in 1/256, below which it may have a larger one again: 2 %."""
CLEAN_FOR: Final = 10
"""Seconds for which it must have been clean."""

_VP8_START: Final = b"\x9d\x01\x2a"


def key_frame_height(codec: str, packet: Bytes, start: int, size: int) -> int | None:
    """Height in pixels when a key frame begins in the payload at `start`, else None.

    0 for H.264, which does not say its height at a place that is easily read. Key frames of other
    codecs are not known, so that a receiver stays on the layer with which it began.
    """
    if codec == "VP8":
        return _vp8_height(packet, start, size)
    if codec == "H264" and start < size:
        return 0 if _h264_begins_key_frame(packet, start, size) else None
    return None


def _vp8_height(packet: Bytes, start: int, size: int) -> int | None:
    """RFC 7741 section 4.2 (payload descriptor) and RFC 6386 section 9.1 (frame header)."""
    at = start + 1
    if at >= size or packet[start] & 0x17 != 0x10:  # the first packet of the first partition
        return None
    if packet[start] & 0x80:
        has = packet[at]
        at += 1
        if has & 0x80:
            at += 2 if at < size and packet[at] & 0x80 else 1
        at += (has >> 6 & 1) + (1 if has & 0x30 else 0)
    if at + 10 > size or packet[at] & 1 or bytes(packet[at + 3 : at + 6]) != _VP8_START:
        return None
    return (packet[at + 8] | packet[at + 9] << 8) & 0x3FFF


def _h264_begins_key_frame(packet: Bytes, start: int, size: int) -> bool:
    """Whether the payload begins with parameter sets, alone or aggregated (RFC 6184)."""
    kind = packet[start] & 0x1F
    if kind == 24 and start + 3 < size:  # STAP-A: the first unit decides
        kind = packet[start + 3] & 0x1F
    return kind == 7


def choose_layer(layers: Sequence["Track"], slot: "Slot") -> "Track | None":
    """The layer for a line: large enough for what is shown, and what the way to it carries.

    `layers` go from the smallest to the largest; ones that are not sent at the moment (the sender
    lacks bandwidth) count only when none is.
    """
    sent = [each for each in layers if each.is_sent] or list(layers)
    if not sent:
        return None
    allowed = sent[: max(1, len(sent) - slot.layers_less)]
    if slot.shown_height:
        for each in allowed:
            if each.height >= slot.shown_height:
                return each
    return allowed[-1]


def adapt(slot: "Slot", layers: int) -> None:
    """Once a second: take the receiver's last report into account."""
    report = slot.reported
    if report is None:
        return
    if report.fraction_lost >= LOSSY:
        slot.layers_less = min(slot.layers_less + 1, layers - 1)
        slot.clean_for = 0
    elif report.fraction_lost < CLEAN:
        slot.clean_for += 1
        if slot.clean_for >= CLEAN_FOR and slot.layers_less:
            slot.layers_less -= 1
            slot.clean_for = 0
