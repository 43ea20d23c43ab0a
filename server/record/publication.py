"""What other nodes hear of an append: who wrote it, and everything that it wrote.

Counterpart: `frame` in `append.lua`, which publishes the append's own arguments.
"""

from dataclasses import dataclass
from typing import Final

import hiredis
import msgspec

_shape: Final = msgspec.json.Decoder(
    tuple[list[tuple[str, int]], list[list[tuple[str, msgspec.Raw]]]]
).decode


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
    origin, shape, *texts = parser.gets()
    lanes, commands = _shape(shape)
    last = dict(lanes)
    text = iter(texts).__next__
    done: dict[str, bytes] = {}
    entries: list[PublishedEntry] = []
    for lanes_of_entries in commands:
        field = text().decode()
        done[field] = text()
        for lane, _ in lanes_of_entries:
            last[lane] += 1
            entries.append(PublishedEntry(lane, last[lane], data=text(), body=text() or None))
    return Publication(origin.decode(), tuple(entries), done)
