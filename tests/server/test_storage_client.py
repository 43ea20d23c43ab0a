import asyncio
import signal
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server.storage import (
    EmbeddedStore,
    Library,
    Outcome,
    Reply,
    Store,
    StoreBusy,
    StoreDown,
    StoreError,
    StoreLimits,
    StoreStartError,
    unix_url,
)
from tests.support.ports import free_port
from tests.support.sio import TIMEOUT_S
from tests.support.valkey import connected, embedded_store, eventually, kill_store, url_of

ECHO = Library.from_source(
    "#!lua name=@NAME@\nredis.register_function('@NAME@', function(keys, args) return args end)"
)


async def test_replies_come_back_in_the_order_of_the_commands(store: Store) -> None:
    replies = await asyncio.gather(*(store.call("INCR", "n") for _ in range(500)))

    assert replies == list(range(1, 501))


async def test_everything_asked_in_one_tick_leaves_in_one_write(
    embedded: EmbeddedStore, store: Store
) -> None:
    async def reads() -> int:
        said = await store.call("INFO", "stats")
        assert isinstance(said, bytes)
        return int(said.split(b"total_reads_processed:")[1].split(b"\r")[0])

    before = await reads()
    await asyncio.gather(*(store.call("INCR", "n") for _ in range(200)))

    assert await reads() == before + 2


async def test_an_error_reply_fails_its_own_command_only(store: Store) -> None:
    wrong, right = store.call("NOSUCH"), store.call("PING")

    with pytest.raises(StoreError, match="unknown command"):
        await wrong
    assert await right == b"PONG"


async def test_a_callback_that_raises_costs_the_others_nothing(store: Store) -> None:
    def broken(_: Outcome) -> None:
        raise ValueError("broken")

    with capture_logs() as logs:
        store.call_cb(("PING",), broken)
        assert await store.call("PING") == b"PONG"

    assert [line["event"] for line in logs] == ["store.callback_failed"]


async def test_an_argument_of_a_wrong_type_disturbs_nobody(store: Store) -> None:
    with pytest.raises(TypeError):
        await store.call("SET", "k", object())  # type: ignore[arg-type]

    assert await store.call("PING") == b"PONG"


async def test_beyond_the_bound_commands_are_refused_and_those_before_are_answered(
    embedded: EmbeddedStore,
) -> None:
    async with connected(url_of(embedded), limits=StoreLimits(outstanding=3)) as store:
        futures = [store.call("INCR", "n") for _ in range(3)]

        with pytest.raises(StoreBusy):
            await store.call("INCR", "n")

        assert await asyncio.gather(*futures) == [1, 2, 3]
        assert await store.call("GET", "n") == b"3"


async def test_a_store_that_takes_nothing_in_is_busy_before_our_memory_grows(
    embedded: EmbeddedStore, store: Store
) -> None:
    kill_store(embedded, signal.SIGSTOP)
    megabyte = b"x" * (1 << 20)
    sent: list[asyncio.Future[Reply]] = []

    async def flood() -> None:
        for _ in range(40):
            sent.append(store.call("SET", "k", megabyte))
            await asyncio.sleep(0)

    with pytest.raises(StoreBusy):
        await flood()

    assert 16 <= len(sent) < 20
    kill_store(embedded, signal.SIGCONT)
    assert await asyncio.gather(*sent) == [b"OK"] * len(sent)
    assert await store.call("PING") == b"PONG"


