"""One live interview on this node: its folded state and the one writer of its record.

The way of a command: `submit` -> queue -> decide everything queued -> one append -> evolve -> tell
the listeners -> acknowledge. No task and no await per command; the store answers by callback.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

import msgspec
import structlog
from msgspec.structs import replace

from server.clock import Clock
from server.errors import Code, Refusal
from server.interview.decider import EMPTY, decide, evolve
from server.interview.state import SHARED, Actor, Fact, Interview, body_field, evidence_field
from server.protocol import Done, Event, RecordEvent
from server.record.chain import START, digest, next_hash
from server.record.store import Appended, Conflict, Decided, NewEntry, Record
from server.storage import StoreFull
from server.telemetry import Tally

log = structlog.get_logger(__name__)

BATCH: Final = 50
QUEUE: Final = 1000
RECENT: Final = 500
"""Events of a lane kept at hand; whoever missed more gets a snapshot."""
DEADLINE: Final = 10.0
"""Seconds that a command may wait while other nodes' appends win; then it is refused as busy."""

_encode = msgspec.json.Encoder().encode
_event = msgspec.json.Decoder(RecordEvent).decode
_outcome = msgspec.json.Decoder(Done).decode

Reply = Callable[[Done | Refusal], None]


class Kept(msgspec.Struct, frozen=True):
    """An event that is in the record: its place, its exact bytes, and its text if at hand."""

    lane: str
    seq: int
    hash: bytes
    data: bytes
    event: RecordEvent
    text: str | None


class Command(Protocol):
    """What a room needs of a command beside its type."""

    @property
    def id(self) -> str: ...


class Pending(msgspec.Struct):
    """A command on its way, with where its outcome goes."""

    actor: Actor
    command: Command
    reply: Reply
    deadline: float

    @property
    def done_field(self) -> str:
        return f"{self.actor.person}:{self.command.id}"


class _Draft:
    """A batch decided against provisional state: nothing of it holds before it is appended."""

    def __init__(self, state: Interview, hashes: Mapping[str, bytes]) -> None:
        self.state = state
        self.hashes = dict(hashes)
        self.expected: dict[str, int] = {SHARED: state.seqs.get(SHARED, 0)}
        self.kept: list[Kept] = []
        self.decided: list[Decided] = []
        self.taken: list[Pending] = []
        self.outcomes: list[tuple[Pending, Done | Refusal]] = []
        self.done: dict[str, Done] = {}

    def add(self, pending: Pending, facts: Iterable[Fact]) -> None:
        """Seals what one command decided, and folds it."""
        entries: list[NewEntry] = []
        done = Done()
        for fact in facts:
            entries.append(self._seal(fact))
            if not done.seq:
                done = Done(lane=fact.lane, seq=self.state.seqs[fact.lane])
        self.outcomes.append((pending, done))
        if entries:
            self.done[pending.done_field] = done
            self.decided.append(
                Decided(
                    done_field=pending.done_field, outcome=_encode(done), entries=tuple(entries)
                )
            )

    def _seal(self, fact: Fact) -> NewEntry:
        lane, event = fact.lane, fact.event
        body = None
        if fact.text:
            body = os.urandom(16) + fact.text.encode()
            event = replace(event, digest=digest(body))
        data = _encode(event)
        before = self.state.seqs.get(lane, 0)
        self.expected.setdefault(lane, before)
        self.state = evolve(self.state, lane, before + 1, _as_recorded(event))
        self.hashes[lane] = next_hash(self.hashes.get(lane, START), data)
        self.kept.append(
            Kept(
                lane=lane,
                seq=before + 1,
                hash=self.hashes[lane],
                data=data,
                event=_as_recorded(event),
                text=fact.text or None,
            )
        )
        copies = tuple(
            (body_field(SHARED, version), evidence_field(case, version))
            for case, version in fact.copies
        )
        return NewEntry(lane=lane, data=data, body=body, copies=copies)


