"""One SSRC of a publisher as it comes from the socket: its header extensions.

`Stream` is the common part of `track.Track` (media) and `track.Repair` (retransmissions): both
carry the transport-wide sequence numbers that the browser's bandwidth estimate needs back.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Final

from signaling.adapter import BandwidthEstimate, PacketBuffer
from signaling.rtp import U32, Head, extensions, payload_start, read_u16
from signaling.twcc import MOST_ARRIVALS, Arrivals

SILENCE: Final = 127
"""The lowest audio level (RFC 6464): -127 dBov."""

_EXTENDED: Final = 0x90
"""First byte of a packet with extensions, without padding and contributing sources."""
_NOTHING: Final = range(0)


class Packets:
    """The two buffers of the packet path: what is received, and a scratch for copies of it."""

    def __init__(self) -> None:
        self.received = PacketBuffer()
        self.scratch = PacketBuffer()


UNLIMITED: Final = 100_000_000
"""Bits per second that no browser sends."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """The ids under which a publisher sends what the engine reads; 0 = not negotiated."""

    transport_cc: int = 0
    audio_level: int = 0
    abs_send_time: int = 0


class Feedback:
    """What one publisher is told about the way to us: arrivals, or an estimate of bandwidth."""

    def __init__(self) -> None:
        self.arrivals = Arrivals()
        self.bitrate: int | None = None
        """Bits per second to tell the sender by REMB, when there is something new to tell."""
        self.limit: int | None = None
        """Bits per second that the way to the only receiver carries; None: more than we know."""
        self._estimate: BandwidthEstimate | None = None
        self._estimated = UNLIMITED
        self._was_held = False

    def hold(self, limit: int | None) -> None:
        """Once a second: hold the sender to what the way to the only receiver carries, or not.

        Whoever was ever held is told each time, for what frees them may be lost too.
        """
        self.limit = limit
        self._was_held = self._was_held or limit is not None
        if self._was_held:
            self.bitrate = self._estimated

    def take_bitrate(self) -> int | None:
        """What the sender is to be told now; None when nothing is new."""
        bitrate, self.bitrate = self.bitrate, None
        return bitrate if bitrate is None or self.limit is None else min(bitrate, self.limit)

    def sent_at(self, send_time: int, now: int, size: int, ssrc: int) -> None:
        """Feed the estimate with a packet that carries abs-send-time."""
        if self._estimate is None:
            self._estimate = BandwidthEstimate()
        estimated = self._estimate.add(now, send_time, size, ssrc)
        if estimated:
            self.bitrate = self._estimated = estimated


@dataclass(slots=True, eq=False)
class Stream(ABC):
    """One SSRC, and the layout of its header extensions as last seen."""

    ssrc: int
    ids: Extensions
    feedback: Feedback
    level: int = field(default=SILENCE, init=False)
    """Audio level in -dBov (RFC 6464), smoothed over eight packets."""
    _arrivals: Arrivals = field(init=False)
    _head: int = field(default=-1, init=False)
    _probe_at: int = field(default=0, init=False)
    _probe: int = field(default=-1, init=False)
    _sequence_at: int = field(default=0, init=False)
    _level_at: int = field(default=0, init=False)
    _send_time_at: int = field(default=0, init=False)
    _blank: range = field(default=_NOTHING, init=False)
    """The words of the packet in which the elements are."""

    def __post_init__(self) -> None:
        self._arrivals = self.feedback.arrivals

    @abstractmethod
    def receive(self, packets: Packets, head: Head, size: int, now: int) -> bool:
        """Take the decrypted packet of `size` bytes in `packets.received` that came at `now` (ns).

        Returns whether there is something to ask the sender for.
        """

    def read_extensions(self, buffer: PacketBuffer, first: int, size: int, now: int) -> None:
        """Read what the engine needs of the header extensions, then blank them all.

        Ids and mids mean something only between one browser and the engine, and a mid of the
        sender would send the packet to the wrong line of the receiver. Zero bytes are padding.
        """
        view = buffer.view
        if (
            first != _EXTENDED
            or buffer.words[3] != self._head
            or view[self._probe_at] != self._probe
        ):
            self._learn_layout(buffer, size)
        if self._sequence_at:
            seen = self._arrivals.seen
            if len(seen) < MOST_ARRIVALS:
                seen[read_u16(view, self._sequence_at)[0]] = now
        elif self._send_time_at:
            sent = U32.unpack_from(view, self._send_time_at - 1)[0] & 0xFFFFFF
            self.feedback.sent_at(sent, now, size, self.ssrc)
        if self._level_at:
            self.level = (self.level * 7 + (view[self._level_at] & 0x7F)) >> 3
        words = buffer.words
        for word in self._blank:
            words[word] = 0

    def _learn_layout(self, buffer: PacketBuffer, size: int) -> None:
        """Find the elements anew; until the header or the probed element changes, they stay put.

        The element probed is the last one that is read: what stands before it has then kept
        its length too.
        """
        view = buffer.view
        self._head = self._probe = -1
        self._sequence_at = self._level_at = self._send_time_at = self._probe_at = 0
        self._blank = _NOTHING
        end = payload_start(view, size)
        if end < 0 or not view[0] & 0x10:
            return
        for id_, at, length in extensions(view, size):
            if id_ == self.ids.transport_cc and length >= 2:
                self._sequence_at = self._probe_at = at
            elif id_ == self.ids.audio_level:
                self._level_at = self._probe_at = at
            elif id_ == self.ids.abs_send_time and length >= 3:
                self._send_time_at = self._probe_at = at
        self._blank = range(4 + (view[0] & 0x0F), end >> 2)
        if view[0] == _EXTENDED:
            self._head = buffer.words[3]
            self._probe_at = self._probe_at - 1 if self._probe_at else 0
            self._probe = view[self._probe_at]
