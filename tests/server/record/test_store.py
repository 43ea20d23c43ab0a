import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest

from server.record.publication import PublishedEntry, read_publication
from server.record.store import (
    Appended,
    Conflict,
    Decided,
    NewEntry,
    Record,
    Result,
    append_library,
    body_key,
    feed_channel,
)
from server.storage import EmbeddedStore, Store, StoreDown, StoreLimits
from tests.support.sio import TIMEOUT_S
from tests.support.valkey import connected, kill_store, url_of

I = "abcdefgh"  # noqa: E741
SALT = bytes(range(240, 256))


@pytest.fixture
async def store(embedded: EmbeddedStore) -> AsyncIterator[Store]:
    """Give the test a store with the append loaded."""
    async with connected(url_of(embedded), libraries=[append_library()]) as store:
        yield store


@pytest.fixture
def record(store: Store) -> Record:
    return Record(store, append_library(), origin="node-1")


async def append(record: Record, expected: Mapping[str, int], *batch: Decided) -> Result:
    result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    record.append(I, expected, batch, result.set_result)
    return await result


def said(*texts: bytes, lane: str = "shared", by: str = "ada:1") -> Decided:
    """Decide one entry for each text, under one command."""
    entries = tuple(NewEntry(lane, b"event " + text, body=SALT + text) for text in texts)
    return Decided(by, b'{"of":"' + by.encode() + b'"}', entries)


async def everything(store: Store) -> dict[bytes, object]:
    """Return every key of the store with its value's serialisation."""
    keys = await store.call("KEYS", "*")
    assert isinstance(keys, list)
    return {key: await store.call("DUMP", key) for key in keys if isinstance(key, bytes)}


async def test_what_was_appended_is_read_back_byte_for_byte(record: Record) -> None:
    raw = bytes(range(256))
    entry = NewEntry("shared", raw, body=SALT + "hé".encode())

    result = await append(record, {"shared": 0}, Decided("ada:1", b"first", (entry,)))

    assert result == Appended()
    assert await record.read(I, "shared", 0, 10) == [(1, raw)]
    assert await record.bodies(I, ["shared/1", "shared/2"]) == {"shared/1": SALT + "hé".encode()}
    assert await record.done(I) == {"ada:1": b"first"}


async def test_a_batch_joins_several_lanes_each_with_its_own_seq(record: Record) -> None:
    await append(record, {"shared": 0}, said(b"0"))

    result = await append(
        record,
        {"shared": 1, "mod": 0, "side:client": 0},
        said(b"1", b"2", by="ada:2"),
        said(b"flag", lane="mod", by="ada:3"),
    )

    assert result == Appended()
    assert [seq for seq, _ in await record.read(I, "shared", 0, 10)] == [1, 2, 3]
    assert await record.read(I, "mod", 0, 10) == [(1, b"event flag")]
    assert await record.read(I, "side:client", 0, 10) == []


async def test_reading_goes_on_where_it_stopped(record: Record) -> None:
    await append(record, {"shared": 0}, said(*(b"%d" % n for n in range(10))))

    assert [seq for seq, _ in await record.read(I, "shared", 0, 4)] == [1, 2, 3, 4]
    assert [seq for seq, _ in await record.read(I, "shared", 4, 4)] == [5, 6, 7, 8]
    assert await record.read(I, "shared", 10, 4) == []


async def test_a_batch_on_an_old_view_writes_nothing_and_gets_what_it_missed(
    record: Record, store: Store
) -> None:
    await append(record, {"shared": 0, "mod": 0}, said(b"1"), said(b"2", by="bob:1"))
    before = await everything(store)

    result = await append(
        record,
        {"mod": 0, "shared": 1},
        said(b"x", lane="mod", by="cy:1"),
        said(b"y", by="cy:2"),
    )

    assert result == Conflict(last={"shared": 2}, missing={"shared": [(2, b"event 2")]})
    assert await everything(store) == before


