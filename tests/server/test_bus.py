import asyncio
import signal
from collections.abc import AsyncIterator

import pytest

from server.bus import ASKED_MAX, Bus, NodeGone
from server.storage import EmbeddedStore, StoreBusy, StoreDown
from tests.support.valkey import connected, kill_store, url_of

Pair = tuple[Bus, Bus]


@pytest.fixture
async def pair(embedded: EmbeddedStore) -> AsyncIterator[Pair]:
    """Give the test two nodes' buses, each on a connection of its own."""
    url = url_of(embedded)
    async with connected(url) as store, connected(url) as second:
        asking, answering = Bus(store), Bus(second)
        await asking.start()
        await answering.start()
        await asking.serve(echo)
        await answering.serve(echo)
        yield asking, answering
        await asking.stop()
        await answering.stop()


async def echo(question: bytes) -> bytes:
    return b"You asked " + question


async def test_a_node_answers_what_another_asks(pair: Pair) -> None:
    asking, answering = pair

    answers = await asyncio.gather(
        *(asking.ask(answering.node, b"%d" % number) for number in range(50))
    )

    assert answers == [b"You asked %d" % number for number in range(50)]


async def test_a_node_that_does_not_listen_is_gone_at_once(pair: Pair) -> None:
    asking, answering = pair
    await answering.stop()

    async with asyncio.timeout(10):
        with pytest.raises(NodeGone, match="does not listen"):
            await asking.ask("nobody", b"?")
        assert await asking.deaf([asking.node, "nobody"]) == {"nobody"}


async def test_a_node_that_does_not_answer_in_time_is_gone(pair: Pair) -> None:
    asking, answering = pair
    released = asyncio.Event()

    async def never(_: bytes) -> bytes:
        await released.wait()
        return b""

    await answering.serve(never)

    with pytest.raises(NodeGone, match="does not answer"):
        await asking.ask(answering.node, b"?")
    released.set()


async def test_too_many_questions_are_refused_and_the_others_answered(pair: Pair) -> None:
    asking, answering = pair
    released = asyncio.Event()

    async def slow(question: bytes) -> bytes:
        await released.wait()
        return question

    await answering.serve(slow)
    asked = [
        asyncio.get_running_loop().create_task(asking.ask(answering.node, b"?"))
        for _ in range(ASKED_MAX)
    ]
    await asyncio.sleep(0)

    with pytest.raises(StoreBusy):
        await asking.ask(answering.node, b"one more")
    released.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)

    assert outcomes.count(b"?") >= 1
    assert all(outcome == b"?" or isinstance(outcome, StoreBusy) for outcome in outcomes)


async def test_without_the_store_a_question_fails_as_such_and_not_as_a_node_that_is_gone(
    embedded: EmbeddedStore, pair: Pair
) -> None:
    asking, answering = pair
    kill_store(embedded, signal.SIGKILL)

    with pytest.raises(StoreDown):
        await asking.ask(answering.node, b"?")


async def test_whoever_publishes_learns_how_many_listen(pair: Pair) -> None:
    asking, answering = pair
    heard: list[bytes] = []
    counted: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    for bus in pair:
        await bus.hear("{i}:now", heard.append, lambda: None)

    asking.publish("{i}:now", b"hello", counted.set_result)

    assert await counted == 2
    assert answering.node != asking.node
