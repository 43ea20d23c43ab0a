"""What is told, encoded: one frame, made once for everybody who reads it.

Counterpart: `server/audience.py`, which knows who that is.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from server import protocol as p
from server.calls.rules import RINGS_MS
from server.interview.draft import Kept
from server.interview.room import Room
from server.interview.state import Actor, may_tell
from server.transport import Frame, frame_event

_encode: Final = msgspec.json.Encoder().encode


class _RawEntry(p.Wire, frozen=True, kw_only=True, omit_defaults=True):
    """`protocol.Entry` around the exact bytes of its event."""

    lane: str
    seq: int
    hash: str
    event: msgspec.Raw
    text: str | None = None


class _RawEntries(p.Wire, frozen=True, kw_only=True, tag_field="type", tag="entries"):
    entries: list[_RawEntry]


def frame_of(told: p.Wire) -> Frame:
    """A message as one frame, named by its tag."""
    return frame_event(p.wire_name(type(told)), _encode(told))


def welcome(actor: Actor, now: p.Instant) -> p.Welcome:
    """The first word to whoever takes a seat."""
    return p.Welcome(
        seat=actor.person,
        role=actor.role,
        version=p.VERSION,
        now=now,
        text_max=p.TEXT_MAX,
        rings_ms=RINGS_MS,
    )


def entries_frame(room: Room, kept: Iterable[Kept]) -> Frame:
    """The entries as told now: without a text that was deleted or hidden meanwhile."""
    told = []
    for one in kept:
        shown = one.text is not None and may_tell(room.state, one.lane, one.seq, one.event)
        entry = _RawEntry(
            lane=one.lane,
            seq=one.seq,
            hash=one.hash.hex(),
            event=msgspec.Raw(one.data),
            text=one.text if shown else None,
        )
        told.append(entry)
    return frame_event("entries", _encode(_RawEntries(entries=told)))
