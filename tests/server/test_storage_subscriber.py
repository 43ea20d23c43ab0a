import asyncio
import signal
from collections.abc import AsyncIterator, Callable

import pytest

from server.storage import EmbeddedStore, Store, StoreError, Subscriber
from tests.support.valkey import (
    cluster,
    connected,
    embedded_store,
    eventually,
    kill_store,
    url_of,
)


class Heard:
    """What one listener was told."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.missed = 0

    def on_missed(self) -> None:
        self.missed += 1

    async def on(self, subscriber: Subscriber, channel: str) -> None:
        await subscriber.hear(channel, self.messages.append, self.on_missed)

    def lacks(self, *messages: bytes) -> Callable[[], str]:
        return lambda: "" if self.messages == list(messages) else f"heard {self.messages}"


@pytest.fixture
async def subscriber(embedded: EmbeddedStore) -> AsyncIterator[Subscriber]:
    subscriber = Subscriber(url_of(embedded))
    await subscriber.start()
    yield subscriber
    await subscriber.stop()


async def test_what_is_published_after_listening_began_is_heard_by_its_listener_only(
    store: Store, subscriber: Subscriber
) -> None:
    ada, ben = Heard(), Heard()
    await asyncio.gather(ada.on(subscriber, "{a}:feed"), ben.on(subscriber, "{b}:feed"))

    assert await store.call("SPUBLISH", "{a}:feed", b"for Ada") == 1
    assert await store.call("SPUBLISH", "{b}:feed", b"for Ben") == 1

    await eventually(ada.lacks(b"for Ada"))
    await eventually(ben.lacks(b"for Ben"))
    assert (ada.missed, ben.missed) == (0, 0)


async def test_whoever_stopped_listening_costs_the_store_nothing(
    store: Store, subscriber: Subscriber
) -> None:
    ada = Heard()
    await ada.on(subscriber, "{a}:feed")

    subscriber.drop("{a}:feed")
    passed = asyncio.Event()
    subscriber.barrier(passed.set)
    await passed.wait()

    assert await store.call("SPUBLISH", "{a}:feed", b"late") == 0


async def test_listening_again_at_once_hears_what_comes_after(
    store: Store, subscriber: Subscriber
) -> None:
    before, after = Heard(), Heard()
    for _ in range(20):
        await before.on(subscriber, "{a}:feed")
        subscriber.drop("{a}:feed")
        await after.on(subscriber, "{a}:feed")
        await store.call("SPUBLISH", "{a}:feed", b"now")
        passed = asyncio.Event()
        subscriber.barrier(passed.set)
        await passed.wait()
        subscriber.drop("{a}:feed")

    assert after.messages == [b"now"] * 20
    assert before.messages == []


async def test_after_the_store_was_gone_every_listener_is_told_that_it_missed_something(
    embedded: EmbeddedStore, subscriber: Subscriber
) -> None:
    ada = Heard()
    await ada.on(subscriber, "{a}:feed")

    kill_store(embedded)
    await eventually(lambda: "" if ada.missed else "nothing missed yet")

    async with connected(url_of(embedded)) as store:
        await store.call("SPUBLISH", "{a}:feed", b"back")
    await eventually(ada.lacks(b"back"))
    assert ada.missed == 1


async def test_without_a_store_listening_begins_late_and_says_so(embedded: EmbeddedStore) -> None:
    subscriber = Subscriber(url_of(embedded))
    ada = Heard()
    await ada.on(subscriber, "{a}:feed")

    await subscriber.start()
    await eventually(lambda: "" if ada.missed else "nothing missed yet")
    await subscriber.stop()

    assert not subscriber.healthy


async def test_a_barrier_is_passed_after_everything_published_before_it(
    store: Store, subscriber: Subscriber
) -> None:
    ada = Heard()
    await ada.on(subscriber, "{a}:feed")
    seen: list[int] = []
    passed = asyncio.Event()

    for _ in range(100):
        await store.call("SPUBLISH", "{a}:feed", b"x")
        subscriber.barrier(lambda: seen.append(len(ada.messages)))
    subscriber.barrier(passed.set)
    await passed.wait()

    assert all(heard >= number for number, heard in enumerate(seen, 1))


async def test_a_barrier_is_passed_also_when_nothing_can_be_heard(
    embedded: EmbeddedStore, subscriber: Subscriber
) -> None:
    await Heard().on(subscriber, "{a}:feed")
    kill_store(embedded, signal.SIGSTOP)
    waiting, later = asyncio.Event(), asyncio.Event()

    subscriber.barrier(waiting.set)
    await subscriber.stop()
    subscriber.barrier(later.set)

    await asyncio.gather(waiting.wait(), later.wait())
    kill_store(embedded, signal.SIGCONT)


async def test_what_was_published_before_a_command_was_done_is_heard_before_its_reply(
    store: Store, subscriber: Subscriber
) -> None:
    ada = Heard()
    await ada.on(subscriber, "{a}:feed")
    publish = "redis.call('SPUBLISH', KEYS[1], 'x') return redis.call('INCR', KEYS[2])"

    async def lag(via: Store) -> int:
        count = await via.call("EVAL", publish, 2, "{a}:feed", "{a}:count")
        assert isinstance(count, int)
        return count - len(ada.messages)

    behind = [await lag(each) for _ in range(100) for each in (store, subscriber)]

    # Of another connection's publications any may be late; before a reply of this one, none but
    # its own, which Valkey sends right behind it.
    assert max(behind[1::2]) <= 1


async def test_a_command_that_the_store_refuses_costs_the_subscriptions_nothing(
    store: Store, subscriber: Subscriber
) -> None:
    ada = Heard()
    await ada.on(subscriber, "{a}:feed")

    with pytest.raises(StoreError, match="refused"):
        await subscriber.call("HSET", "nothing")

    await store.call("SPUBLISH", "{a}:feed", b"still")
    await eventually(ada.lacks(b"still"))
    assert ada.missed == 0


async def test_a_listener_that_raises_costs_the_others_nothing(
    store: Store, subscriber: Subscriber
) -> None:
    ada = Heard()

    def broken(_: bytes) -> None:
        raise ValueError("broken")

    await subscriber.hear("{b}:feed", broken, ada.on_missed)
    await ada.on(subscriber, "{a}:feed")
    await store.call("SPUBLISH", "{b}:feed", b"bad")
    await store.call("SPUBLISH", "{a}:feed", b"good")

    await eventually(ada.lacks(b"good"))


async def test_a_password_is_given_and_a_refused_subscription_is_tried_again() -> None:
    async with embedded_store() as embedded, connected(url_of(embedded)) as store:
        await store.call("ACL", "SETUSER", "node", "on", ">secret", "+@all", "resetchannels")
        url = url_of(embedded).replace("unix://", "unix://node:secret@")
        subscriber = Subscriber(url)
        await subscriber.start()
        ada = Heard()
        await ada.on(subscriber, "{a}:feed")
        await store.call("ACL", "SETUSER", "node", "allchannels")

        await eventually(lambda: "" if ada.missed else "nothing missed yet")

        await store.call("SPUBLISH", "{a}:feed", b"allowed")
        await eventually(ada.lacks(b"allowed"))
        await subscriber.stop()


async def test_channels_of_all_slots_of_a_cluster_are_heard() -> None:
    async with (
        cluster() as url,
        connected(url) as store,
    ):
        subscriber = Subscriber(url)
        await subscriber.start()
        listeners = [Heard() for _ in range(20)]
        for number, listener in enumerate(listeners):
            await listener.on(subscriber, f"{{{number}}}:feed")
            await store.call("SPUBLISH", f"{{{number}}}:feed", b"%d" % number)

        for number, listener in enumerate(listeners):
            await eventually(listener.lacks(b"%d" % number))
        await subscriber.stop()
