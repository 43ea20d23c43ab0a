"""The store as the rest of the server sees it: one pipelined connection that is kept up.

Its counterpart is `server/storage/embedded.py`, or a store elsewhere.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from server.storage.dial import BACKOFF_MAX, ask, dial, patiently, settle
from server.storage.disk import DiskWatch
from server.storage.errors import StoreDown, StoreError, StoreFull, StoreStartError
from server.storage.library import Library
from server.storage.link import Argument, Link, OnReply, Reply
from server.tasks import cancel, spawn
from server.tick import Tick

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How much may be under way at once, and how long it may take (seconds)."""

    outstanding: int = 4096
    timeout: float = 5.0


class Store:
    """A connection to the store at `url` (`redis://`, `rediss://` or `unix://`) that is kept up.

    `call` and `call_cb` share one pipelined connection. Writers of the record ask `require_room`
    first.
    """

    def __init__(
        self,
        url: str,
        *,
        libraries: Sequence[Library] = (),
        disk: DiskWatch | None = None,
        limits: StoreLimits | None = None,
        tick: Tick | None = None,
    ) -> None:
        self.url = url
        self.tick = tick or Tick()
        """When commands leave: whoever gives several of them does so at its end."""
        self._limits = limits or StoreLimits()
        self._libraries = tuple(libraries)
        self._disk = disk
        self._link: Link | None = None
        self._connected = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._trouble = "The store has not been reached yet."

    @property
    def healthy(self) -> bool:
        """Whether commands can be sent now."""
        return self._link is not None and self._link.open

    @property
    def writable(self) -> bool:
        """Whether there is a store and room in it."""
        return self.healthy and (self._disk is None or not self._disk.full)

    @property
    def trouble(self) -> str:
        """Why the store is not healthy, in a sentence; empty when it is."""
        return "" if self.healthy else self._trouble

    @property
    def outstanding(self) -> int:
        """How many commands are not answered yet."""
        return self._link.outstanding if self._link is not None else 0

    async def start(self, *, patience: float = 10.0) -> None:
        """Connect and load the functions. Raises `StoreStartError` after `patience` seconds."""
        self._keeper = spawn(self._keep_connected(), name="store connection")
        try:
            await asyncio.wait_for(self._connected.wait(), patience)
        except TimeoutError:
            await self.stop()
            raise StoreStartError(f"The store cannot be used: {self._trouble}") from None

    async def stop(self) -> None:
        """Close every connection; outstanding commands fail with `StoreDown`."""
        if self._keeper is not None:
            await cancel(self._keeper)
            self._keeper = None

    async def until_healthy(self) -> None:
        """Return when commands can be sent (again)."""
        while not self.healthy:
            self._connected.clear()  # the keeper may not have noticed the loss yet
            await self._connected.wait()

    def require_room(self) -> None:
        """Raise `StoreFull` when nothing may be written now; reading goes on."""
        if self._disk is not None and self._disk.full:
            raise StoreFull("The server's disk is full: nothing new can be kept just now.")

    def call_cb(self, command: tuple[Argument, ...], on_reply: OnReply) -> None:
        """Send a command at the end of this loop tick; see `Link.send`."""
        if self._link is None:
            raise StoreDown(self._trouble)
        self._link.send(command, on_reply)

    def call(self, *command: Argument) -> asyncio.Future[Reply]:
        """Send a command at the end of this loop tick and return its coming reply.

        The future fails with `StoreDown` (outcome unknown) or another `StoreError` (see
        `error_of`). Raises `StoreBusy` or `StoreDown` when the command was not sent.
        """
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self.call_cb(command, partial(settle, future))
        return future

    async def _keep_connected(self) -> None:
        now = asyncio.get_running_loop().time
        while True:
            link = await patiently(self._connect, self._complain)
            again_at = now() + BACKOFF_MAX
            await self._serve(link)
            # A peer that takes us in and drops us at once is asked no more often than one that
            # refuses; a link that lived is made anew at once.
            await asyncio.sleep(max(0.0, again_at - now()))

    def _complain(self, trouble: str) -> None:
        self._trouble = trouble

    async def _serve(self, link: Link) -> None:
        self._link = link
        self._connected.set()
        log.info("store.connected")
        try:
            await self._until_lost(link)
            self._trouble = link.reason
            log.warning("store.lost", reason=link.reason)
        finally:
            self._link = None
            self._connected.clear()
            link.abort("The connection to the store was closed.")

    async def _until_lost(self, link: Link) -> None:
        await link.lost.wait()

    def _new_link(self) -> Link:
        limits = self._limits
        return Link(outstanding_max=limits.outstanding, timeout=limits.timeout, tick=self.tick)

    async def _connect(self) -> Link:
        link = await dial(self.url, self._new_link)
        try:
            await self._prepare(link)
        except BaseException:
            link.abort("The store refused us.")
            raise
        return link

    async def _prepare(self, link: Link) -> None:
        """Make sure that our functions are there."""
        await _require_one_primary(link)
        for library in self._libraries:
            # Also after a reconnection: the store may have come back empty.
            if not await ask(link, "FUNCTION", "LIST", "LIBRARYNAME", library.name):
                await ask(link, "FUNCTION", "LOAD", "REPLACE", library.code)


async def _require_one_primary(link: Link) -> None:
    """Raise `StoreError` for a cluster of several primaries: we speak to one and route nothing."""
    if b"cluster_enabled:1" not in _text(await ask(link, "INFO", "cluster")):
        return
    size = re.search(rb"cluster_size:(\d+)", _text(await ask(link, "CLUSTER", "INFO")))
    if size is not None and int(size[1]) > 1:
        raise StoreError(
            f"It is a cluster of {int(size[1])} primaries, and Parley keeps everything in one. Use "
            "one primary with replicas, and several installations side by side for more."
        )


def _text(reply: Reply) -> bytes:
    assert isinstance(reply, bytes), reply
    return reply
