"""Congestion on the way to a receiver: what the one person who sends there may send.

A browser's own estimate ends at the engine. Behind it, where only one other person is in the call,
their bitrate is held to what the way to the receiver carries, by REMB; several people send layers.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from signaling.rtcp import ReportBlock
    from signaling.slot import Slot

LOST: Final = 5
"""Fraction lost, in 1/256, from which on a way may be congested: 2 %."""
WAITING: Final = 0.05
"""Seconds longer than at best that a round trip takes where packets wait in a queue."""
FORGET: Final = 1.02
"""By so much the best round trip grows each second, for the path may have become another one."""
CUT: Final = 0.85
"""Of what arrives, so that the queue empties."""
RAISE: Final = 1.06
"""Each second without congestion."""
LEAST: Final = 100_000
"""Bits per second: sound, and a picture that moves a little. Where that is too much too, the
browser pauses the picture."""
FREE: Final = 3_000_000
"""Bits per second beyond which nothing is held back."""


class Downlink:
    """What the way to a person carries, by their receiver reports (RFC 3550 section 6.4.2).

    Loss by itself is no congestion, radio loses at random; loss while the round trip is longer than
    it need be is: packets wait in a queue that is full.
    """

    __slots__ = ("_best", "_congested", "_seen", "limit")

    def __init__(self) -> None:
        self.limit: int | None = None
        """Bits per second to send there at most; None while nothing is known against more."""
        self._best = float("inf")
        self._seen: list[ReportBlock] = []
        self._congested = False

    def judge(self, slots: "Sequence[Slot]") -> None:
        """Once a second, by what the receiver says of the pictures it gets."""
        lines = [(each, each.reported, each.round_trip) for each in slots if each.track]
        told = [(slot, report, trip) for slot, report, trip in lines if report and trip is not None]
        reports = [report for _, report, _ in told]
        if not told or reports == self._seen:
            return
        self._seen = reports
        trip = min(trip for _, _, trip in told)
        lost = max(report.fraction_lost for report in reports)
        self._best = min(trip, self._best * FORGET)
        before, self._congested = self._congested, lost >= LOST and trip > self._best + WAITING
        if before and self._congested:  # once may be a machine that was busy
            sent = sum(slot.track.bitrate for slot, _, _ in told if slot.track)
            carried = sent * (256 - lost) // 256
            self.limit = max(LEAST, int(min(carried, self.limit or carried) * CUT))
        elif self.limit is not None and not self._congested:
            self.limit = int(self.limit * RAISE)
            if self.limit > FREE:
                self.limit = None
