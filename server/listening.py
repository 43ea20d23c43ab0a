"""How HTTP is listened for: what aiohttp leaves without a bound, or tells too loudly.

Counterpart: `server/rest.py`, which answers what came in here.
"""

import asyncio
import logging
from typing import Final, TypeVar
from weakref import WeakKeyDictionary, WeakSet

import msgspec
from aiohttp import web, web_response
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from server.errors import UNDECODABLE, Code, Refusal
from server.gateway import misshapen
from server.tasks import cancel, spawn

SHUTDOWN: Final = 5.0
FIELD_MAX: Final = 32 * 1024
"""Bytes of one header field. Cookies are one, and each seat has its own: browsers keep 180 of a
site, and forget the oldest beyond that."""
HEAD_WITHIN: Final = 10.0
"""Seconds in which a new connection sends the head of a request, or is closed."""
BODY_WITHIN: Final = 10.0
"""Seconds in which a body that is read follows its head."""
KEPT_ALIVE: Final = 75.0
"""Seconds until the head of the next request on the same connection."""
LINGERING: Final = 2.0
"""Seconds in which the rest of a body that was refused may still come, and is ignored."""
LOOK_EVERY: Final = 1.0
SERVER: Final = "Parley"
"""What every answer says of who gave it (RFC 9110, section 10.2.4): no more than that."""

Shape = TypeVar("Shape")


async def body(request: web.Request, shape: type[Shape]) -> Shape:
    """The JSON that came with a request. Raises `Refusal`."""
    if request.content_type != "application/json":
        raise Refusal(Code.MALFORMED, "Send JSON, with Content-Type: application/json.")
    try:
        async with asyncio.timeout(BODY_WITHIN):
            sent = await request.read()
        return msgspec.json.decode(sent, type=shape)
    except (TimeoutError, web.RequestPayloadError) as error:
        raise Refusal(Code.MALFORMED, "The request did not come in whole.") from error
    except UNDECODABLE as error:
        raise misshapen("The request", error) from error


class Listening:
    """Sockets of the application, from the first byte on. `runner` may have any sites."""

    def __init__(self, app: web.Application) -> None:
        app.middlewares.insert(0, self._note)
        # What its parser refuses is answered by aiohttp alone, and would name its version.
        web_response.SERVER_SOFTWARE = SERVER  # type: ignore[attr-defined]  # not exported
        self.runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=SHUTDOWN,
            keepalive_timeout=KEPT_ALIVE,
            lingering_time=LINGERING,
            max_field_size=FIELD_MAX,
            auto_decompress=False,  # no client of ours packs, and a packed body is no bounded one
            logger=_logger(),
        )
        self._asked: WeakSet[asyncio.Transport] = WeakSet()
        """Connections on which there was a request."""
        self._silent: WeakKeyDictionary[asyncio.Transport, float] = WeakKeyDictionary()
        """Those without, and since when they are known."""
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Sites may be added from now on."""
        await self.runner.setup()
        self._watcher = spawn(self._watch(), name="silent sockets")

    async def stop(self) -> None:
        """End all connections."""
        if self._watcher is not None:
            await cancel(self._watcher)
        await self.runner.cleanup()

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.transport is not None:
            self._asked.add(request.transport)
        return await handler(request)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self._close_silent(loop.time())

    def _close_silent(self, now: float) -> None:
        server = self.runner.server
        assert isinstance(server, web.Server)
        for connection in server.connections:
            wire = connection.transport
            if wire is None or wire in self._asked:
                continue
            if now - self._silent.setdefault(wire, now) > HEAD_WITHIN:
                connection.force_close()


def _logger() -> logging.Logger:
    """Where aiohttp tells of errors; not of its senders' bad requests, which are answered."""
    logger = logging.getLogger("parley.http")
    logger.addFilter(_is_ours)
    return logger


def _is_ours(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, (HttpProcessingError, web.RequestPayloadError))
