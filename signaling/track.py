"""What a person publishes, packet by packet: the path between two sockets.

Everything is synchronous and works in place on the buffer that the socket filled: read the header,
account, keep a copy for retransmission, then let every `slot.Slot` rewrite 12 bytes, encrypt and
send. No task, no queue and no await lies between, and no object is made per packet but the copy.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from time import monotonic_ns
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from signaling.events import Kind
from signaling.layers import key_frame_height
from signaling.rtcp import ReportBlock
from signaling.rtp import U16, U32, Head, payload_start, read_u16
from signaling.slot import CLOCK
from signaling.stream import SILENCE, Packets, Stream

if TYPE_CHECKING:
    from signaling.slot import Slot

RING: Final = {Kind.AUDIO: 64, Kind.VIDEO: 128}
"""Packets kept for retransmission at first. Powers of two."""
LARGEST_RING: Final = 512
KEPT: Final = 0.75
"""Seconds of packets that are kept at least: later ones are of no use to a live picture."""
LARGEST_GAP: Final = 128
"""More packets missing at once than this are not asked for again: a key frame is cheaper."""
NACK_TRIES: Final = 8
"""Of them 3 in 10,000 fail where the line loses a fifth each way."""
NACK_EVERY: Final = (25_000_000, 250_000_000)
"""Nanoseconds between two requests for a packet, at least and at most."""
FIRST_REPAIR: Final = 60_000_000
"""Nanoseconds from a request to the packet, until that has been measured."""
KEY_FRAME_EVERY: Final = 500_000_000
"""Nanoseconds between two key frame requests to one sender."""


@dataclass(slots=True, eq=False)
class Track(Stream):
    """The media of one SSRC, and the slots that receive it."""

    kind: Kind
    layer_of: str = ""
    """The codec when this is one of several layers of a picture."""
    silenced: bool = False
    """Whether the server keeps this track from everybody."""
    may_ask: bool = True
    """Whether the sender answers NACKs."""
    highest: int = field(default=-1, init=False)
    """The highest sequence number so far; -1 before the first packet."""
    cycles: int = field(default=0, init=False)
    octets: int = field(default=0, init=False)
    lost: int = field(default=0, init=False)
    recovered: int = field(default=0, init=False)
    jitter: float = field(default=0.0, init=False)
    """RFC 3550 section 6.4.1, in units of the RTP clock."""
    height: int = field(default=0, init=False)
    """Pixels, from the last key frame of a layer; 0 = not known."""
    is_sent: bool = field(default=True, init=False)
    """Whether packets came in the last second."""
    missing: dict[int, tuple[int, int]] = field(default_factory=dict, init=False)
    """Sequence number -> (asked for at, in ns; how often)."""
    repair_time: float = field(default=FIRST_REPAIR, init=False)
    """Nanoseconds from a request to the packet asked for, smoothed."""
    unasked: list[int] = field(default_factory=list, init=False)
    """Missing numbers that nobody has asked the sender for yet."""
    key_frame_wanted: bool = field(default=False, init=False)
    key_frame_asked: int = field(default=-KEY_FRAME_EVERY, init=False)
    last_report: tuple[int, int] = field(default=(0, 0), init=False)
    """The last sender report: (middle 32 bits of its NTP time, when it came in ns)."""
    slots: "tuple[Slot, ...]" = field(default=(), init=False)
    _first: int = field(default=0, init=False)
    bitrate: int = field(default=0, init=False)
    """Bits in the last second."""
    _counted: int = field(default=-1, init=False)
    """Packets a second ago."""
    _measured: tuple[int, int] = field(default=(0, 0), init=False)
    """Bytes a second ago, and when that was (ns)."""
    _heard: int = field(default=0, init=False)
    """Packets when the level was last taken."""
    _reported: tuple[int, int] = field(default=(0, 0), init=False)
    """At the last report of ours: (extended highest sequence number, packets lost)."""
    _switching: "list[Slot]" = field(default_factory=list, init=False)
    _waiting: "list[Slot]" = field(default_factory=list, init=False)
    _ring: list[bytes | None] = field(init=False)
    _mask: int = field(init=False)
    _clock: int = field(init=False)
    _rate: float = field(init=False)
    """Units of the RTP clock in a nanosecond."""
    _frame_ends: int = field(init=False)
    """The bits of the header's second byte of which one is set where a frame ends."""
    _transit: float = field(default=inf, init=False)

    @override
    def __post_init__(self) -> None:
        Stream.__post_init__(self)
        self._ring = [None] * RING[self.kind]
        self._mask = RING[self.kind] - 1
        self._clock = CLOCK[self.kind]
        self._rate = self._clock / 1e9
        self._frame_ends = 0xFF if self.kind is Kind.AUDIO else 0x80

    @override
    def receive(self, packets: Packets, head: Head, size: int, now: int) -> bool:
        first, marker, sequence, timestamp, _ = head
        if first & 0x1F:
            self.read_extensions(packets.received, first, size, now)
        if sequence and sequence - self.highest == 1:
            self.highest = sequence
        elif not self._out_of_order(sequence, now):
            return False
        self.octets += size
        if marker & self._frame_ends:
            transit = now * self._rate - timestamp
            change = abs(transit - self._transit)
            self._transit = transit
            if change < self._clock:  # a new time line, or a wrap of this one, is not jitter
                self.jitter += (change - self.jitter) / 16
        self.forward(packets, sequence, timestamp, size, now)
        return bool(self.unasked)

    def forward(self, packets: Packets, sequence: int, timestamp: int, size: int, now: int) -> None:
        """Keep a copy of the packet and give it to every slot."""
        if self.silenced:  # nor may anybody ask for it later
            return
        received = packets.received
        packet = received.view[:size]
        self._ring[sequence & self._mask] = packet.tobytes()
        if self.layer_of:
            self._look_for_key_frame(received.view, size)
        if self._waiting:
            self._begin_waiting(sequence, timestamp, now)
        slots = self.slots
        if len(slots) > 1:
            scratch = packets.scratch
            target = scratch.view[:size]
            for slot in slots[1:]:
                target[:] = packet
                slot.write(scratch, size)
        if slots:
            slots[0].write(received, size)  # nobody needs the original after the last one

    def extended(self, sequence: int) -> int:
        """The number of a packet as if they never wrapped, of the last 65,536."""
        return (self.cycles << 16) + self.highest - ((self.highest - sequence) & 0xFFFF)

    def timestamp_at(self, now: int) -> int:
        """Where the sender's time line is at `now` (ns), going by its last frame."""
        return 0 if self._transit == inf else round(now * self._rate - self._transit)

    @property
    def packets(self) -> int:
        """How many have come, those recovered by retransmission not counted."""
        if self.highest < 0:
            return 0
        return (self.cycles << 16) + self.highest - self._first + 1 - self.lost - self.recovered

    # ------------------------------------------------------------------------------- sequence

    def _out_of_order(self, sequence: int, now: int) -> bool:
        """The first packet, a wrap, a gap, or a straggler. False for one nobody waits for."""
        ahead = (sequence - self.highest) & 0xFFFF
        if self.highest < 0:
            self.highest = self._first = sequence
            self._reported = sequence - 1, 0
            return True
        if ahead >= 0x8000 or ahead == 0:
            if self.missing.pop(sequence, None) is None:
                return False
            self.lost -= 1
            return True
        self.lost += ahead - 1
        if ahead <= LARGEST_GAP and len(self.missing) + ahead <= 2 * LARGEST_GAP:
            gap = [(self.highest + step) & 0xFFFF for step in range(1, ahead)]
            self.missing.update((each, (now, 1)) for each in gap)
            self.unasked += gap
        else:
            self.missing.clear()
            self.key_frame_wanted = self.kind is Kind.VIDEO
        if sequence < self.highest:
            self.cycles += 1
        self.highest = sequence
        return True

    def recover(self, packets: Packets, sequence: int, size: int, now: int) -> None:
        """Pass on a packet that came by retransmission, unless it is not missed any more."""
        waited = self.missing.pop(sequence, None)
        if waited is None:
            return
        asked, tries = waited
        if tries == 1:  # else nobody knows which request it answers
            self.repair_time += (now - asked - self.repair_time) / 8
        self.lost -= 1
        self.recovered += 1
        timestamp = U32.unpack_from(packets.received.view, 4)[0]
        self.forward(packets, sequence, timestamp, size, now)

    def still_missing(self, now: int) -> list[int]:
        """What to ask for (again) now, in ascending order; forgets what has been asked enough."""
        due: list[int] = []
        least, most = NACK_EVERY
        wait = min(max(least, self.repair_time * 1.5), most)
        for sequence, (asked, tries) in list(self.missing.items()):
            if now - asked < wait:
                continue
            if tries >= NACK_TRIES:
                del self.missing[sequence]
            else:
                self.missing[sequence] = now, tries + 1
                due.append(sequence)
        return due

    def recent(self, sequence: int) -> bytes | None:
        """The plain packet with this number, while it is kept."""
        packet = self._ring[sequence & self._mask]
        if packet is None or U16.unpack_from(packet, 2)[0] != sequence:
            return None
        return packet

    # -------------------------------------------------------------------------------- measure

    def take_level(self) -> int:
        """The audio level (-dBov) since the last call; silence when nothing has come since."""
        fresh, self._heard = self.packets != self._heard, self.packets
        return self.level if fresh else SILENCE

    def report(self, now: int) -> ReportBlock:
        """The reception report since the last one (RFC 3550 section 6.4.1)."""
        highest = self.cycles << 16 | max(self.highest, 0)
        expected, lost = highest - self._reported[0], max(0, self.lost - self._reported[1])
        self._reported = highest, self.lost
        middle, came = self.last_report
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=min(255, lost * 256 // expected) if expected > 0 else 0,
            packets_lost=max(-0x800000, min(self.lost, 0x7FFFFF)),
            highest_sequence=highest & 0xFFFFFFFF,
            jitter=int(self.jitter),
            last_sr=middle,
            delay=(now - came) * 65536 // 1_000_000_000 if middle else 0,
        )

    # ---------------------------------------------------------------------------------- slots

    def add(self, slot: "Slot") -> None:
        """Let a slot receive this track from its next packet on."""
        slot.track = self
        self._waiting.append(slot)

    def switch(self, slot: "Slot") -> None:
        """Let a slot receive this layer from its next key frame on, and the other until then."""
        if slot not in self._switching:
            self._switching.append(slot)
        self.key_frame_wanted = True

    def cancel_switch(self, slot: "Slot") -> None:
        """Leave a slot on its layer after all."""
        if slot in self._switching:
            self._switching.remove(slot)

    def _look_for_key_frame(self, view: memoryview, size: int) -> None:
        height = key_frame_height(self.layer_of, view, payload_start(view, size), size)
        if height is None:
            return
        self.height = height
        switching, self._switching = self._switching, []
        for slot in switching:
            if slot.track is None:  # meanwhile it was taken off the picture altogether
                continue
            slot.detach(monotonic_ns())
            self.add(slot)

    def count(self, now: int) -> None:
        """Once a second: see how much is sent, and let the ring grow with it."""
        came, self._counted = self.packets - self._counted, self.packets
        self.is_sent = came > 0
        octets, since = self._measured
        if since:
            self.bitrate = (self.octets - octets) * 8_000_000_000 // max(1, now - since)
        self._measured = self.octets, now
        size = len(self._ring)
        while size < min(came * KEPT, LARGEST_RING):
            size *= 2
        if size > len(self._ring):
            self._grow(size)

    def _grow(self, size: int) -> None:
        kept, self._ring, self._mask = self._ring, [None] * size, size - 1
        for packet in kept:
            if packet is not None:
                self._ring[U16.unpack_from(packet, 2)[0] & self._mask] = packet

    def remove(self, slot: "Slot") -> bool:
        """Stop feeding a slot; whether it had received anything."""
        if slot in self._waiting:
            self._waiting.remove(slot)
            return False
        self.slots = tuple(each for each in self.slots if each is not slot)
        return True

    def _begin_waiting(self, sequence: int, timestamp: int, now: int) -> None:
        waiting, self._waiting = self._waiting, []
        for slot in waiting:
            slot.attach(self, sequence, timestamp, now)
        self.slots = (*self.slots, *waiting)

    @property
    def receivers(self) -> Iterable["Slot"]:
        """The slots that receive this track, or will from its next packet on."""
        return (*self.slots, *self._waiting)

    def silence(self, *, silent: bool, now: int) -> None:
        """Keep the track from everybody, or let it through again, on the server's word."""
        if silent == self.silenced:
            return
        self.silenced = silent
        self.missing.clear()
        if silent:
            held = self.slots
            for slot in held:
                slot.detach(now)
                self.add(slot)


@dataclass(slots=True, eq=False)
class Repair(Stream):
    """Retransmissions of a track in a stream of their own (RFC 4588 section 4)."""

    track: Track
    payload_type: int
    """Of the media."""

    @override
    def receive(self, packets: Packets, head: Head, size: int, now: int) -> bool:
        view = packets.received.view
        if head[0] & 0x1F:
            self.read_extensions(packets.received, head[0], size, now)
        start = payload_start(view, size)
        if head[0] & 0x20:
            size -= view[size - 1]
            view[0] &= 0xDF
        # Padding that probes for bandwidth comes here too, with nothing or a repetition in it.
        if start < 0 or start + 2 > size:
            return False
        sequence = read_u16(view, start)[0]
        view[start : size - 2] = view[start + 2 : size]
        view[1] = view[1] & 0x80 | self.payload_type
        U16.pack_into(view, 2, sequence)
        U32.pack_into(view, 8, self.track.ssrc)
        self.track.recover(packets, sequence, size - 2, now)
        return False
