import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.record.store import Appended, Decided, NewEntry, Record, Result, append_library
from server.storage import DiskWatch, EmbeddedStore, Store, StoreFull
from tests.support.valkey import eventually, url_of

ALWAYS_FULL = 1 << 62


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[DiskWatch]:
    watch = DiskWatch(tmp_path, floor=0, period=0.01)
    await watch.start()
    yield watch
    await watch.stop()


@pytest.fixture
async def store(embedded: EmbeddedStore, watch: DiskWatch) -> AsyncIterator[Store]:
    """Give the test a store that heeds the watch."""
    store = Store(url_of(embedded), libraries=[append_library()], disk=watch)
    await store.start()
    yield store
    await store.stop()


async def append(record: Record, number: int) -> Result:
    result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    decided = Decided(f"ada:{number}", b"ok", (NewEntry("shared", b"event"),))
    record.append("i", {"shared": number}, [decided], result.set_result)
    return await result


async def test_the_watch_knows_how_much_is_free(watch: DiskWatch, tmp_path: Path) -> None:
    really = shutil.disk_usage(tmp_path).free

    assert abs(watch.free - really) < 1 << 30
    assert not watch.full


async def test_a_full_disk_refuses_appends_before_the_store_hears_of_them_and_reading_goes_on(
    store: Store, watch: DiskWatch
) -> None:
    record = Record(store, append_library())
    assert await append(record, 0) == Appended()
    watch.floor = ALWAYS_FULL
    await eventually(lambda: "" if watch.full else "the full disk goes unnoticed")

    assert type(await append(record, 1)) is StoreFull
    with pytest.raises(StoreFull):
        await record.register("i", 1)
    with pytest.raises(StoreFull):
        await record.set_marks("i", {"ada": b"1"})

    assert (store.healthy, store.writable) == (True, False)
    assert await record.read("i", "shared", 0, 10) == [(1, b"event")]
    assert await store.call("DBSIZE") == 2


async def test_writing_goes_on_when_there_is_room_again(store: Store, watch: DiskWatch) -> None:
    record = Record(store, append_library())
    watch.floor = ALWAYS_FULL
    await eventually(lambda: "" if watch.full else "the full disk goes unnoticed")

    watch.floor = 0
    await eventually(lambda: "" if store.writable else "the room goes unnoticed")

    assert await append(record, 0) == Appended()


async def test_a_folder_that_cannot_be_looked_at_counts_as_full(tmp_path: Path) -> None:
    watch = DiskWatch(tmp_path / "absent", floor=1)

    await watch.start()
    await watch.stop()

    assert watch.full


async def test_a_store_out_of_memory_refuses_like_a_full_disk(store: Store) -> None:
    record = Record(store, append_library())
    await store.call("CONFIG", "SET", "maxmemory", 1)

    result = await append(record, 0)

    assert type(result) is StoreFull
    assert not await record.exists("i")
