"""Several servers on one store: in this loop, or as processes that can be killed and stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from tests.support.parley import OPERATOR_KEY, Parley, parley
from tests.support.sio import TIMEOUT_S

SECRET = "the same on every node"


@asynccontextmanager
async def nodes(
    folder: Path, url: str, count: int = 2, **settings: object
) -> AsyncIterator[list[Parley]]:
    """So many servers in this loop, on the store at `url`."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                parley(
                    folder / f"node-{number}",
                    redis_url=url,
                    secret=SECRET,
                    operator_key=OPERATOR_KEY,
                    **settings,
                )
            )
            for number in range(count)
        ]


class ServerProcess:
    """`parley serve` as a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self._process = process
        self.address = address

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()

    def stop(self) -> None:
        """Stop it in the middle of whatever it does."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def ended(self) -> int:
        """Wait for its end; its exit status."""
        return await asyncio.wait_for(self._process.wait(), TIMEOUT_S)

    async def gauge(self, name: str) -> float:
        """One figure of its metrics."""
        headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.address}/metrics", headers=headers) as response,
        ):
            lines = (await response.text()).splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


@asynccontextmanager
async def server_process(folder: Path, url: str) -> AsyncIterator[ServerProcess]:
    """A server in a process of its own, on the store at `url`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "serve"),
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "PARLEY_DATA": str(folder),
            "PARLEY_PORT": "0",
            "PARLEY_REDIS_URL": url,
            "PARLEY_SECRET": SECRET,
            "PARLEY_OPERATOR_KEY": OPERATOR_KEY,
        },
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(TIMEOUT_S):
            while b"ready at" not in (line := await process.stdout.readline()):
                assert line, "the server ended before it was ready"
        drain = asyncio.get_running_loop().create_task(process.stdout.read(), name="drain")
        yield ServerProcess(process, line.split()[-1].decode())
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        await process.wait()
    await drain
