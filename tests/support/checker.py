"""The history checker: what people sent and what readers have, held against each other.

It knows nothing of the server. `tests/flows/test_checker.py` proves each of its verdicts by a fault
put into a history on purpose.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

WITHDRAWN: Final = "(withdrawn)"
"""What a place tells of a message whose words were deleted since, and of what befell it."""


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
    """One message, or a change of one: when it was first sent, when acknowledged, and where.

    Seconds of one clock. `acked` and `seq` are None when no acknowledgement ever came: it may be
    there or not. A change says the same text as its place does (`edit_of`, `deletion_of`), and
    names the `message`.
    """

    sender: str
    text: str
    sent: float
    acked: float | None = None
    seq: int | None = None
    message: int | None = None


def edit_of(message: int, text: str) -> str:
    """What stands at the place of an edit."""
    return f"{message} is now: {text}"


def deletion_of(message: int) -> str:
    """What stands at the place of a deletion."""
    return f"{message} is deleted"


@dataclass(frozen=True)
class Place:
    """What one reader was told about one seq; `text` is None for what is no message of theirs.

    `WITHDRAWN` stands for whatever was sent there, if it, or the message it changed, was deleted.
    """

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
    texts = Counter(place.text for place in places if place.text not in (None, WITHDRAWN))
    for text, count in texts.items():
        if count > 1:
            yield Fault(Verdict.DOUBLED, f"{reader} has {text!r} {count} times")


def _against_sent(reader: str, places: Sequence[Place], sent: Sequence[Sent]) -> Iterator[Fault]:
    where = {place.text: place.seq for place in reversed(places) if place.text is not None}
    withdrawn = {place.seq for place in places if place.text == WITHDRAWN}
    deleted = {one.message for one in sent if one.message and one.text == deletion_of(one.message)}
    there = []
    for one in sent:
        seq = where.get(one.text)
        if seq is None and one.seq in withdrawn and (one.message or one.seq) in deleted:
            seq = one.seq
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
            if place.text == WITHDRAWN:
                continue
            other, text = known.setdefault(place.seq, (reader, place.text))
            if text != place.text:
                yield Fault(
                    Verdict.FORKED,
                    f"at {place.seq}, {other} has {text!r} and {reader} has {place.text!r}",
                )
