"""The product as an operator runs it: `parley serve` in a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Timer
from types import MappingProxyType
from typing import cast

import aiohttp

from tests.support.ports import free_port

OPERATOR_KEY = "the operator's key"
READY = b"Parley is ready"
READY_WITHIN = 60.0


class Site:
    """One installation on a free port, which can be stopped and started again in its place."""

    def __init__(
        self,
        data: Path,
        *,
        inside: tuple[str, ...] = (),
        host: str = "127.0.0.1",
        settings: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`inside`: what runs a program where this installation is, such as in a namespace."""
        self._inside = inside
        self._env = {**os.environ, "PARLEY_DATA": str(data), "PARLEY_PORT": str(free_port())}
        self._env |= {"PARLEY_HOST": host, "PARLEY_MEDIA_HOST": host} if inside else {}
        self._env |= {"PARLEY_OPEN_CREATION": "true", "PARLEY_OPERATOR_KEY": OPERATOR_KEY}
        self._env |= settings
        self._log = data.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"http://{host}:{self._env['PARLEY_PORT']}"

    def begin(self) -> None:
        """Returns when pages are served; at once where they are."""
        if self._process is not None:
            return
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [*self._inside, *_parley("serve")],
                env=self._env,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        late = Timer(READY_WITHIN, process.kill)
        late.start()
        assert process.stdout is not None
        ready = any(READY in line for line in process.stdout)
        late.cancel()
        assert ready, f"parley serve stopped: {self._log.read_text()}"
        self._process = process

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Returns when it is gone; at once where it is."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.communicate()
            self._process = None

    async def start(self) -> None:
        """Returns when pages are served; at once where they are."""
        await asyncio.to_thread(self.begin)

    async def stop(self) -> None:
        """As Ctrl-C does."""
        await asyncio.to_thread(self.end)

    def freeze(self) -> None:
        """It goes on listening, and says nothing any more until `thaw`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on where it was."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        """As when the machine takes it away in the middle of things."""
        await asyncio.to_thread(self.end, signal.SIGKILL)

    async def invite(self) -> Mapping[str, str]:
        """The links of a new interview by video, made on the server's own machine."""
        names = ("--client", "Anna Berg", "--freelancer", "Tomás Rivera")
        return await self._ask("interview", "create", *names, "--json")

    async def create(self, **wishes: str | int) -> Mapping[str, str]:
        """The links of a new interview, by seat; wishes are the fields of the request."""
        wanted = {
            "title": "Booking page for a small hotel",
            "format": "video",
            "client": "Anna Berg",
            "freelancer": "Tomás Rivera",
            "note": "I would like to talk about the calendar and when you could start.",
            **wishes,
        }
        key = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.address}/api/interviews", json=wanted, headers=key) as response,
        ):
            assert response.status == 201, await response.text()
            return cast("Mapping[str, str]", (await response.json())["links"])

    async def desk(self, name: str = "Mo") -> str:
        """A link to the moderators' desk."""
        return (await self._ask("moderator", "link", "--name", name, "--json"))["moderator"]

    async def _ask(self, *arguments: str) -> Mapping[str, str]:
        process = await asyncio.create_subprocess_exec(
            *(*self._inside, *_parley(*arguments)),
            env=self._env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        told, trouble = await process.communicate()
        assert process.returncode == 0, trouble.decode()
        return cast("Mapping[str, str]", json.loads(told))


def _parley(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "server", *arguments)


@asynccontextmanager
async def running_site(
    data: Path,
    *,
    inside: tuple[str, ...] = (),
    host: str = "127.0.0.1",
    settings: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Site]:
    """A running installation with an empty record."""
    site = Site(data, inside=inside, host=host, settings=settings)
    await site.start()
    try:
        yield site
    finally:
        await site.stop()
