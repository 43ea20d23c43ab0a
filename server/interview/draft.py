"""What a room is about to append, and what it knows of an event that was appended.

Counterpart: `server/interview/room.py`, which decides commands into a draft and keeps it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

import msgspec
from msgspec.structs import replace

from server.errors import Refusal
from server.interview.decider import evolve
from server.interview.state import SHARED, Actor, Fact, Interview, body_field, evidence_field
from server.protocol import Done, RecordEvent
from server.record.chain import START, Salts, next_hash
from server.record.store import Decided, NewEntry

_encode: Final = msgspec.json.Encoder().encode
_NOTHING: Final = _encode(Done())
_event: Final = msgspec.json.Decoder(RecordEvent).decode

Reply = Callable[[bytes | Refusal], None]
"""Hears the outcome of a command once: the JSON of `Done`, as it is remembered, or a refusal."""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An event that is in the record: its place, its exact bytes, and its text if at hand."""

    lane: str
    seq: int
    hash: bytes
    data: bytes
    event: RecordEvent
    text: str | None
    elsewhere: bool = False
    """Whether it was heard from the node that appended it."""


class Command(Protocol):
    """What a room needs of a command beside its type."""

    @property
    def id(self) -> str: ...


class Pending(msgspec.Struct):
    """A command on its way, with where its outcome goes."""

    actor: Actor
    command: Command
    reply: Reply
    done_field: str
    """Under which its outcome is remembered."""
    deadline: float = 0.0
    """Until when other nodes' appends may win; set when the first one does."""
    sure: bool = False
    """Whether a refusal would rest on everything that was published before it."""


class Draft:
    """A batch decided against provisional state: nothing of it holds before it is appended."""

    def __init__(self, state: Interview, hashes: Mapping[str, bytes], salts: Salts) -> None:
        self.state = state
        self._salts = salts
        self.hashes = dict(hashes)
        self.expected: dict[str, int] = {SHARED: state.seqs.get(SHARED, 0)}
        self.kept: list[Kept] = []
        self.decided: list[Decided] = []
        self.outcomes: list[tuple[Pending, bytes | Refusal]] = []
        """Of every command that this draft took from the queue."""
        self.done: dict[str, bytes] = {}

    def add(self, pending: Pending, facts: Iterable[Fact]) -> None:
        """Seals what one command decided, and folds it."""
        entries = list(map(self._seal, facts))
        if not entries:
            self.outcomes.append((pending, _NOTHING))
            return
        first = self.kept[-len(entries)]
        done = _encode(Done(lane=first.lane, seq=first.seq))
        self.outcomes.append((pending, done))
        self.done[pending.done_field] = done
        self.decided.append(Decided(pending.done_field, done, tuple(entries)))

    def _seal(self, fact: Fact) -> NewEntry:
        lane, event = fact.lane, fact.event
        body = None
        if fact.text:
            body, digest = self._salts.seal(fact.text)
            event = replace(event, digest=digest)
        data = _encode(event)
        last = self.state.seqs.get(lane, 0)
        self.expected.setdefault(lane, last)
        recorded: RecordEvent = event  # type: ignore[assignment]  # every event is in the union
        seq = last + 1
        self.state = evolve(self.state, lane, seq, recorded)
        head = self.hashes[lane] = next_hash(self.hashes.get(lane, START), data)
        self.kept.append(Kept(lane, seq, head, data, recorded, fact.text or None))
        return NewEntry(lane, data, body, _copies(fact) if fact.copies else ())


def _copies(fact: Fact) -> tuple[tuple[str, str], ...]:
    return tuple(
        (body_field(SHARED, version), evidence_field(case, version))
        for case, version in fact.copies
    )


def chained(lane: str, entries: Iterable[tuple[int, bytes]], head: bytes = START) -> list[Kept]:
    """Stored events of a lane with the hashes that follow from `head`, the one before them."""
    kept = []
    for seq, data in entries:
        head = next_hash(head, data)
        kept.append(Kept(lane=lane, seq=seq, hash=head, data=data, event=_event(data), text=None))
    return kept