class Room:
    """The folded state of one interview and its write path on this node."""

    def __init__(
        self,
        interview: str,
        record: Record,
        clock: Clock,
        tell: Callable[["Room", Sequence[Kept]], None],
        reload: Callable[["Room"], None],
        later: Callable[[Callable[[], None]], object],
        tally: Tally,
    ) -> None:
        self.interview = interview
        self.state = EMPTY
        self.hashes: dict[str, bytes] = {}
        self.done: dict[str, Done] = {}
        self.loaded = False
        self.members = 0
        self.idle_since = clock.monotonic()
        self._record = record
        self._clock = clock
        self._tell = tell
        self._reload = reload
        self._later = later
        self._tally = tally
        self._recent: dict[str, deque[Kept]] = {}
        self._queue: deque[Pending] = deque()
        self._writing = False

    @property
    def queued(self) -> int:
        """Commands that wait to be decided."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether commands are queued or being appended."""
        return self._writing or bool(self._queue)

    def submit(self, actor: Actor, command: Command, reply: Reply) -> None:
        """Queues a command; `reply` is called once, with its outcome or why it was refused."""
        if len(self._queue) >= QUEUE:
            reply(Refusal(Code.BUSY, "Too much at once. Try again.", retryAfterMs=500))
            return
        deadline = self._clock.monotonic() + DEADLINE
        self._queue.append(Pending(actor, command, reply, deadline))
        self._wake()

    def fold(self, lane: str, entries: Iterable[tuple[int, bytes]]) -> list[Kept]:
        """Folds stored events that this node has not seen yet.

        Raises:
            Gap: they do not follow what was folded.
            msgspec.ValidationError: an event of a newer version of this program.
        """
        kept = chained(lane, entries, self.hashes.get(lane, START))
        for one in kept:
            self.state = evolve(self.state, lane, one.seq, one.event)
            self.hashes[lane] = one.hash
        return kept

    def remember(self, kept: Sequence[Kept]) -> None:
        """Keeps what was told at hand, for those who come back soon."""
        for one in kept:
            self._recent.setdefault(one.lane, deque(maxlen=RECENT)).append(one)

    def after(self, lanes: Iterable[str], cursor: Mapping[str, int]) -> list[Kept] | None:
        """What these lanes got since `cursor`; None if a snapshot must answer instead."""
        missed: list[Kept] = []
        for lane in lanes:
            have, head = cursor.get(lane, 0), self.state.seqs.get(lane, 0)
            newer = [one for one in self._recent.get(lane, ()) if one.seq > have]
            if have > head or len(newer) != head - have:
                return None
            missed += newer
        return missed

    def ready(self, done: Mapping[str, bytes]) -> None:
        """The record was read to its end: `done` are the outcomes of earlier commands."""
        self.done = {field: _outcome(outcome) for field, outcome in done.items()}
        self.loaded = True
        self._wake()

    def fail(self, refusal: Refusal) -> None:
        """Answers everything queued with a refusal: the record cannot be read now."""
        waiting, self._queue = self._queue, deque()
        for pending in waiting:
            pending.reply(refusal)

    def _wake(self) -> None:
        if self._queue and not self._writing and self.loaded:
            self._writing = True
            self._later(self._write)

    def _write(self) -> None:
        draft = _Draft(self.state, self.hashes)
        while self._queue and len(draft.taken) < BATCH:
            pending = self._queue.popleft()
            draft.taken.append(pending)
            self._decide(draft, pending)
        if not draft.decided:
            self._finish(draft)
            return
        began = self._clock.monotonic()

        def appended(result: Appended | Conflict | Exception) -> None:
            self._tally.appends.observe(self._clock.monotonic() - began)
            self._appended(draft, result)

        self._record.append(self.interview, draft.expected, draft.decided, appended)

    def _decide(self, draft: _Draft, pending: Pending) -> None:
        first = self.done.get(pending.done_field) or draft.done.get(pending.done_field)
        if first is not None:
            draft.outcomes.append((pending, first))
            return
        try:
            draft.add(
                pending,
                decide(draft.state, pending.actor, pending.command, self._clock.now_ms()),
            )
        except Refusal as refusal:
            draft.outcomes.append((pending, refusal))
        except Exception:
            incident = os.urandom(6).hex()
            log.exception("decide.failed", incident=incident, interview=self.interview)
            draft.outcomes.append((pending, internal(incident)))

    def _appended(self, draft: _Draft, result: Appended | Conflict | Exception) -> None:
        match result:
            case Appended():
                self.state, self.hashes = draft.state, draft.hashes
                self.done.update(draft.done)
                self._tally.batches += 1
                self._tally.events += len(draft.kept)
                self.remember(draft.kept)
                self._tell(self, draft.kept)
                self._finish(draft)
            case Conflict():
                self._again(draft, result)
            case _:
                self._lost(draft, result)

    def _again(self, draft: _Draft, conflict: Conflict) -> None:
        """Another node was quicker: read what it wrote, then decide all of it anew."""
        if any(last < self.state.seqs.get(lane, 0) for lane, last in conflict.last.items()):
            self._forget()
        now = self._clock.monotonic()
        for pending in reversed(draft.taken):
            if pending.deadline > now:
                self._queue.appendleft(pending)
            else:
                pending.reply(Refusal(Code.BUSY, "Too much at once. Try again.", retryAfterMs=500))
        self._writing = False
        self.stale()

    def _lost(self, draft: _Draft, error: Exception) -> None:
        """The outcome is unknown, so the record is read again before anything is decided."""
        if isinstance(error, StoreFull):
            refusal = Refusal(
                Code.STORE_FULL, "The server's disk is full: nothing can be saved now."
            )
        else:
            refusal = Refusal(
                Code.STORE_DOWN, "Not saved yet: the server cannot reach its store. Still trying."
            )
        self._writing = False
        self.stale()
        for pending in draft.taken:
            pending.reply(refusal)

    def _forget(self) -> None:
        """The store lost what was folded here: the record as it is now is all there is."""
        log.error("record.lost", interview=self.interview)
        self.state, self.hashes = EMPTY, {}
        self._recent.clear()

    def stale(self) -> None:
        """What was folded may lack something: nothing is decided before the record was read on."""
        self.loaded = False
        self._reload(self)

    def _finish(self, draft: _Draft) -> None:
        self._writing = False
        for pending, outcome in draft.outcomes:
            pending.reply(outcome)
        self._wake()


def chained(lane: str, entries: Iterable[tuple[int, bytes]], head: bytes = START) -> list[Kept]:
    """Stored events of a lane with the hashes that follow from `head`, the one before them."""
    kept = []
    for seq, data in entries:
        head = next_hash(head, data)
        kept.append(Kept(lane=lane, seq=seq, hash=head, data=data, event=_event(data), text=None))
    return kept


def internal(incident: str) -> Refusal:
    """The refusal for a fault of ours; the log has the trace under the same id."""
    return Refusal(
        Code.INTERNAL,
        f"A fault of ours stopped this; nothing was changed. Tell your operator: {incident}.",
        incident=incident,
    )


def _as_recorded(event: Event) -> RecordEvent:
    return event  # type: ignore[return-value]  # every concrete event is in the union
