import asyncio

from structlog.testing import capture_logs

from server.record.chain import SALT_BYTES, Salts
from server.tick import Tick


async def next_turn() -> None:
    """Returns after the callbacks that are scheduled now."""
    turned = asyncio.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    await turned.wait()


async def test_what_is_put_off_happens_in_order_and_not_at_once() -> None:
    tick, done = Tick(), list[str]()

    tick.at_end(lambda: done.append("first"))
    tick.at_end(lambda: done.append("second"))
    at_once = list(done)
    await next_turn()

    assert at_once == []
    assert done == ["first", "second"]


async def test_what_is_put_off_meanwhile_happens_in_the_same_pass() -> None:
    tick, done = Tick(), list[str]()

    tick.at_end(lambda: tick.at_end(lambda: done.append("written")))
    tick.at_end(lambda: done.append("decided"))
    await next_turn()

    assert done == ["decided", "written"]


async def test_a_tick_can_be_used_again_after_it_ended() -> None:
    tick, done = Tick(), list[str]()

    tick.at_end(lambda: done.append("once"))
    await next_turn()
    tick.at_end(lambda: done.append("again"))
    await next_turn()

    assert done == ["once", "again"]


async def test_whoever_has_read_all_there_is_ends_the_turn_without_another() -> None:
    tick, done = Tick(), list[str]()

    held = tick.hold()
    tick.at_end(lambda: done.append("at once"))
    tick.end()
    at_once = list(done)
    tick.at_end(lambda: done.append("later"))
    await next_turn()

    assert held
    assert at_once == ["at once"]
    assert done == ["at once", "later"]


async def test_a_turn_whose_end_is_coming_is_left_to_it() -> None:
    tick, done = Tick(), list[str]()

    tick.at_end(lambda: done.append("read from a client"))
    held = tick.hold()
    tick.at_end(lambda: done.append("read from the store"))
    at_once = list(done)
    await next_turn()

    assert not held
    assert at_once == []
    assert done == ["read from a client", "read from the store"]


async def test_one_that_raises_is_logged_and_keeps_nobody_waiting() -> None:
    tick, done = Tick(), list[str]()

    def broken() -> None:
        raise ValueError("broken")

    with capture_logs() as logs:
        tick.at_end(broken)
        tick.at_end(lambda: done.append("second"))
        await next_turn()

    assert done == ["second"]
    assert [entry["event"] for entry in logs] == ["tick.failed"]


def test_no_salt_is_given_out_twice_also_over_several_blocks() -> None:
    salts = Salts()

    given = [salts.seal("")[0] for _ in range(1000)]

    assert len(set(given)) == 1000
    assert {len(salt) for salt in given} == {SALT_BYTES}
