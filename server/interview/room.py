"""One live interview on this node: its folded state and the one writer of its record.

The way of a command: `submit` -> queue -> decide everything queued -> one append -> evolve -> tell
the listeners -> acknowledge. No task and no await per command; the store answers by callback.
"""

import asyncio
import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
import structlog
from msgspec.structs import replace

from server.clock import Clock
from server.errors import Code, Refusal
from server.interview.decider import EMPTY, Gap, decide, evolve
from server.interview.draft import Command, Draft, Kept, Pending, Reply, chained
from server.interview.state import Actor
from server.record.chain import START, Salts, unsalted
from server.record.publication import Publication
from server.record.store import Appended, Conflict, Record
from server.storage import StoreFull
from server.telemetry import Tally

log = structlog.get_logger(__name__)

BATCH: Final = 50
QUEUE: Final = 1000
RECENT: Final = 500
"""Events of a lane kept at hand; whoever missed more gets a snapshot."""
HEARD: Final = 1000
"""Appends of other nodes that wait for one of ours, or for a reading; then the record is read."""
DEADLINE: Final = 10.0
"""Seconds that a command may wait while other nodes' appends win; then it is refused as busy."""
SLOW: Final = 1.0
"""Seconds after which an append is worth a line in the log."""


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
        salts: Salts,
        barrier: Callable[[Callable[[], None]], None] | None,
    ) -> None:
        self.interview = interview
        self.state = EMPTY
        self.hashes: dict[str, bytes] = {}
        self.done: dict[str, bytes] = {}
        """The outcomes of earlier commands, by their done field."""
        self.loaded = False
        self.untold: list[Kept] = []
        """Read from the store and folded, but not told to anybody yet."""
        self.members = 0
        """What keeps the room at hand: connections here, and a call that this node carries."""
        self.followed = False
        """Whether this room hears what other nodes append."""
        self.idle_since = clock.monotonic()
        self._record = record
        self._clock = clock
        self._tell = tell
        self._reload = reload
        self._later = later
        self._tally = tally
        self._salts = salts
        self._barrier = barrier
        """Calls back when everything that other nodes published before has been heard."""
        self._heard: list[Publication] = []  # a deque is half a kilobyte, also when it is empty
        self._overheard = False
        self._doubtful = False
        """Whether an append's outcome is unknown: it may be kept, and never published."""
        self._appending = False
        self._settling: list[asyncio.Future[None]] = []
        self._recent: dict[str, deque[Kept]] = {}
        self._queue: list[Pending] = []
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
        self._queue.append(Pending(actor, command, reply, f"{actor.person}:{command.id}"))
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
            recent = self._recent.get(one.lane)
            if recent is None:
                recent = self._recent[one.lane] = deque(maxlen=RECENT)
            recent.append(one)

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
        self.done = dict(done)
        self.loaded = True
        if self._doubtful:
            self._doubtful = False
            self._record.hint(self.interview)
        self._catch_up()
        self._wake()

    def fail(self, refusal: Refusal) -> None:
        """Answers everything queued with a refusal: the record cannot be read now."""
        waiting, self._queue = self._queue, []
        for pending in waiting:
            pending.reply(refusal)
        self._wake()

    async def settled(self) -> None:
        """Returns when no command is queued or being appended (any more)."""
        if self.busy:
            settled = asyncio.get_running_loop().create_future()
            self._settling.append(settled)
            await settled

    def missed(self) -> None:
        """Other nodes may have appended what was not heard: the record is read on."""
        self._overheard = True
        self._catch_up()

    def hear(self, publication: Publication) -> None:
        """Takes in what another node appended, once nothing of ours is under way."""
        if not publication.entries:
            self.missed()
            return
        if len(self._heard) >= HEARD:
            self._heard.clear()
            self._overheard = True
        self._heard.append(publication)
        self._catch_up()

    def _catch_up(self) -> None:
        """Folds what was heard meanwhile. An append of ours comes first: its draft knows less."""
        while self.loaded and not self._appending and (self._heard or self._overheard):
            if self._overheard:
                self._overheard = False
                self.stale()
                return
            publication = self._heard.pop(0)
            kept: list[Kept] = []
            try:
                self._fold_heard(publication, kept)
            except (Gap, msgspec.ValidationError):
                self.untold += kept
                self.stale()
                return
            self.done.update(publication.done)
            if kept:
                self.remember(kept)
                self._tell(self, kept)

    def _fold_heard(self, publication: Publication, kept: list[Kept]) -> None:
        for entry in publication.entries:
            if entry.seq > self.state.seqs.get(entry.lane, 0):
                (one,) = self.fold(entry.lane, [(entry.seq, entry.data)])
                text = unsalted(entry.body) if entry.body is not None else None
                kept.append(replace(one, text=text, elsewhere=True))

    def _wake(self) -> None:
        if self._queue and not self._writing and self.loaded:
            self._writing = True
            self._later(self._write)
        if self._settling and not self.busy:
            settling, self._settling = self._settling, []
            for settled in settling:
                if not settled.done():
                    settled.set_result(None)

    def _write(self) -> None:
        if self._heard or self._overheard:
            self._catch_up()
        if not self.loaded:
            self._writing = False
            return
        draft = Draft(self.state, self.hashes, self._salts)
        for pending in self._queue[:BATCH]:
            if not self._decide(draft, pending):
                break
        del self._queue[: len(draft.outcomes)]
        if not draft.outcomes and self._barrier is not None:
            self._barrier(self._heard_enough)
            return
        if not draft.decided:
            self._finish(draft)
            return
        self._appending = True
        appended = partial(self._appended, draft, self._clock.monotonic())
        self._record.append(self.interview, draft.expected, draft.decided, appended)

    def _decide(self, draft: Draft, pending: Pending) -> bool:
        """Decides, unless that would refuse what another node's append may just have allowed."""
        first = self.done.get(pending.done_field) or draft.done.get(pending.done_field)
        if first is not None:
            draft.outcomes.append((pending, first))
            return True
        try:
            draft.add(
                pending,
                decide(draft.state, pending.actor, pending.command, self._clock.now_ms()),
            )
        except Refusal as refusal:
            if self._barrier is not None and not pending.sure:
                return False
            draft.outcomes.append((pending, refusal))
        except Exception:
            incident = os.urandom(6).hex()
            named = {"interview": self.interview, "commands": [pending.done_field]}
            log.exception("decide.failed", incident=incident, **named)
            draft.outcomes.append((pending, internal(incident)))
        return True

    def _heard_enough(self) -> None:
        self._writing = False
        if self._queue:
            self._queue[0].sure = True
        self._catch_up()
        self._wake()

    def _appended(
        self, draft: Draft, began: float, result: Appended | Conflict | Exception
    ) -> None:
        now = self._clock.monotonic()
        took = now - began
        self._tally.appends.observe(took)
        self._appending = False
        match result:
            case Appended():
                if took > SLOW and now - self._tally.slow_told_at > SLOW:
                    self._tally.slow_told_at = now
                    log.warning("append.slow", seconds=round(took, 2), **self._named(draft))
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

    def _again(self, draft: Draft, conflict: Conflict) -> None:
        """Another node was quicker: read what it wrote, then decide all of it anew."""
        lost = any(last < self.state.seqs.get(lane, 0) for lane, last in conflict.last.items())
        if lost:
            self._forget()
        now = self._clock.monotonic()
        again: list[Pending] = []
        for pending, _ in draft.outcomes:
            pending.deadline = pending.deadline or now + DEADLINE
            if pending.deadline > now:
                again.append(pending)
            else:
                pending.reply(Refusal(Code.BUSY, "Too much at once. Try again.", retryAfterMs=500))
        self._queue = again + self._queue
        self._writing = False
        # What was in our way was published before, and so heard: reading is the exception.
        self._catch_up()
        lacks = any(seq > self.state.seqs.get(lane, 0) for lane, seq in conflict.last.items())
        if lost or lacks or conflict.done:
            self.stale()
        else:
            self._wake()

    def _lost(self, draft: Draft, error: Exception) -> None:
        """The outcome is unknown, so the record is read again before anything is decided."""
        if isinstance(error, StoreFull):
            refusal = Refusal(
                Code.STORE_FULL, "The server's disk is full: nothing can be saved now."
            )
        else:
            refusal = Refusal(
                Code.STORE_DOWN,
                "Not saved yet: the server cannot reach its store. Try again in a moment.",
            )
            log.warning("append.lost", reason=str(error), **self._named(draft))
        self._writing = False
        self._doubtful = True
        self.stale()
        for pending, _ in draft.outcomes:
            pending.reply(refusal)

    def _named(self, draft: Draft) -> dict[str, object]:
        """What a batch is called in the log: by the ids that browsers gave and the store keeps."""
        commands = [pending.done_field for pending, _ in draft.outcomes]
        return {"interview": self.interview, "commands": commands}

    def _forget(self) -> None:
        """The store lost what was folded here: the record as it is now is all there is."""
        log.error("record.lost", interview=self.interview)
        self.state, self.hashes = EMPTY, {}
        self._recent.clear()
        self._heard.clear()

    def stale(self) -> None:
        """What was folded may lack something: nothing is decided before the record was read on."""
        self.loaded = False
        self._reload(self)

    def _finish(self, draft: Draft) -> None:
        self._writing = False
        for pending, outcome in draft.outcomes:
            pending.reply(outcome)
        if self._heard or self._overheard:
            self._catch_up()
        self._wake()


def internal(incident: str) -> Refusal:
    """The refusal for a fault of ours; the log has the trace under the same id."""
    return Refusal(
        Code.INTERNAL,
        f"A fault of ours stopped this; nothing was changed. Tell your operator: {incident}.",
        incident=incident,
    )
