"""What other nodes hear of an append: who wrote it, and everything that it wrote.

Counterpart: `frame` in `append.lua`, which publishes the append's own arguments.
"""

from typing import Final

import hiredis
import msgspec

_shape: Final = msgspec.json.Decoder(
    tuple[list[tuple[str, int]], list[list[tuple[str, msgspec.Raw]]]]
).decode


class PublishedEntry(msgspec.Struct, frozen=True, gc=False):
    """One event with its place, and the salted text that was written with it."""

    lane: str
    seq: int
    data: bytes
    body: bytes | None


class Publication(msgspec.Struct, frozen=True, gc=False):
    """One append: the node that made it, its entries in order, and its commands' outcomes."""

    origin: str
    entries: tuple[PublishedEntry, ...]
    done: dict[str, bytes]


def read_publication(payload: bytes) -> Publication:
    """Read what `append.lua` published on a feed channel."""
    parser = hiredis.Reader()
    parser.feed(payload)
    texts = parser.gets()
    lanes, commands = _shape(texts[1])
    last, at = dict(lanes), 2
    done: dict[str, bytes] = {}
    entries: list[PublishedEntry] = []
    for written in commands:
        done[texts[at].decode()] = texts[at + 1]
        at += 2
        for lane, _ in written:
            seq = last[lane] = last[lane] + 1
            entries.append(PublishedEntry(lane, seq, texts[at], texts[at + 1] or None))
            at += 2
    return Publication(texts[0].decode(), tuple(entries), done)
