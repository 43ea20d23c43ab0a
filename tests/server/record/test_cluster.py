import asyncio
from collections.abc import AsyncIterator

import pytest

from server.clock import Clock
from server.config import Config
from server.doctor import Verdict
from server.doctor.store import store_and_clock
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
from server.storage import Store, StoreError, StoreStartError
from tests.support.valkey import cluster, connected, listening

LANES = ("shared", "side:client", "side:freelancer", "person:ada", "mod")


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Give the test a real cluster of one node, with the append loaded."""
    async with (
        cluster() as url,
        connected(url, libraries=[append_library()]) as store,
    ):
        yield store


@pytest.fixture
def record(store: Store) -> Record:
    return Record(store, append_library(), origin="node-1")


async def append(record: Record, interview: str, expected: int, by: str) -> Result:
    entries = tuple(
        NewEntry(lane, b"event", body=b"s" * 16, copies=((f"{lane}/1", "case/1/1"),))
        for lane in LANES
    )
    result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    record.append(
        interview,
        dict.fromkeys(LANES, expected),
        [Decided(by, b"ok", entries)],
        result.set_result,
    )
    return await result


async def test_the_cluster_really_checks_slots(store: Store) -> None:
    with pytest.raises(StoreError, match="CROSSSLOT"):
        await store.call("MGET", "a", "b")


async def test_an_append_to_every_lane_stays_in_one_slot_also_for_other_interviews(
    record: Record,
) -> None:
    for number in range(20):
        assert await append(record, f"i{number}", 0, "ada:1") == Appended()
        assert await append(record, f"i{number}", 1, "ada:2") == Appended()

    assert await record.done("i7") == {"ada:1": b"ok", "ada:2": b"ok"}
    assert await record.read("i7", "mod", 0, 9) == [(1, b"event"), (2, b"event")]
    assert list(await record.bodies("i7", ["mod/2", "case/1/1"])) == ["mod/2", "case/1/1"]
    assert await record.exists("i7")


async def test_a_conflict_is_found_in_a_cluster(record: Record) -> None:
    await append(record, "i", 0, "ada:1")

    result = await append(record, "i", 0, "ada:2")

    assert isinstance(result, Conflict)
    assert result.last == dict.fromkeys(LANES, 1)


async def test_marks_and_the_registry_work_in_a_cluster(record: Record) -> None:
    await record.set_marks("i", {"ada": b"1", "bob": b"2"})
    await record.register("i", 7)

    assert await record.marks("i") == {"ada": b"1", "bob": b"2"}
    assert await record.registered() == [("i", 7)]


async def test_an_append_is_heard_on_the_sharded_channel_of_its_interview(
    store: Store, record: Record
) -> None:
    async with listening(store.url, feed_channel("i")) as heard:
        await append(record, "other", 0, "ada:1")
        await append(record, "i", 0, "ada:2")
        published = read_publication(await heard())

    assert [entry.lane for entry in published.entries] == list(LANES)
    assert list(published.done) == ["ada:2"]


async def test_a_cluster_of_several_primaries_is_refused_in_words() -> None:
    async with cluster(primaries=3) as url:
        with pytest.raises(StoreStartError, match="a cluster of 3 primaries, and Parley keeps"):
            await Store(url, libraries=[append_library()]).start(patience=1.0)
        (found,) = await store_and_clock(Config(redis_url=url), Clock())

    assert found.verdict is Verdict.BROKEN
    assert "a cluster of 3 primaries" in found.says
