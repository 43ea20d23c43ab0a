"""A line on which a person receives, and the same packet as that person gets it.

The counterpart is `track.Track`, what somebody else publishes. A slot has an SSRC of its own for as
long as the line exists. When its source changes (somebody leaves and another comes, or rebuilds
the connection), sequence numbers and timestamps go on where they were, so the receiving browser
sees one stream and needs no new offer.
"""

from collections.abc import Callable, Iterable
from math import inf
from random import getrandbits
from typing import TYPE_CHECKING, Final

from signaling.adapter import Address, PacketBuffer, protect
from signaling.answer import Chosen
from signaling.events import Kind
from signaling.rtcp import ReportBlock
from signaling.rtp import U16, U32, payload_start, primary_of_red

if TYPE_CHECKING:
    from signaling.track import Track

CLOCK: Final = {Kind.AUDIO: 48_000, Kind.VIDEO: 90_000}
"""Hertz of the RTP timestamps of every codec that is taken up."""
GUARD: Final = 2048
"""Packets after a change of source during which stragglers from before it are dropped: twice
libsrtp's window, which refuses older ones."""
RESENDS: Final = 64
"""Retransmissions per slot and `RESENDS_EVERY`: a receiver cannot make the engine send more."""
RESENDS_EVERY: Final = 25_000_000
"""Nanoseconds."""

VACANT: Final = "vacant-"
"""How the stream id of a line begins on which nobody is yet."""

_UNKNOWN: Final = 200
_REDUNDANT: Final = 201
"""Marks in the table of types. As types they are forbidden beside RTCP (RFC 5761 section 4)."""

SendTo = Callable[[bytes | memoryview, Address], object]


def no_route(_packet: bytes | memoryview, _address: Address) -> None:
    """What a slot sends with until its receiver has an address."""


