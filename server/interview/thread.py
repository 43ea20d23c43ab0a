"""What stands in a thread, by seq: most of it is written once, at the end, and never changed.

Counterpart: `server/interview/state.py`, whose `Interview` holds one thread for each lane that has
one.
"""

from collections.abc import Iterable, Iterator

from typing_extensions import override

from server.protocol import Message, Notice

Item = Message | Notice


class Thread:
    """A persistent map from seq to item: `set` returns another thread and leaves this one as it is.

    What follows each other shares one list, of which each sees its own beginning: adding at the
    end copies nothing. A message that is changed, or added to a thread that another one was added
    to already (a draft that was given up), costs a copy.
    """

    __slots__ = ("_end", "_places")

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._places: list[Item | None] = []
        """An item at its seq; None where the event of that seq has no line of its own."""
        self._end = 0
        for item in sorted(items, key=lambda item: item.seq):
            self._places += (*[None] * (item.seq - self._end), item)
            self._end = item.seq + 1

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[Item]:
        """The items in the order of their seqs."""
        return (item for item in self._places[: self._end] if item is not None)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Thread) and list(self) == list(other)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self))

    @override
    def __repr__(self) -> str:
        return f"Thread({list(self)!r})"

    def get(self, seq: int) -> Item | None:
        """The item of this seq, if there is one."""
        return self._places[seq] if 0 <= seq < self._end else None

    def set(self, item: Item) -> "Thread":
        """Return a thread like this one, with `item` at its place."""
        places, seq, end = self._places, item.seq, self._end
        if seq >= end:
            if len(places) != end or not end:  # an empty one is shared by all beginnings
                places = places[:end]
            if seq > end:
                places += [None] * (seq - end)
            places.append(item)
            end = seq + 1
        else:
            places = places[:end]
            places[seq] = item
        changed = Thread.__new__(Thread)
        changed._places, changed._end = places, end
        return changed
