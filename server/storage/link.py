"""One pipelined connection to the store: whatever a tick of the loop asks leaves in one write.

Replies come back in the order of the commands. A link lives once; `server/storage/client.py` makes
the next one.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, TypeAlias, TypeVar, cast

import hiredis
import structlog
from typing_extensions import override

from server.storage.errors import StoreBusy, StoreDown
from server.tick import Tick

log = structlog.get_logger(__name__)

Argument: TypeAlias = bytes | str | int
Reply: TypeAlias = "int | float | bytes | list[Reply] | hiredis.ReplyError | None"
Outcome: TypeAlias = "Reply | StoreDown"
OnReply: TypeAlias = Callable[[Outcome], None]

T = TypeVar("T")

pack: Final = cast("Callable[[tuple[Argument, ...]], bytes]", hiredis.pack_command)
"""Returns a command as the store reads it: a RESP array of bulk strings."""

BUFFERED_MAX: Final = 16 << 20  # bytes the kernel has not taken yet


class Link(asyncio.Protocol):
    """A connection with at most `outstanding_max` commands under way.

    A command that is not answered within `timeout` seconds ends the link: replies have no
    numbers, so nothing behind a missing one can be told apart.
    """

    def __init__(self, *, outstanding_max: int, timeout: float, tick: Tick | None = None) -> None:
        """Commands leave at the end of `tick`, which others may share."""
        self.lost = asyncio.Event()
        self._outstanding_max = outstanding_max
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._tick = tick or Tick()
        self._parser = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._out: list[bytes] = []
        self._waiting: deque[tuple[OnReply, float]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self.reason = "The connection to the store was lost."

    @property
    def open(self) -> bool:
        """Whether commands can be sent."""
        return self._transport is not None

    @property
    def outstanding(self) -> int:
        """How many commands are not answered yet."""
        return len(self._waiting)

    def send(self, command: tuple[Argument, ...], on_reply: OnReply) -> None:
        """Issue a command. `on_reply` is called once, later, and must not raise.

        It gets the reply, or `StoreDown` when the outcome is unknown. Raises `StoreBusy` or
        `StoreDown` when the command was not sent.
        """
        if self._transport is None:
            raise StoreDown(self.reason)
        if self._paused or len(self._waiting) >= self._outstanding_max:
            raise StoreBusy("The store has more to do than it can; try again in a moment.")
        self._issue(command, on_reply)

    def abort(self, reason: str) -> None:
        """Break the connection; every outstanding command fails with `StoreDown(reason)`."""
        if self._transport is not None:
            self.reason = reason
            self._transport.abort()
            self._transport = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # A cast, since uvloop's transports do not inherit from asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=BUFFERED_MAX)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._out.clear()
        if self._timer is not None:
            self._timer.cancel()
        error = StoreDown(self.reason)
        error.__cause__ = exc
        while self._waiting:
            tell(self._waiting.popleft()[0], error)
        self.lost.set()

    @override
    def pause_writing(self) -> None:
        self._paused = True

    @override
    def resume_writing(self) -> None:
        self._paused = False

    @override
    def data_received(self, data: bytes) -> None:
        ending = self._tick.hold()
        try:
            self._parser.feed(data)
            while (reply := self._parser.gets()) is not False:
                self._received(reply)
        except (hiredis.ProtocolError, IndexError):
            self.abort("The store sent what nobody asked for.")
        finally:
            if ending:
                self._tick.end()

    def _received(self, reply: Reply) -> None:
        on_reply, _ = self._waiting.popleft()
        try:  # as `tell`, without its call
            on_reply(reply)
        except Exception:
            log.exception("store.callback_failed")

    def _issue(self, command: tuple[Argument, ...], on_reply: OnReply) -> None:
        # Packed first: an argument of a wrong type must not leave a waiting reply behind.
        self._out.append(pack(command))
        self._waiting.append((on_reply, self._loop.time() + self._timeout))
        if len(self._out) == 1:
            self._tick.at_end(self._flush)
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout, self._look_at_deadline)

    def _flush(self) -> None:
        if self._transport is not None and self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    def _look_at_deadline(self) -> None:
        self._timer = None
        if not self._waiting:
            return
        deadline = self._waiting[0][1]
        if deadline <= self._loop.time():
            self.abort(f"The store did not answer within {self._timeout:g} s.")
        else:
            self._timer = self._loop.call_at(deadline, self._look_at_deadline)


def tell(callback: Callable[[T], None], told: T) -> None:
    """Call back; one faulty callback must not cost those behind it what they wait for."""
    try:
        callback(told)
    except Exception:
        log.exception("store.callback_failed")