class Slot:
    """Where a packet goes, and what is rewritten in it."""

    rank: int = 0
    """Place among the receiver's lines of this kind; lines of one rank make one stream."""
    told: str = ""
    """The stream id that the receiver's last answer gave the line."""
    shown_height: int = 0
    """Pixels in which the receiver shows this picture; 0 = as large as it comes."""
    layers_less: int = 0
    """How many layers of simulcast are withheld, for the way to the receiver is lossy."""
    clean_for: int = 0
    """Seconds without loss."""
    resent: int = 0
    not_sent: int = 0
    """Packets that the system did not take."""
    round_trip: float | None = None
    """Seconds between the engine and the receiver."""
    report_sent: tuple[int, int] = (0, 0)
    """The last sender report passed on: (middle 32 bits of its NTP time, our time in ns)."""
    _resends_left: int = RESENDS
    _resends_since: int = 0
    """When there were last as many left as there may be (ns)."""

    def __init__(
        self,
        kind: Kind,
        mid: str,
        ssrcs: tuple[int, int],
        chosen: Chosen,
        send_control: Callable[[bytes], None],
    ) -> None:
        self.kind = kind
        self.mid = mid
        self.chosen = chosen
        """How the receiver's line was answered."""
        self.ssrc, self.repair_ssrc = ssrcs
        self._ssrc_word = memoryview(U32.pack(self.ssrc)).cast("I")[0]
        """The SSRC as a word of `PacketBuffer.words`."""
        self.send_control = send_control
        """How RTCP goes to the receiver."""
        self.source: tuple[str, int] | None = None
        """Whose media this is: (peer, number among that peer's lines of this kind)."""
        self.track: Track | None = None
        self.session: object = None
        self.send: SendTo = no_route
        self.address: Address = ("", 0)
        self.reported: ReportBlock | None = None
        """The receiver's last report about this line."""
        self._repair_type = 0
        self._repair_sequence = getrandbits(15)
        self._types: bytes | None = None
        self._shifted = False
        self._rewrites = False
        """Whether more than the SSRC must be put in."""
        self._sequence_offset = 0
        self._timestamp_offset = 0
        self._guard = 0
        self._began: float = inf
        """The number of the source's first packet that went here, as if they never wrapped."""
        self._ended: tuple[int, int, int] | None = None
        """Where the last source's numbers ended: (sequence, timestamp, our time in ns)."""

    @property
    def stream(self) -> str:
        """The stream id that says whose media the line carries."""
        if self.source is None:
            return f"{VACANT}{self.rank}"
        peer, number = self.source
        return peer if number == 0 else f"{peer}.{number}"

    def translate(self, types: dict[int, int], *, repair_type: int) -> None:
        """Set the payload types: those of the source -> ours.

        0 is for redundant audio (RFC 2198) that is reduced to its newest block. `repair_type` is
        ours for RTX, 0 without it.
        """
        self._repair_type = repair_type
        if all(theirs == ours for theirs, ours in types.items()):
            self._types = None
            self._rewrites = self._shifted
            return
        table = bytearray((_UNKNOWN,)) * 256
        for theirs, ours in types.items():
            table[theirs] = ours or _REDUNDANT
            table[theirs | 0x80] = ours | 0x80 if ours else _REDUNDANT
        self._types = bytes(table)
        self._rewrites = True

    def write(self, buffer: PacketBuffer, size: int) -> None:
        """Turn the plain packet in `buffer` into this receiver's, encrypt it and send it."""
        buffer.words[2] = self._ssrc_word
        if self._rewrites and (size := self._rewrite(buffer.view, size)) == 0:
            return
        length = buffer.length
        length[0] = size
        if protect(self.session, buffer.pointer, length):
            return
        try:
            self.send(buffer.view[: length[0]], self.address)
        except OSError:
            self.not_sent += 1

    def _rewrite(self, view: memoryview, size: int) -> int:
        """Put our payload type and numbers in; the new size, 0 when it cannot be passed on."""
        if self._types is not None:
            size = self._retype(view, size)
        if size and self._shifted and not self._shift(view):
            return 0
        return size

    def _retype(self, view: memoryview, size: int) -> int:
        """Put our payload type in; the new size, 0 when the packet cannot be passed on."""
        assert self._types is not None
        kind = self._types[view[1]]
        if kind == _UNKNOWN:
            return 0
        if kind != _REDUNDANT:
            view[1] = kind
            return size
        start = payload_start(view, size)
        primary = primary_of_red(view, start, size) if start > 0 else None
        if primary is None or (plain := self._types[primary[0]]) in (_UNKNOWN, _REDUNDANT):
            return 0
        view[1] = view[1] & 0x80 | plain
        rest = size - primary[1]
        view[start : start + rest] = view[primary[1] : size]
        return start + rest

    def _shift(self, view: memoryview) -> bool:
        """Move the numbers of this source to where the last one's ended."""
        sequence = (U16.unpack_from(view, 2)[0] + self._sequence_offset) & 0xFFFF
        if self._guard:
            # A straggler would take a number that the last source has used, and with it a nonce.
            self._guard -= 1
            assert self._ended is not None
            if (sequence - self._ended[0]) & 0xFFFF >= 0x8000:
                return False
        U16.pack_into(view, 2, sequence)
        timestamp = U32.unpack_from(view, 4)[0] + self._timestamp_offset
        U32.pack_into(view, 4, timestamp & 0xFFFFFFFF)
        return True

    def attach(self, track: "Track", sequence: int, timestamp: int, now: int) -> None:
        """Begin with `track`, whose next packet has these numbers."""
        self.track = track
        self._began = track.extended(sequence)
        if self._ended is None:
            return
        ended, last, at = self._ended
        elapsed = max(1, (now - at) * CLOCK[self.kind] // 1_000_000_000)
        self._sequence_offset = (ended - sequence) & 0xFFFF
        self._timestamp_offset = (last + elapsed - timestamp) & 0xFFFFFFFF
        self._guard = GUARD
        self._shifted = self._rewrites = True

    def detach(self, now: int) -> None:
        """Stop receiving from the current track, and remember where its numbers ended."""
        track, self.track, self._began = self.track, None, inf
        if track is not None and track.remove(self):
            sequence = (track.highest + self._sequence_offset + 1) & 0xFFFF
            timestamp = (track.timestamp_at(now) + self._timestamp_offset) & 0xFFFFFFFF
            self._ended = sequence, timestamp, now

    def timestamp_here(self, timestamp: int) -> int:
        """A timestamp of the source on this slot's time line."""
        return (timestamp + self._timestamp_offset) & 0xFFFFFFFF

    def resend(self, lost: Iterable[int], scratch: PacketBuffer, now: int) -> None:
        """Answer a NACK from the ring of the source."""
        track = self.track
        if track is None:
            return
        if now - self._resends_since >= RESENDS_EVERY:
            self._resends_since, self._resends_left = now, RESENDS
        for number in lost:
            if self._resends_left <= 0:
                return
            theirs = (number - self._sequence_offset) & 0xFFFF
            packet = track.recent(theirs)
            if packet is None or track.extended(theirs) < self._began:
                continue  # what was sent before somebody came is not for them
            self._resends_left -= 1
            self.resent += 1
            if self._repair_type:
                self._send_repair(packet, number, scratch)
            elif not self._shifted:
                # Sent again under its own number it must be the same bits, or AES-GCM breaks.
                size = len(packet)
                scratch.view[:size] = packet
                self.write(scratch, size)

    def _send_repair(self, packet: bytes, number: int, scratch: PacketBuffer) -> None:
        """The packet in a retransmission stream of its own (RFC 4588 section 4)."""
        view, size = scratch.view, len(packet)
        start = payload_start(packet, size)
        view[:start] = packet[:start]
        U16.pack_into(view, start, number)
        view[start + 2 : size + 2] = packet[start:]
        view[1] = packet[1] & 0x80 | self._repair_type
        U16.pack_into(view, 2, self._repair_sequence)
        self._repair_sequence = (self._repair_sequence + 1) & 0xFFFF
        U32.pack_into(view, 4, self.timestamp_here(U32.unpack_from(packet, 4)[0]))
        U32.pack_into(view, 8, self.repair_ssrc)
        scratch.length[0] = size + 2
        if protect(self.session, scratch.pointer, scratch.length):
            return
        try:
            self.send(view[: scratch.length[0]], self.address)
        except OSError:
            self.not_sent += 1
