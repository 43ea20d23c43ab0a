import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from server.record.copies import Copies
from server.record.publication import read_publication
from server.record.store import (
    Appended,
    Conflict,
    Decided,
    NewEntry,
    Record,
    Result,
    append_library,
    feed_channel,
)
from server.storage import EmbeddedStore, StoreDown
from tests.support.valkey import (
    connected,
    eventually,
    kill_store,
    listening,
    replicated,
    url_of,
)

INTERVIEW = "i"


@pytest.fixture
async def replica(embedded: EmbeddedStore) -> AsyncIterator[EmbeddedStore]:
    """Give the test's store a replica that is in step with it."""
    async with replicated(embedded) as replica:
        yield replica


@pytest.fixture
async def record(embedded: EmbeddedStore, replica: EmbeddedStore) -> AsyncIterator[Record]:
    async with connected(url_of(embedded), libraries=[append_library()]) as store:
        yield Record(store, append_library(), origin="me", copies=Copies(store, 1, timeout=1.0))


async def append(record: Record, expected: int, by: str) -> Result:
    result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    batch = [Decided(by, b"ok", (NewEntry("shared", b"event"),))]
    record.append(INTERVIEW, {"shared": expected}, batch, result.set_result)
    return await result


async def test_what_is_acknowledged_is_on_the_replica(
    record: Record, replica: EmbeddedStore
) -> None:
    assert await append(record, 0, "ada:1") == Appended()

    async with connected(url_of(replica)) as direct:
        assert await Record(direct, append_library()).read(INTERVIEW, "shared", 0, 9) == [
            (1, b"event")
        ]


async def test_many_appends_of_one_tick_are_all_acknowledged(record: Record) -> None:
    results: list[Result] = []
    for number in range(20):
        batch = [Decided(f"ada:{number}", b"ok", (NewEntry("shared", b"event"),))]
        record.append(f"i{number}", {"shared": 0}, batch, results.append)

    await eventually(lambda: "" if len(results) == 20 else f"{len(results)} of 20 answered")

    assert results == [Appended()] * 20


async def test_without_the_replica_nothing_is_acknowledged_and_nothing_is_published(
    embedded: EmbeddedStore, record: Record, replica: EmbeddedStore
) -> None:
    async with listening(url_of(embedded), feed_channel(INTERVIEW)) as heard:
        kill_store(replica, signal.SIGSTOP)

        lost = await append(record, 0, "ada:1")
        kill_store(replica, signal.SIGCONT)
        kept = await append(record, 1, "ada:2")
        published = read_publication(await heard())

    assert (type(lost), kept) == (StoreDown, Appended())
    assert (published.origin, list(published.done)) == ("me", ["ada:2"])


async def test_outcomes_are_not_believed_before_the_replica_has_them(
    record: Record, replica: EmbeddedStore
) -> None:
    kill_store(replica, signal.SIGSTOP)
    await append(record, 0, "ada:1")

    with pytest.raises(StoreDown):
        await record.done(INTERVIEW)

    kill_store(replica, signal.SIGCONT)
    assert await record.done(INTERVIEW) == {"ada:1": b"ok"}


async def test_a_conflict_is_told_as_without_replicas(record: Record) -> None:
    await append(record, 0, "ada:1")

    result = await append(record, 0, "ada:2")

    assert result == Conflict(last={"shared": 1}, missing={"shared": [(1, b"event")]})
