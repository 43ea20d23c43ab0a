"""One write a socket and a tick: 70 % of what a message costs is the system call that sends it.

uvloop's transports write at once. Within one tick of the loop a sender gets its acknowledgement and
the event, and often the other one's event too; they leave together.
"""

import asyncio
from collections.abc import Callable


class Outbox:
    """The sockets that were sent something in this tick."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def add(self, flush: Callable[[], None]) -> None:
        """Call `flush` at the end of this tick. It must not raise."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append(flush)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for flush in waiting:
            flush()
