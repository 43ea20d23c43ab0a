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
        # Kept, for to ask which loop is running is a system call.
        self._call_soon = asyncio.get_running_loop().call_soon

    def at_end(self, do: Callable[[], None]) -> None:
        """Call `do` at the end of this turn, or of this pass when it is running.

        Bounded by who asks: each asks again only after it was called. It should not raise; what it
        raises is logged, and keeps nobody else waiting.
        """
        if not self._waiting:
            self._call_soon(self._run)
        self._waiting.append(do)

    def _run(self) -> None:
        # What is put off meanwhile joins the list: an append that was decided now leaves now.
        for do in self._waiting:
            try:
                do()
            except Exception:
                log.exception("tick.failed")
        self._waiting.clear()
