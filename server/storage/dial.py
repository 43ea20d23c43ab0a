"""How a connection to the store is made: its address, signing in, and trying again.

Counterparts: `client.py` (commands) and `subscriber.py` (what is published), which keep one each.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar
from urllib.parse import SplitResult, quote, unquote, urlsplit

import hiredis

from server.storage.errors import StoreDown, StoreError, StoreFull
from server.storage.link import Argument, Link, Outcome, Reply

CONNECT_TIMEOUT: Final = 5.0
BACKOFF_FIRST: Final = 0.02
BACKOFF_MAX: Final = 0.5  # so that waiting people are served soon after the store is back

L = TypeVar("L", bound=Link)


def unix_url(socket: str) -> str:
    """Return the address of a store on a Unix socket."""
    return f"unix://{quote(socket)}"


async def dial(url: str, make: Callable[[], L]) -> L:
    """Open a link and sign in. Raises `StoreError` or `OSError`."""
    link = await _open(url, make)
    try:
        for command in _greeting(urlsplit(url)):
            await ask(link, *command)
    except BaseException:
        link.abort("The store refused us.")
        raise
    return link


async def patiently(
    connect: Callable[[], Awaitable[L]], trouble: Callable[[str], None] = lambda _: None
) -> L:
    """Try to `connect` until it succeeds, telling each time what the trouble is."""
    delay = BACKOFF_FIRST
    while True:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return await connect()
        except (StoreError, OSError, TimeoutError) as error:
            trouble(str(error) or "The store does not answer.")
        await asyncio.sleep(delay)
        delay = min(delay * 2, BACKOFF_MAX)


async def ask(link: Link, *command: Argument) -> Reply:
    """Send one command and return its reply. Raises `StoreError`."""
    future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
    link.send(command, partial(settle, future))
    return await future


def settle(future: asyncio.Future[Reply], reply: Outcome) -> None:
    """Give a waiting future its reply, or the exception for it."""
    if future.done():
        return
    if isinstance(reply, hiredis.ReplyError):
        future.set_exception(error_of(reply))
    elif isinstance(reply, StoreDown):
        future.set_exception(reply)
    else:
        future.set_result(reply)


def error_of(reply: hiredis.ReplyError) -> StoreError:
    """Return the exception for an error reply. Nothing was written, unless it is `StoreDown`."""
    code = str(reply).partition(" ")[0]
    if code in ("OOM", "MISCONF"):
        return StoreFull("The store has no room: nothing new can be kept just now.")
    if code in ("LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "NOREPLICAS"):
        return StoreDown(f"The store cannot do this now: {reply}")
    return StoreError(f"The store refused: {reply}")


async def _open(url: str, make: Callable[[], L]) -> L:
    loop = asyncio.get_running_loop()
    where = urlsplit(url)
    if where.scheme == "unix":
        return (await loop.create_unix_connection(make, unquote(where.path)))[1]
    context = ssl.create_default_context() if where.scheme == "rediss" else None
    host, port = where.hostname or "localhost", where.port or 6379
    return (await loop.create_connection(make, host, port, ssl=context))[1]


def _greeting(where: SplitResult) -> list[tuple[str, ...]]:
    commands: list[tuple[str, ...]] = []
    if where.password:
        user = (unquote(where.username),) if where.username else ()
        commands.append(("AUTH", *user, unquote(where.password)))
    database = where.path.strip("/") if where.scheme != "unix" else ""
    if database not in ("", "0"):
        commands.append(("SELECT", database))
    return commands
