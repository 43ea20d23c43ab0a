"""What tests of the doctor share: finding a finding, and things that are wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from aiohttp import web

from server.config import Config
from server.doctor import Finding, Verdict
from tests.support.parley import Parley

NOBODY = "127.0.0.9"
"""An address of this machine at which nothing listens."""


def about(findings: Sequence[Finding], subject: str) -> Finding:
    """The one finding about `subject`."""
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def bad(findings: Sequence[Finding]) -> list[str]:
    """Everything that is not fine, in words."""
    return [f"{one.subject}: {one.says}" for one in findings if one.verdict is not Verdict.OK]


def config_of(running: Parley, **changed: object) -> Config:
    """The settings with which the doctor would run beside a server in this process."""
    settings = running.base.config.model_dump() | {"public_url": running.address}
    return Config.model_validate(settings | changed)


@asynccontextmanager
async def elsewhere(answer: web.Response) -> AsyncIterator[str]:
    """Some other program that answers everything alike; yields its address."""

    async def always(_: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body)

    async with _serving(always) as address:
        yield address


@asynccontextmanager
async def another_socket() -> AsyncIterator[str]:
    """Some other program that opens WebSockets and says something of its own."""

    async def greet(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        await opened.send_str("hello")
        await opened.close()
        return opened

    async with _serving(greet) as address:
        yield address


@asynccontextmanager
async def _serving(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
