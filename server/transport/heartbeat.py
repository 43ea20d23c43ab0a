"""Engine.IO's heartbeat: we ping, the client answers; one timer handle a socket, no task."""

import asyncio
from typing import Protocol

from server.transport.bounds import TransportLimits


class Beating(Protocol):
    """Whose heart it is."""

    def ping(self) -> None:
        """Send a ping."""

    def silent(self) -> None:
        """No answer came in time."""


class Heartbeat:
    """Pings every `ping_interval`; tells of silence `ping_timeout` after an unanswered ping.

    Only the running timer refers to whose it is, so that a stopped one keeps nobody alive.
    """

    __slots__ = ("_limits", "_loop", "_timer", "awaiting")

    def __init__(self, limits: TransportLimits, loop: asyncio.AbstractEventLoop) -> None:
        self._limits = limits
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self.awaiting = False
        """Whether a ping is unanswered."""

    def start(self, whose: Beating) -> None:
        """Begin, or begin again after an answer."""
        self.stop()
        self.awaiting = False
        self._timer = self._loop.call_later(self._limits.ping_interval, self._beat, whose)

    def stop(self) -> None:
        """End it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _beat(self, whose: Beating) -> None:
        self.awaiting = True
        self._timer = self._loop.call_later(self._limits.ping_timeout, whose.silent)
        whose.ping()
