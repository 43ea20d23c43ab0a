"""The record in the store: its keys, the append, and reading it back.

Counterpart: `append.lua` beside this file, the only writer of a record. Every key of an interview
holds its id in braces, so that one cluster slot holds them all; none expires, since they live as
long as the record does.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from typing import Final, TypeAlias

import hiredis
import msgspec

from server.record.copies import Copies
from server.storage import Argument, Library, Outcome, Reply, Store, StoreError, error_of, pack

BATCH_MAX: Final = 50
REGISTRY: Final = "interviews"
_encode: Final = msgspec.json.Encoder().encode


def done_key(interview: str) -> str:
    """HASH `<actor>:<command id>` -> the outcome of that command."""
    return f"{{{interview}}}:done"


def body_key(interview: str) -> str:
    """HASH `<lane>/<seq>` -> 16 bytes of salt and a text in UTF-8."""
    return f"{{{interview}}}:body"


def marks_key(interview: str) -> str:
    """HASH seat -> how far it has got and read."""
    return f"{{{interview}}}:marks"


def feed_channel(interview: str) -> str:
    """Sharded channel on which every append is published."""
    return f"{{{interview}}}:feed"


def confirmed_key(interview: str) -> str:
    """STRING written only so that a `WAIT` behind it covers everything before it."""
    return f"{{{interview}}}:confirmed"


def lane_key(interview: str, lane: str) -> str:
    """STREAM of a lane: entry `<seq>-0` holds the exact bytes of an event in its field `e`."""
    return f"{{{interview}}}:{lane}"


class NewEntry(msgspec.Struct, frozen=True, gc=False):
    """An event to append to `lane`; `body` is the salted text that belongs to it.

    `copies` are pairs of body fields, from and to; a source that is absent is skipped.
    """

    lane: str
    data: bytes
    body: bytes | None = None
    copies: tuple[tuple[str, str], ...] = ()


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What one command led to; `outcome` is remembered under `done_field`."""

    done_field: str
    outcome: bytes
    entries: tuple[NewEntry, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """The whole batch is in the record."""


_APPENDED: Final = Appended()


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nothing was written: the record is not what it was believed to be.

    `last` names the lanes whose last seq is another than expected; `missing` holds what they have
    beyond that, with `more` when it is not all. A `last` below what was expected means that the
    store lost or replaced its data. `done` are the commands of the batch that were done before.
    """

    last: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, Sequence[tuple[int, bytes]]] = field(default_factory=dict)
    done: Mapping[str, bytes] = field(default_factory=dict)
    more: bool = False


Result: TypeAlias = Appended | Conflict | StoreError
OnResult: TypeAlias = Callable[[Result], None]


def append_library() -> Library:
    """Return the append as the store loads it. Reads a file: call it before the loop runs."""
    return Library.from_source(files(__package__).joinpath("append.lua").read_text())


class Record:
    """The records of all interviews. Every method that reads raises `StoreError`.

    `origin` names this node to the others, which hear of every append; empty where there are no
    others, and then nothing is published. With `copies` an append is published and acknowledged
    only when enough replicas have it.
    """

    def __init__(
        self,
        store: Store,
        library: Library,
        *,
        writer: Store | None = None,
        origin: str = "",
        copies: Copies | None = None,
    ) -> None:
        """Appends go through `writer` where that is another connection than `store`."""
        self._store = store
        self._writer = writer or store
        self._function = library.name
        self._origin = origin
        self._copies = copies

    def append(
        self,
        interview: str,
        expected: Mapping[str, int],
        batch: Sequence[Decided],
        on_result: OnResult,
    ) -> None:
        """Append what was decided, all of it or nothing, in one call of the store.

        `expected` gives the last seq of every lane that the decisions rest on or write to.
        `on_result` is called once, later in this loop. With `StoreDown` the outcome is unknown:
        read the record again; with every other `StoreError` nothing was written. Raises
        `ValueError` for a batch that could not be appended by anybody.
        """
        arguments = _arguments(expected, batch)
        origin = self._origin
        if self._copies is not None:
            # The others must not hear of an append that may yet be lost.
            origin = ""
            on_result = self._once_copied(self._copies, interview, arguments, on_result)
        call = _append_call(self._function, interview, tuple(expected))
        try:
            self._writer.require_room()
            self._writer.call_cb((*call, origin, *arguments), partial(_settle, on_result, expected))
        except StoreError as error:
            asyncio.get_running_loop().call_soon(on_result, error)

    def hint(self, interview: str) -> None:
        """Let other nodes read on: something in the record may never have been published."""
        if self._origin:
            self._publish(interview, [_encode(((), ()))])

    async def until_reachable(self) -> None:
        """Return when the store can be asked (again)."""
        await self._store.until_healthy()

    async def read(
        self, interview: str, lane: str, after: int, limit: int
    ) -> list[tuple[int, bytes]]:
        """Return at most `limit` entries of a lane after seq `after`, in order."""
        entries = await self._store.call(
            *("XRANGE", lane_key(interview, lane), f"{after + 1}-0", "+", "COUNT", limit)
        )
        return _entries(entries)

    async def bodies(self, interview: str, fields: Sequence[str]) -> dict[str, bytes]:
        """Return the salted texts under these body fields; erased ones are absent."""
        if not fields:
            return {}
        found = _list(await self._store.call("HMGET", body_key(interview), *fields))
        return {
            name: body for name, body in zip(fields, found, strict=True) if isinstance(body, bytes)
        }

    async def done(self, interview: str) -> dict[str, bytes]:
        """Return the outcome of every command that was accepted, by its done field.

        With `copies`, none is returned that a failover could still undo.
        """
        if self._copies is not None:
            await self._copies.of_everything(confirmed_key(interview))
        return _pairs(await self._store.call("HGETALL", done_key(interview)))

    async def exists(self, interview: str) -> bool:
        """Whether anything was ever appended to this interview's shared lane."""
        return await self._store.call("EXISTS", lane_key(interview, "shared")) == 1

    async def marks(self, interview: str) -> dict[str, bytes]:
        """Return each seat's mark, as it was set."""
        return _pairs(await self._store.call("HGETALL", marks_key(interview)))

    async def set_marks(self, interview: str, marks: Mapping[str, bytes]) -> None:
        """Keep these seats' marks; the others stay."""
        if not marks:
            return
        self._store.require_room()
        flat: list[Argument] = [part for mark in marks.items() for part in mark]
        await self._store.call("HSET", marks_key(interview), *flat)

    async def register(self, interview: str, now_ms: int) -> None:
        """Note that an interview is about to exist; a second time changes nothing."""
        self._store.require_room()
        await self._store.call("ZADD", REGISTRY, "NX", now_ms, interview)

    async def unregister(self, interview: str) -> None:
        """Forget a registration, such as one whose record was never begun."""
        await self._store.call("ZREM", REGISTRY, interview)

    async def registered(self, *, skip: int = 0, limit: int = 100) -> list[tuple[str, int]]:
        """Return interviews and when they were registered (ms), the newest first.

        One that was registered may have no record: the registration comes first.
        """
        reply = _list(
            await self._store.call(
                *("ZRANGE", REGISTRY, skip, skip + limit - 1, "REV", "WITHSCORES")
            )
        )
        names = [name.decode() for name in reply[::2] if isinstance(name, bytes)]
        stamps = [int(stamp) for stamp in reply[1::2] if isinstance(stamp, bytes)]
        return list(zip(names, stamps, strict=True))

    def _once_copied(
        self, copies: Copies, interview: str, arguments: list[Argument], on_result: OnResult
    ) -> OnResult:
        """Hold `Appended` back until enough replicas have it; then publish, then tell."""
        held: list[Result] = []

        def told(result: Result) -> None:
            if isinstance(result, Appended):
                held.append(result)
            else:
                on_result(result)

        def copied(error: StoreError | None) -> None:
            if not held:
                return
            if error is None and self._origin:
                self._publish(interview, arguments)
            on_result(error or held[0])

        copies.after_this(copied)
        return told

    def _publish(self, interview: str, arguments: list[Argument]) -> None:
        payload = pack((self._origin, *arguments))
        # Fan-out may be lost: whoever misses it sees the gap.
        with suppress(StoreError):
            self._writer.call_cb(("SPUBLISH", feed_channel(interview), payload), lambda _: None)


@lru_cache(maxsize=4096)
def _append_call(function: str, interview: str, lanes: tuple[str, ...]) -> tuple[Argument, ...]:
    """Return how a call of `append.lua` begins, with the keys in its order."""
    keys = (
        done_key(interview),
        body_key(interview),
        feed_channel(interview),
        *[lane_key(interview, lane) for lane in lanes],
    )
    return ("FCALL", function, len(keys), *keys)


def _arguments(expected: Mapping[str, int], batch: Sequence[Decided]) -> list[Argument]:
    """Write a batch as `append.lua` reads it, without the origin that stands before it."""
    if not 0 < len(batch) <= BATCH_MAX:
        raise ValueError(f"a batch holds 1 to {BATCH_MAX} commands, not {len(batch)}")
    if len(batch) > 1 and len({decided.done_field for decided in batch}) != len(batch):
        raise ValueError("a command stands twice in one batch")
    texts: list[Argument] = []
    commands = []
    for decided in batch:
        texts += (decided.done_field, decided.outcome)
        entries = []
        for entry in decided.entries:
            if entry.lane not in expected:
                raise ValueError(f"no last seq is expected for {entry.lane}")
            entries.append((entry.lane, entry.copies))
            texts += (entry.data, entry.body or b"")
        commands.append(entries)
    return [_encode((tuple(expected.items()), commands)), *texts]


def _settle(on_result: OnResult, expected: Mapping[str, int], reply: Outcome) -> None:
    if reply == 1:
        on_result(_APPENDED)
    elif isinstance(reply, hiredis.ReplyError):
        on_result(error_of(reply))
    elif isinstance(reply, StoreError):
        on_result(reply)
    else:
        on_result(_conflict(reply, expected))


def _conflict(reply: Reply, expected: Mapping[str, int]) -> Conflict:
    lanes, done = _list(reply)
    last: dict[str, int] = {}
    missing: dict[str, list[tuple[int, bytes]]] = {}
    for clash in _list(lanes):
        name, length, entries = _list(clash)
        assert isinstance(name, bytes)
        assert isinstance(length, int)
        last[name.decode()] = length
        missing[name.decode()] = _entries(entries)
    return Conflict(
        last=last,
        missing=missing,
        done=_pairs([part for pair in _list(done) for part in _list(pair)]),
        more=any(expected[lane] + len(missing[lane]) < last[lane] for lane in last),
    )


def _entries(reply: Reply) -> list[tuple[int, bytes]]:
    entries = []
    for entry in _list(reply):
        name, values = _list(entry)
        assert isinstance(name, bytes)
        event = _list(values)[1]
        assert isinstance(event, bytes)
        entries.append((int(name.partition(b"-")[0]), event))
    return entries


def _pairs(reply: Reply) -> dict[str, bytes]:
    flat = _list(reply)
    return {
        name.decode(): value
        for name, value in zip(flat[::2], flat[1::2], strict=True)
        if isinstance(name, bytes) and isinstance(value, bytes)
    }


def _list(reply: Reply) -> list[Reply]:
    assert isinstance(reply, list), reply
    return reply
