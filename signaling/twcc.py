"""Transport-wide congestion control: which packets arrived when, told to their sender.

draft-holmer-rmcat-transport-wide-cc-extensions-01. The browser's bandwidth estimate stands on this
feedback: it must name every packet that carries the extension, retransmissions and padding
included, or the estimate collapses.
"""

from collections.abc import Sequence
from operator import sub
from struct import pack
from typing import Final, cast

from signaling.rtcp import TRANSPORT_WIDE, Type

TICK: Final = 250_000
"""Nanoseconds of one delta."""
REFERENCE: Final = 64_000_000
"""Nanoseconds of one unit of the reference time."""
MOST_ARRIVALS: Final = 1000
"""Arrivals kept between two reports; a flood beyond it is not reported."""
LARGEST_SPAN: Final = 2000
"""A jump beyond this many sequence numbers starts anew instead of reporting them lost."""
MOST_TOLD: Final = 400
"""Sequence numbers in one report, of three bytes at most each: it must fit a datagram."""

_NOT_RECEIVED, _SMALL, _LARGE = range(3)


class Arrivals:
    """The packets of one peer since the last reports, and the reports about them."""

    __slots__ = ("_count", "_next", "seen")

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        """Transport-wide sequence number -> arrival in ns; the packet path writes here."""
        self._next: int | None = None
        self._count = 0

    def reports(self, sender: int, media: int) -> list[bytes]:
        """The feedback packets about what came since the last call: one, but after a burst."""
        if not self.seen:
            return []
        seen, self.seen = self.seen, {}
        numbers = list(seen)
        base, end = numbers[0], numbers[0] + len(numbers)
        if self._next == base and end <= 0xFFFF and numbers == list(range(base, end)):
            self._next = end  # everything came, and in order: almost always
            return self._write_all(sender, media, base, list(seen.values()))
        newest = numbers[-1]
        arrivals = {(sequence - newest + 0x8000) & 0xFFFF: at for sequence, at in seen.items()}
        first, last = min(arrivals), max(arrivals)
        if self._next is not None:
            # Start where the last report ended: what is missing in between was lost.
            expected = (self._next - newest + 0x8000) & 0xFFFF
            if last < expected:  # only stragglers: they were reported lost, and that stands
                return []
            first = min(first, expected) if expected + LARGEST_SPAN > first else first
        if last - first >= LARGEST_SPAN:
            self._next = None
            return []
        self._next = (last + 1 + newest - 0x8000) & 0xFFFF
        base = (first + newest - 0x8000) & 0xFFFF
        times = list(map(arrivals.get, range(first, last + 1)))
        return self._write_all(sender, media, base, times)

    def _write_all(
        self, sender: int, media: int, base: int, times: Sequence[int | None]
    ) -> list[bytes]:
        if len(times) <= MOST_TOLD:
            return [self._write(sender, media, base, times)]
        parts = ((at, times[at : at + MOST_TOLD]) for at in range(0, len(times), MOST_TOLD))
        return [
            self._write(sender, media, (base + at) & 0xFFFF, part)
            for at, part in parts
            if any(part)  # a report stands on an arrival
        ]

    def _write(self, sender: int, media: int, base: int, times: Sequence[int | None]) -> bytes:
        reference = next(at for at in times if at is not None) // REFERENCE
        count, self._count = self._count, (self._count + 1) & 0xFF
        body = pack(
            "!IIHHI", sender, media, base, len(times), (reference & 0xFFFFFF) << 8 | count
        ) + _encode(times, reference * (REFERENCE // TICK))
        padding = -len(body) % 4
        if padding:
            body += bytes(padding - 1) + bytes((padding,))
        first = (0xA0 if padding else 0x80) | TRANSPORT_WIDE
        return pack("!BBH", first, Type.TRANSPORT_FEEDBACK, len(body) // 4) + body


def _encode(times: Sequence[int | None], previous: int) -> bytes:
    """Status chunks and receive deltas; `previous` is the reference time in ticks."""
    if None not in times and (deltas := _small_deltas(cast(Sequence[int], times), previous)):
        return pack("!H", _SMALL << 13 | len(times)) + deltas
    symbols: list[int] = []
    spelled = bytearray()
    for at in times:
        if at is None:
            symbols.append(_NOT_RECEIVED)
            continue
        delta = at // TICK - previous
        if 0 <= delta < 256:
            symbols.append(_SMALL)
            spelled.append(delta)
        else:
            delta = max(-32768, min(32767, delta))
            symbols.append(_LARGE)
            spelled += pack("!h", delta)
        previous += delta
    return _chunks(symbols) + spelled


def _small_deltas(times: Sequence[int], previous: int) -> bytes:
    """The deltas where everything came, in order and without a pause; else nothing."""
    ticks = [at // TICK for at in times]
    deltas = list(map(sub, ticks, [previous, *ticks]))
    return bytes(deltas) if min(deltas) >= 0 and max(deltas) < 256 else b""


def _chunks(symbols: list[int]) -> bytes:
    """Packet status chunks: run lengths where they pay, two-bit vectors of seven elsewhere."""
    out = bytearray()
    at, total = 0, len(symbols)
    while at < total:
        end = at
        while end < total and symbols[end] == symbols[at]:
            end += 1
        if end - at >= 7 or end == total:
            out += pack("!H", symbols[at] << 13 | (end - at))
            at = end
        else:
            vector = 0xC000
            for place, symbol in enumerate(symbols[at : at + 7]):
                vector |= symbol << (12 - 2 * place)
            out += pack("!H", vector)
            at += 7
    return bytes(out)
