"""The crash driver: a server as a process of its own, to be killed, stopped and started again."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv4Address
from itertools import count
from pathlib import Path

import aiohttp
import psutil

from tests.support.parley import OPERATOR_KEY, Json, refusal_in
from tests.support.valkey import eventually

START_S = 60.0
STORES = ("valkey-server", "redis-server")


def stores_of(server: int) -> list[int]:
    """The process numbers of a server's running embedded stores (one, if all is well)."""
    return [pid for pid, child in children_of(server) if child["name"] in STORES]


def children_of(pid: int, *, recursive: bool = False) -> Iterator[tuple[int, Json]]:
    """What runs below a process, by number; what ends while it is asked for does not."""
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(pid).children(recursive):
            with suppress(psutil.NoSuchProcess):
                found = child.as_dict(["name", "status", "cmdline"])
                if found["status"] != psutil.STATUS_ZOMBIE:
                    yield child.pid, found


def running(pid: int) -> bool:
    """Whether this process lives; one that nobody has waited for yet does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class ServerProcess:
    """`python -m server serve` on a data folder; each start takes a free port."""

    def __init__(
        self, data: Path, http: aiohttp.ClientSession, settings: Mapping[str, str]
    ) -> None:
        data.mkdir(exist_ok=True)
        self.data = data
        self.http = http
        self.settings = settings
        self.process: asyncio.subprocess.Process | None = None
        self.address = ""
        self.up = asyncio.Event()
        """Set while the server is meant to run and has answered."""
        self._visitors = count()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def store_pid(self) -> int:
        """The process number of the running store."""
        (store,) = stores_of(self.pid)
        return store

    async def start(self, **settings: str) -> None:
        """Starts the server; returns when it answers under its new address."""
        (self.data / "address").unlink(missing_ok=True)
        environment = {name: value for name, value in os.environ.items() if "PARLEY" not in name}
        log = (self.data / "server.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "serve"),
            env={
                **environment,
                "PARLEY_DATA": str(self.data),
                "PARLEY_PORT": "0",
                "PARLEY_OPERATOR_KEY": OPERATOR_KEY,
                "PARLEY_TRUSTED_PROXIES": '["127.0.0.1"]',
                **self.settings,
                **settings,
            },
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        log.close()
        await eventually(self._not_up, within=START_S)
        self.address = (self.data / "address").read_text()
        self.up.set()

    def _not_up(self) -> str:
        assert self.process is not None
        known = self.data / "address"
        if self.process.returncode is not None:
            said = (self.data / "server.log").read_text()[-2000:]
            raise AssertionError(f"the server ended with {self.process.returncode}: {said}")
        return "" if known.exists() and known.read_text() else "the server told no address yet"

    async def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        self.up.clear()
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def terminate(self, within: float) -> int:
        """SIGTERM; returns the exit status. Raises TimeoutError after `within` seconds."""
        self.up.clear()
        assert self.process is not None
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), within)

    async def reachable(self) -> str:
        """The address, as soon as there is a server behind it."""
        await self.up.wait()
        return self.address

    async def enter(self, interviews: int) -> list[tuple[str, dict[str, str]]]:
        """New interviews, each with the cookie of each seat; cookies outlive the server."""
        entered = []
        for _ in range(interviews):
            made = await self._post("interviews", _NEW)
            cookies = {
                seat: await self.redeem(link.partition("#")[2])
                for seat, link in made["links"].items()
            }
            entered.append((str(made["interview"]), cookies))
        return entered

    async def redeem(self, token: str) -> str:
        """The cookie that a link's token brings."""
        async with self.http.post(
            f"{self.address}/api/sessions", json={"token": token}, headers=self._headers()
        ) as response:
            assert response.status == 201, await response.text()
            return response.headers["Set-Cookie"].partition(";")[0]

    async def refused(self, token: str) -> str:
        """The code with which a link's token is refused."""
        async with self.http.post(
            f"{self.address}/api/sessions", json={"token": token}, headers=self._headers()
        ) as response:
            return refusal_in(await response.json())

    async def _post(self, what: str, body: Json) -> Json:
        async with self.http.post(
            f"{self.address}/api/{what}", json=body, headers=self._headers()
        ) as response:
            assert response.status == 201, await response.text()
            answer: Json = await response.json()
            return answer

    def _headers(self) -> dict[str, str]:
        # Somebody else each time, as behind a proxy: attempts are counted by address.
        visitor = str(IPv4Address("10.0.0.0") + next(self._visitors))
        return {"Authorization": f"Bearer {OPERATOR_KEY}", "X-Forwarded-For": visitor}


_NEW: Json = {"title": "Booking page", "format": "text", "client": "Ada", "freelancer": "Ben"}


@asynccontextmanager
async def server_process(data: Path, **settings: str) -> AsyncIterator[ServerProcess]:
    """A running server that is killed in the end, with its store."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        server = ServerProcess(data, http, settings)
        try:
            await server.start()
            yield server
        finally:
            if server.process is not None:
                left = stores_of(server.pid)
                await server.kill()
                for store in left:
                    with suppress(ProcessLookupError):
                        os.kill(store, signal.SIGCONT)  # one that a test has stopped cannot end
                await eventually(
                    lambda: " ".join(f"store {pid} runs" for pid in left if running(pid))
                )