async def test_something_that_is_no_store_is_reported_as_such(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await reader.read()
        writer.close()

    path = str(tmp_path / "web.sock")
    store = Store(unix_url(path))
    server = await asyncio.start_unix_server(answer, path)
    try:
        with pytest.raises(StoreStartError, match="sent what nobody asked for"):
            await store.start(patience=0.2)
    finally:
        server.close()
        await store.stop()


async def test_a_slow_reply_ends_the_connection_with_an_unknown_outcome_and_then_it_heals(
    embedded: EmbeddedStore,
) -> None:
    async with connected(url_of(embedded), limits=StoreLimits(timeout=1.0)) as store:
        kill_store(embedded, signal.SIGSTOP)

        with pytest.raises(StoreDown, match=r"did not answer within 1 s"):
            await store.call("PING")
        assert not store.healthy

        kill_store(embedded, signal.SIGCONT)
        await asyncio.wait_for(store.until_healthy(), TIMEOUT_S)
        assert await store.call("PING") == b"PONG"


async def test_a_dying_store_fails_what_is_under_way_and_refuses_what_comes(
    embedded: EmbeddedStore, store: Store
) -> None:
    await store.call("PING")
    kill_store(embedded, signal.SIGSTOP)
    under_way = [store.call("INCR", "n") for _ in range(10)]
    await asyncio.sleep(0)
    kill_store(embedded)

    outcomes = await asyncio.gather(*under_way, return_exceptions=True)

    assert {type(outcome) for outcome in outcomes} == {StoreDown}
    with pytest.raises(StoreDown):
        await store.call("PING")
    await asyncio.wait_for(store.until_healthy(), TIMEOUT_S)
    assert await store.call("PING") == b"PONG"


async def test_a_store_that_returns_after_a_while_is_used_again(
    tmp_path: Path,
) -> None:
    async with embedded_store(tmp_path) as first:
        store = Store(url_of(first))
        await store.start()
        await store.call("SET", "k", "v")
    await eventually(lambda: "still healthy" if store.healthy else "")
    # The outage itself: long enough for the attempts to have become rare.
    await asyncio.sleep(1.5)
    assert store.trouble

    async with embedded_store(tmp_path):
        await asyncio.wait_for(store.until_healthy(), TIMEOUT_S)
        assert await store.call("GET", "k") == b"v"
        await store.stop()


async def test_a_store_that_takes_us_in_and_drops_us_is_not_asked_in_a_rush() -> None:
    taken_in: list[float] = []

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"cluster\r\n")
        writer.write(b"$17\r\ncluster_enabled:0\r\n")
        await writer.drain()
        writer.close()
        taken_in.append(asyncio.get_running_loop().time())

    async with await asyncio.start_server(drop, "127.0.0.1", 0) as server:
        store = Store(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await store.start()
        await eventually(lambda: "" if len(taken_in) == 3 else f"taken in {len(taken_in)} times")
        await store.stop()

    # Half a second between two, give or take when a busy machine notes them.
    assert taken_in[2] - taken_in[0] > 0.9


async def test_functions_are_loaded_at_the_start_and_again_into_an_empty_store(
    embedded: EmbeddedStore,
) -> None:
    async with connected(url_of(embedded), libraries=[ECHO]) as store:
        assert await store.call("FCALL", ECHO.name, 0, "hello") == [b"hello"]

        await store.call("FUNCTION", "FLUSH")
        kill_store(embedded)
        await eventually(lambda: "" if embedded.restarts else "not started again")
        await asyncio.wait_for(store.until_healthy(), TIMEOUT_S)

        assert await store.call("FCALL", ECHO.name, 0, "again") == [b"again"]


async def test_a_library_with_other_text_has_another_name() -> None:
    assert Library.from_source("a @NAME@").name != Library.from_source("b @NAME@").name


async def test_a_store_that_is_not_there_is_reported_within_patience(tmp_path: Path) -> None:
    store = Store(unix_url(str(tmp_path / "nobody.sock")))

    with pytest.raises(StoreStartError, match="cannot be used"):
        await store.start(patience=0.2)


async def test_a_name_and_password_in_the_address_are_used(
    embedded: EmbeddedStore, store: Store
) -> None:
    port = free_port()
    await store.call("CONFIG", "SET", "port", port, "requirepass", "se/cret")

    async with connected(f"redis://:se%2Fcret@127.0.0.1:{port}/0") as other:
        assert await other.call("PING") == b"PONG"
    with pytest.raises(StoreStartError, match=r"refused.*WRONGPASS"):
        await Store(f"redis://:wrong@127.0.0.1:{port}").start(patience=0.3)


async def test_stopping_fails_what_is_under_way(embedded: EmbeddedStore) -> None:
    async with connected(url_of(embedded)) as store:
        future = store.call("BLPOP", "nothing", 0)
        await asyncio.sleep(0)
    with pytest.raises(StoreDown):
        await future
