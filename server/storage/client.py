"""The store as the rest of the server sees it: one hot connection, and redis-py for the rest.

Its counterpart is `server/storage/embedded.py`, or a store elsewhere.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import SplitResult, quote, unquote, urlsplit

import hiredis
import structlog
from redis.asyncio import BlockingConnectionPool, Redis

from server.storage.disk import DiskWatch
from server.storage.errors import StoreDown, StoreError, StoreFull, StoreStartError
from server.storage.library import Library
from server.storage.link import Argument, Link, OnReply, Outcome, Reply
from server.tasks import cancel, spawn

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT: Final = 5.0
BACKOFF_FIRST: Final = 0.02
BACKOFF_MAX: Final = 0.5  # so that waiting people are served soon after the store is back


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How much may be under way at once, and how long it may take (seconds)."""

    outstanding: int = 4096
    timeout: float = 5.0
    pool: int = 16


def unix_url(socket: str) -> str:
    """Return the address of a store on a Unix socket."""
    return f"unix://{quote(socket)}"


class Store:
    """A connection to the store at `url` (`redis://`, `rediss://` or `unix://`) that is kept up.

    `call` and `call_cb` share one pipelined connection; use them for everything short. `redis` is
    for what blocks or returns much. Writers of the record ask `require_room` first.
    """

    def __init__(
        self,
        url: str,
        *,
        libraries: Sequence[Library] = (),
        disk: DiskWatch | None = None,
        limits: StoreLimits | None = None,
    ) -> None:
        self.url = url
        self._limits = limits or StoreLimits()
        self.redis: Redis = Redis.from_pool(
            BlockingConnectionPool.from_url(
                url,
                max_connections=self._limits.pool,
                timeout=self._limits.timeout,
                socket_timeout=self._limits.timeout,
                socket_connect_timeout=CONNECT_TIMEOUT,
                # Else every new connection looks the library's own version up on the disk.
                driver_info=None,
            )
        )
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
        await self.redis.aclose()

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
        self.call_cb(command, partial(_settle, future))
        return future

    async def _keep_connected(self) -> None:
        delay = BACKOFF_FIRST
        while True:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    link = await self._connect()
            except (StoreError, OSError, TimeoutError) as error:
                self._trouble = str(error) or "The store does not answer."
                await asyncio.sleep(delay)
                delay = min(delay * 2, BACKOFF_MAX)
                continue
            delay = BACKOFF_FIRST
            await self._serve(link)

    async def _serve(self, link: Link) -> None:
        self._link = link
        self._connected.set()
        log.info("store.connected")
        try:
            await link.lost.wait()
            self._trouble = link.reason
            log.warning("store.lost", reason=link.reason)
        finally:
            self._link = None
            self._connected.clear()
            link.abort("The connection to the store was closed.")

    async def _connect(self) -> Link:
        """Open a link, sign in and make sure that our functions are there."""
        link = await self._open()
        try:
            for command in _greeting(urlsplit(self.url)):
                await _ask(link, *command)
            for library in self._libraries:
                # Also after a reconnection: the store may have come back empty.
                if not await _ask(link, "FUNCTION", "LIST", "LIBRARYNAME", library.name):
                    await _ask(link, "FUNCTION", "LOAD", "REPLACE", library.code)
            await _ask(link, "PING")
        except BaseException:
            link.abort("The store refused us.")
            raise
        return link

    async def _open(self) -> Link:
        loop = asyncio.get_running_loop()
        where = urlsplit(self.url)
        make = partial(Link, outstanding_max=self._limits.outstanding, timeout=self._limits.timeout)
        if where.scheme == "unix":
            return (await loop.create_unix_connection(make, unquote(where.path)))[1]
        context = ssl.create_default_context() if where.scheme == "rediss" else None
        host, port = where.hostname or "localhost", where.port or 6379
        return (await loop.create_connection(make, host, port, ssl=context))[1]


def error_of(reply: hiredis.ReplyError) -> StoreError:
    """Return the exception for an error reply. Nothing was written, unless it is `StoreDown`."""
    code = str(reply).partition(" ")[0]
    if code in ("OOM", "MISCONF"):
        return StoreFull("The store has no room: nothing new can be kept just now.")
    if code in ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS"):
        return StoreDown(f"The store cannot do this now: {reply}")
    return StoreError(f"The store refused: {reply}")


async def _ask(link: Link, *command: Argument) -> Reply:
    future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    link.send(command, partial(_settle, future))
    return await future


def _greeting(where: SplitResult) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = []
    if where.password:
        user = (unquote(where.username),) if where.username else ()
        commands.append(("AUTH", *user, unquote(where.password)))
    database = where.path.strip("/") if where.scheme != "unix" else ""
    if database not in ("", "0"):
        commands.append(("SELECT", database))
    return commands


def _settle(future: asyncio.Future[Reply], reply: Outcome) -> None:
    if future.done():
        return
    if isinstance(reply, hiredis.ReplyError):
        future.set_exception(error_of(reply))
    elif isinstance(reply, StoreDown):
        future.set_exception(reply)
    else:
        future.set_result(reply)
