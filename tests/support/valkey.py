"""A private, real store for tests, and the means to be cruel to it."""

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from server.storage import EmbeddedStore, Library, Reply, Store, StoreLimits, unix_url
from server.storage.binary import find_binary
from tests.support.ports import free_port
from tests.support.sio import TIMEOUT_S

SLOTS = 16384


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


async def eventually(complaint: Callable[[], str], *, within: float = TIMEOUT_S) -> None:
    """Wait until `complaint` is empty; what it still said becomes the failure."""
    deadline = asyncio.get_running_loop().time() + within
    while said := complaint():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"after {within:g} s: {said}")
        await asyncio.sleep(0.01)


@asynccontextmanager
async def replicated(embedded: EmbeddedStore) -> AsyncIterator[EmbeddedStore]:
    """Run a replica that is in step with a store, which listens on a port for it."""
    port = free_port()
    async with embedded_store() as replica, connected(url_of(embedded)) as store:
        await store.call("CONFIG", "SET", "port", port, "repl-diskless-sync-delay", 0)
        async with connected(url_of(replica)) as direct:
            await direct.call("REPLICAOF", "127.0.0.1", port)
        copied: Reply = 0
        async with asyncio.timeout(TIMEOUT_S):
            while copied != 1:
                await store.call("SET", "warm", "1")
                copied = await store.call("WAIT", 1, 500)
        yield replica


@asynccontextmanager
async def cluster(primaries: int = 1) -> AsyncIterator[str]:
    """Run a real cluster, which checks every slot, and yield the address of its first primary."""
    async with AsyncExitStack() as stack:
        ports = [(free_port(), free_port()) for _ in range(primaries)]
        stores = [
            await stack.enter_async_context(connected(url))
            for url in [await stack.enter_async_context(_primary(*port)) for port in ports]
        ]
        share = -(-SLOTS // primaries)
        for number, store in enumerate(stores):
            last = min(SLOTS, (number + 1) * share) - 1
            await store.call("CLUSTER", "ADDSLOTSRANGE", number * share, last)
            await store.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for port, bus in ports[1:]:
            await stores[0].call("CLUSTER", "MEET", "127.0.0.1", port, bus)
        async with asyncio.timeout(TIMEOUT_S):
            for store in stores:
                while not _whole(await store.call("CLUSTER", "INFO"), primaries):
                    pass
        yield stores[0].url


def _whole(told: Reply, primaries: int) -> bool:
    assert isinstance(told, bytes)
    return b"cluster_state:ok" in told and b"cluster_size:%d\r" % primaries in told


@asynccontextmanager
async def _primary(port: int, bus_port: int) -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="parley-test-") as folder:
        node = await asyncio.create_subprocess_exec(
            await asyncio.to_thread(find_binary),
            *("--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""),
            *("--cluster-enabled", "yes", "--cluster-port", str(bus_port)),
            stdout=subprocess.DEVNULL,
        )
        try:
            yield f"redis://127.0.0.1:{port}"
        finally:
            node.kill()
            await node.wait()


@asynccontextmanager
async def listening(url: str, channel: str) -> AsyncIterator[Callable[[], Awaitable[bytes]]]:
    """Hear a sharded channel by another client than ours; what it yields returns the next word."""
    async with Redis.from_url(url) as client, client.pubsub() as listener:
        await listener.execute_command("SSUBSCRIBE", channel)
        assert await listener.get_message(timeout=5) is not None

        async def heard() -> bytes:
            message = await listener.get_message(ignore_subscribe_messages=True, timeout=5)
            assert message is not None, "nothing was published"
            said: bytes = message["data"]
            return said

        yield heard