async def test_a_lane_that_is_only_relied_upon_is_checked_too(record: Record) -> None:
    await append(record, {"shared": 0}, said(b"1"))

    result = await append(record, {"shared": 0, "mod": 0}, said(b"x", lane="mod", by="cy:1"))

    assert isinstance(result, Conflict)
    assert await record.read(I, "mod", 0, 1) == []


async def test_a_command_that_was_done_gets_its_first_outcome_and_the_batch_writes_nothing(
    record: Record, store: Store
) -> None:
    await append(record, {"shared": 0}, Decided("ada:1", b"first", (NewEntry("shared", b"e"),)))
    before = await everything(store)

    result = await append(
        record,
        {"shared": 1},
        said(b"new", by="bob:1"),
        Decided("ada:1", b"second", (NewEntry("shared", b"e"),)),
    )

    assert result == Conflict(done={"ada:1": b"first"})
    assert await everything(store) == before


async def test_more_is_said_when_not_everything_missed_fits(record: Record) -> None:
    for start in range(0, 600, 300):
        await append(record, {"shared": start}, said(*[b"m"] * 300, by=f"ada:{start}"))

    result = await append(record, {"shared": 0}, said(b"x", by="bob:1"))

    assert isinstance(result, Conflict)
    assert result.more
    assert result.last == {"shared": 600}
    assert [seq for seq, _ in result.missing["shared"]] == list(range(1, 501))


async def test_a_store_that_knows_less_than_expected_is_told_apart(record: Record) -> None:
    await append(record, {"shared": 0}, said(b"1"))

    result = await append(record, {"shared": 7}, said(b"x", by="bob:1"))

    assert result == Conflict(last={"shared": 1}, missing={"shared": []})


async def test_evidence_is_copied_inside_the_append_and_outlives_its_source(
    record: Record, store: Store
) -> None:
    await append(record, {"shared": 0}, said(b"rude"))
    copies = (("shared/1", "case/1/1"), ("shared/9", "case/1/9"))

    await append(
        record,
        {"shared": 1, "mod": 0},
        Decided("bob:1", b"ok", (NewEntry("mod", b"flagged", copies=copies),)),
    )
    await store.call("HDEL", body_key(I), "shared/1")

    assert await record.bodies(I, ["shared/1", "case/1/1", "case/1/9"]) == {
        "case/1/1": SALT + b"rude"
    }


async def test_a_copy_finds_a_text_of_its_own_batch(record: Record) -> None:
    flag = NewEntry("mod", b"flagged", copies=(("shared/1", "case/1/1"),))

    await append(record, {"shared": 0, "mod": 0}, said(b"rude"), Decided("bob:1", b"ok", (flag,)))

    assert await record.bodies(I, ["case/1/1"]) == {"case/1/1": SALT + b"rude"}


