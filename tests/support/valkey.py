"""A private, real store for tests, and the means to be cruel to it."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from server.storage import EmbeddedStore, Library, Reply, Store, StoreLimits, unix_url
from server.storage.binary import find_binary


@asynccontextmanager
async def embedded_store(
    data: Path | None = None, binary: Path | None = None
) -> AsyncIterator[EmbeddedStore]:
    """Run an embedded store on `data`, or on a folder that vanishes with it."""
    with tempfile.TemporaryDirectory(prefix="parley-test-") as folder:
        store = EmbeddedStore(data or Path(folder), binary=binary)
        await store.start()
        try:
            yield store
        finally:
            await store.stop()


@asynccontextmanager
async def connected(
    url: str, *, libraries: Sequence[Library] = (), limits: StoreLimits | None = None
) -> AsyncIterator[Store]:
    """Hold a connection to the store at `url`."""
    store = Store(url, libraries=libraries, limits=limits)
    await store.start()
    try:
        yield store
    finally:
        await store.stop()


def url_of(store: EmbeddedStore) -> str:
    """Return the address of an embedded store."""
    return unix_url(str(store.socket))


def kill_store(store: EmbeddedStore, how: signal.Signals = signal.SIGKILL) -> None:
    """Send `how` to the store's process, and to nothing else."""
    pid = store.pid
    assert pid is not None
    os.kill(pid, how)


async def eventually(complaint: Callable[[], str], *, within: float = 5.0) -> None:
    """Wait until `complaint` is empty; what it still said becomes the failure."""
    deadline = asyncio.get_running_loop().time() + within
    while said := complaint():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"after {within:g} s: {said}")
        await asyncio.sleep(0.01)


@asynccontextmanager
async def cluster_of_one(port: int, bus_port: int) -> AsyncIterator[str]:
    """Run a real cluster of one node, which checks every slot, and yield its address."""
    with tempfile.TemporaryDirectory(prefix="parley-test-") as folder:
        node = await asyncio.create_subprocess_exec(
            await asyncio.to_thread(find_binary),
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""),
            *("--cluster-enabled", "yes", "--cluster-port", str(bus_port)),
            stdout=subprocess.DEVNULL,
        )
        url = f"redis://127.0.0.1:{port}"
        try:
            async with connected(url) as store:
                await store.call("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
                state: Reply = b""
                async with asyncio.timeout(10):
                    while not (isinstance(state, bytes) and b"cluster_state:ok" in state):
                        state = await store.call("CLUSTER", "INFO")
            yield url
        finally:
            node.kill()
            await node.wait()
