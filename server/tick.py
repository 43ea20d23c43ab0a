"""What is done once at the end of a turn of the event loop: first what decides, then what writes.

Each callback that a loop is handed costs a turn of its own, and with it a system call. Whatever one
turn reads from many sockets is decided, packed and written in one callback here instead: the rooms'
batches, the commands to the store, and one write a socket (70 % of what a message costs is the
system call that sends it).
"""

import asyncio
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class Tick:
    """What waits for the end of this turn of the loop; made within that loop."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []
        self._ending = False
        # Kept, for to ask which loop is running is a system call.
        self._call_soon = asyncio.get_running_loop().call_soon

    def at_end(self, do: Callable[[], None]) -> None:
        """Call `do` at the end of this turn, or of this pass when it is running.

        Bounded by who asks: each asks again only after it was called. It should not raise; what it
        raises is logged, and keeps nobody else waiting.
        """
        if not self._ending:
            self._ending = True
            self._call_soon(self.end)
        self._waiting.append(do)

    def hold(self) -> bool:
        """Return whether the caller ends this turn itself, by `end`, as soon as it has read all.

        A reply of the store that comes alone costs the loop one turn less, and a system call.
        """
        if self._ending:
            return False
        self._ending = True
        return True

    def end(self) -> None:
        """End this turn."""
        # What is put off meanwhile joins the list: an append that was decided now leaves now.
        for do in self._waiting:
            try:
                do()
            except Exception:
                log.exception("tick.failed")
        self._waiting.clear()
        self._ending = False
