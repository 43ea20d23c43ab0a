"""The history checker: what people sent and what readers have, held against each other.

It knows nothing of the server. `tests/flows/test_checker.py` proves each of its verdicts by a fault
put into a history on purpose.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Verdict(StrEnum):
    """What can be wrong with a history."""

    LOST = "lost"  # acknowledged, and a reader who has everything does not have it
    DOUBLED = "doubled"  # at two places
    FORKED = "forked"  # two readers, or a reader and an acknowledgement, differ about one place
    REORDERED = "reordered"  # one sender's own order is not kept, or a reader was told backwards
    INVERTED = "inverted"  # sent after another's acknowledgement, and yet before it
    GAP = "gap"  # a place is missing between two that a reader has


@dataclass(frozen=True)
class Sent:
    """One message: when it was first sent, when acknowledged (seconds of one clock), and where.

    `acked` and `seq` are None when no acknowledgement ever came: it may be there or not.
    """

    sender: str
    text: str
    sent: float
    acked: float | None = None
    seq: int | None = None


@dataclass(frozen=True)
class Place:
    """What one reader was told about one seq; `text` is None for what is no message."""

    seq: int
    text: str | None


@dataclass(frozen=True)
class Fault:
    """A verdict and what it rests on, in words."""

    verdict: Verdict
    why: str


@dataclass(frozen=True)
class History:
    """All that was sent to one interview, and each reader's places in the order of arrival.

    Every reader is expected to have everything.
    """

    sent: Sequence[Sent]
    readers: Mapping[str, Sequence[Place]]

    def faults(self) -> list[Fault]:
        """Everything that is wrong; empty for a history without a fault."""
        found: list[Fault] = []
        for reader, places in self.readers.items():
            found += _told_badly(reader, places)
            found += _against_sent(reader, places, self.sent)
        return [*found, *_forks(self.readers)]


def _told_badly(reader: str, places: Sequence[Place]) -> Iterator[Fault]:
    for before, after in pairwise([Place(seq=0, text=None), *places]):
        if after.seq <= before.seq:
            yield Fault(Verdict.REORDERED, f"{reader} was told {after} after {before}")
        elif after.seq != before.seq + 1:
            yield Fault(Verdict.GAP, f"{reader} was told {after} right after {before}")
    texts = Counter(place.text for place in places if place.text is not None)
    for text, count in texts.items():
        if count > 1:
            yield Fault(Verdict.DOUBLED, f"{reader} has {text!r} {count} times")


def _against_sent(reader: str, places: Sequence[Place], sent: Iterable[Sent]) -> Iterator[Fault]:
    where = {place.text: place.seq for place in reversed(places) if place.text is not None}
    there = []
    for one in sent:
        seq = where.get(one.text)
        if seq is None:
            if one.acked is not None:
                yield Fault(Verdict.LOST, f"{reader} does not have {one}")
            continue
        if one.seq is not None and one.seq != seq:
            yield Fault(Verdict.FORKED, f"{reader} has {one} at {seq}")
        there.append((seq, one))
    yield from _wrong_order(reader, there)


def _wrong_order(reader: str, there: list[tuple[int, Sent]]) -> Iterator[Fault]:
    """Compares each message with those that stand after it in the record."""
    there.sort(key=lambda pair: pair[0])
    last: dict[str, Sent] = {}
    latest_sent: Sent | None = None
    for _, one in there:
        earlier = last.get(one.sender)
        if earlier is not None and earlier.sent > one.sent:
            yield Fault(Verdict.REORDERED, f"{reader} has {one} after {earlier}")
        last[one.sender] = one
        if latest_sent is not None and one.acked is not None and one.acked < latest_sent.sent:
            yield Fault(Verdict.INVERTED, f"{reader} has {one} after {latest_sent}")
        if latest_sent is None or one.sent > latest_sent.sent:
            latest_sent = one


def _forks(readers: Mapping[str, Sequence[Place]]) -> Iterator[Fault]:
    known: dict[int, tuple[str, str | None]] = {}
    for reader, places in readers.items():
        for place in places:
            other, text = known.setdefault(place.seq, (reader, place.text))
            if text != place.text:
                yield Fault(
                    Verdict.FORKED,
                    f"at {place.seq}, {other} has {text!r} and {reader} has {place.text!r}",
                )
