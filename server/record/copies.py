"""Acknowledging only what enough replicas have: `WAIT`, once for everything sent in a loop tick.

With asynchronous replication a failover loses what only the old primary had. Whoever configures
replicas therefore gets `Appended` after their answer, on the connection that made the append:
`WAIT` speaks of the writes of its own connection.
"""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import hiredis

from server.storage import Outcome, Store, StoreDown, StoreError, error_of

OnCopied: TypeAlias = Callable[[StoreError | None], None]


class Copies:
    """Waits until `count` replicas have what was sent, for at most `timeout` seconds."""

    def __init__(self, store: Store, count: int, *, timeout: float = 1.0) -> None:
        self._store = store
        self._count = count
        self._timeout_ms = round(timeout * 1000)
        self._waiting: list[OnCopied] = []

    def after_this(self, on_copied: OnCopied) -> None:
        """Tell, once, whether enough replicas have every command sent in this tick so far.

        A command sent before gets its reply before. None means that they have; `StoreDown` that
        nobody knows.
        """
        self._waiting.append(on_copied)
        if len(self._waiting) == 1:
            # Before any reply and before any new connection: the same link carries both.
            asyncio.get_running_loop().call_soon(self._ask)

    async def of_everything(self, key: str) -> None:
        """Return when enough replicas have all that the store has. Raises `StoreError`.

        Writes to `key` first: `WAIT` asks only about writes of its own connection, and earlier
        ones may have been made on another.
        """
        copied: asyncio.Future[StoreError | None] = asyncio.get_running_loop().create_future()
        written = self._store.call("SET", key, "1")
        self.after_this(lambda error: None if copied.done() else copied.set_result(error))
        await written
        if (error := await copied) is not None:
            raise error

    def _ask(self) -> None:
        waiting, self._waiting = self._waiting, []

        def answered(reply: Outcome) -> None:
            error = self._error(reply)
            for on_copied in waiting:
                on_copied(error)

        try:
            self._store.call_cb(("WAIT", self._count, self._timeout_ms), answered)
        except StoreError as error:
            for on_copied in waiting:
                on_copied(StoreDown(str(error)))

    def _error(self, reply: Outcome) -> StoreError | None:
        if isinstance(reply, StoreError):
            return reply
        if isinstance(reply, hiredis.ReplyError):
            return error_of(reply)
        assert isinstance(reply, int)
        if reply < self._count:
            return StoreDown(f"Only {reply} of {self._count} replicas have answered in time.")
        return None
