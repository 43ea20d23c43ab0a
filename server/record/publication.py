"""What other nodes hear of an append: who wrote it, and everything that it wrote.

Counterpart: `frame` in `append.lua`, which publishes the append's own arguments.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import hiredis


@dataclass(frozen=True, slots=True)
class PublishedEntry:
    """One event with its place, and the salted text that was written with it."""

    lane: str
    seq: int
    data: bytes
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Publication:
    """One append: the node that made it, its entries in order, and its commands' outcomes."""

    origin: str
    entries: tuple[PublishedEntry, ...]
    done: dict[str, bytes]


def read_publication(payload: bytes) -> Publication:
    """Read what `append.lua` published on a feed channel."""
    parser = hiredis.Reader()
    parser.feed(payload)
    parts: Iterator[bytes] = iter(parser.gets())
    text = parts.__next__

    def number() -> int:
        return int(text())

    origin = text().decode()
    lanes = [(text().decode(), number()) for _ in range(number())]
    last = dict(lanes)
    names = [name for name, _ in lanes]
    done: dict[str, bytes] = {}
    entries: list[PublishedEntry] = []
    for _ in range(number()):
        field = text().decode()
        done[field] = text()
        entries += (_entry(names, last, text, number) for _ in range(number()))
    return Publication(origin, tuple(entries), done)


def _entry(
    names: list[str], last: dict[str, int], text: Callable[[], bytes], number: Callable[[], int]
) -> PublishedEntry:
    lane = names[number() - 1]
    last[lane] += 1
    entry = PublishedEntry(lane, last[lane], data=text(), body=text() or None)
    for _ in range(2 * number()):
        text()
    return entry