@pytest.mark.parametrize(
    "batch",
    [
        pytest.param([], id="empty"),
        pytest.param([said(b"x", by=f"ada:{n}") for n in range(51)], id="too many commands"),
        pytest.param([said(b"x"), said(b"y")], id="one command twice"),
        pytest.param([said(b"x", lane="mod")], id="a lane without an expected seq"),
    ],
)
async def test_a_batch_that_nobody_could_append_is_an_error_of_ours(
    record: Record, batch: Sequence[Decided]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        await append(record, {"shared": 0}, *batch)


async def test_two_writers_at_once_leave_one_order_without_gap_or_double(record: Record) -> None:
    async def write(name: str, count: int) -> None:
        last, number = 0, 0
        while number < count:
            result = await append(record, {"shared": last}, said(b"m", by=f"{name}:{number}"))
            match result:
                case Appended():
                    last, number = last + 1, number + 1
                case Conflict():
                    last = result.last["shared"]
                case error:
                    raise error

    await asyncio.gather(*(write(name, 50) for name in ("ada", "bob", "cy")))

    assert [seq for seq, _ in await record.read(I, "shared", 0, 1000)] == list(range(1, 151))
    assert len(await record.done(I)) == 150


async def test_every_append_is_published_whole_and_in_order(
    embedded: EmbeddedStore, record: Record
) -> None:
    listener = await asyncio.open_unix_connection(embedded.socket)
    listener[1].write(f"SSUBSCRIBE {feed_channel(I)}\r\n".encode())
    await listener[0].readuntil(b":1\r\n")

    await append(
        record,
        {"shared": 0, "mod": 0},
        said(b"1", b"2"),
        Decided("b:1", b"ok", (NewEntry("mod", b"f", copies=(("shared/1", "case/1/1"),)),)),
        said(b"3", by="b:2"),
    )

    head = await listener[0].readuntil(feed_channel(I).encode() + b"\r\n")
    assert b"smessage" in head
    size = int((await listener[0].readline())[1:])
    heard = read_publication(await listener[0].readexactly(size))
    listener[1].close()
    assert heard.origin == "node-1"
    assert heard.entries == (
        PublishedEntry("shared", 1, b"event 1", SALT + b"1"),
        PublishedEntry("shared", 2, b"event 2", SALT + b"2"),
        PublishedEntry("mod", 1, b"f", None),
        PublishedEntry("shared", 3, b"event 3", SALT + b"3"),
    )
    assert heard.done == {"ada:1": b'{"of":"ada:1"}', "b:1": b"ok", "b:2": b'{"of":"b:2"}'}


async def test_an_append_without_a_store_is_told_later_that_it_is_down(
    embedded: EmbeddedStore, record: Record, store: Store
) -> None:
    kill_store(embedded)
    with pytest.raises(StoreDown):
        await store.call("PING")
    told: list[Result] = []

    record.append(I, {"shared": 0}, [said(b"x")], told.append)

    assert told == []
    await asyncio.sleep(0)
    assert [type(result) for result in told] == [StoreDown]


async def test_marks_are_kept_for_each_seat(record: Record) -> None:
    await record.set_marks(I, {"ada": b"3,2", "bob": b"1,1"})
    await record.set_marks(I, {"ada": b"4,4"})

    assert await record.marks(I) == {"ada": b"4,4", "bob": b"1,1"}


async def test_an_interview_exists_from_its_first_shared_entry(record: Record) -> None:
    before = await record.exists(I)
    await append(record, {"shared": 0}, said(b"1"))

    assert (before, await record.exists(I)) == (False, True)


async def test_the_registry_lists_the_newest_first_and_keeps_the_first_stamp(
    record: Record,
) -> None:
    for number, name in enumerate(("a", "b", "c")):
        await record.register(name, 1000 + number)
    await record.register("a", 5000)
    await record.unregister("b")

    assert await record.registered() == [("c", 1002), ("a", 1000)]
    assert await record.registered(skip=1, limit=1) == [("a", 1000)]


@pytest.mark.parametrize("life", [0.02, 0.05, 0.11])
async def test_a_store_killed_in_a_burst_keeps_every_acknowledged_batch_whole(
    embedded: EmbeddedStore, life: float
) -> None:
    acked: list[int] = []
    down = asyncio.Event()
    async with connected(
        url_of(embedded), libraries=[append_library()], limits=StoreLimits(outstanding=100_000)
    ) as store:
        record = Record(store, append_library())

        def write(number: int) -> None:
            def told(result: Result) -> None:
                if isinstance(result, Appended):
                    if not acked:
                        asyncio.get_running_loop().call_later(life, kill_store, embedded)
                    acked.append(number)
                else:
                    down.set()

            batch = [said(b"1", b"2", by=f"ada:{number}"), said(b"3", by=f"bob:{number}")]
            record.append(I, {"shared": 3 * number}, batch, told)

        number = 0
        while not down.is_set():
            write(number)
            number += 1
            await asyncio.sleep(0)
        await asyncio.wait_for(store.until_healthy(), TIMEOUT_S)

        found = [seq for seq, _ in await record.read(I, "shared", 0, 1_000_000)]
        done = await record.done(I)

    assert acked
    assert acked == list(range(len(acked)))
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= 3 * len(acked)
    assert len(found) % 3 == 0
    assert len(done) == 2 * len(found) // 3
