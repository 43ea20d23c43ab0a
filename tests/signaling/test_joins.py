"""Many people who join at once, and many who come and go."""

import asyncio
import gc
from collections import Counter

import psutil
import pytest
from OpenSSL import SSL
from pylibsrtp import Session

from bench.light_peer import Identity, LightPeer
from signaling.adapter import Handshake
from signaling.call import Call
from signaling.connection import Connection, Path
from signaling.peer import Peer
from signaling.slot import Slot
from signaling.track import Repair, Track
from tests.signaling.support import (
    TALKING,
    Running,
    enter,
    eventually,
    handled,
    running_engine,
)
from tests.support.counts import count

JOINS = count(500, full=10_000)
STORMS = count(2, full=40)
PEOPLE = 50


@pytest.mark.timeout(300)
async def test_in_storms_of_joins_no_handshake_waits_for_a_retransmission(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nobody sends a flight of DTLS again: one that is lost or forgotten is missed for good.
    monkeypatch.setattr(SSL.Connection, "DTLSv1_get_timeout", lambda _connection: None)
    identity = Identity()
    async with running_engine() as running:
        for _ in range(STORMS):
            await come_and_go(running, identity)


async def come_and_go(running: Running, identity: Identity) -> None:
    """Everybody joins at once, shakes hands, and goes again."""
    people = await asyncio.gather(
        *(
            enter(running, f"person{number}", call=f"call{number // 2}", identity=identity)
            for number in range(PEOPLE)
        )
    )
    for number in range(PEOPLE // 2):
        running.engine.end(f"call{number}")
    for person in people:
        person.peer.close()
    running.peers.clear()


KEPT = (Peer, Call, Slot, Track, Repair, Connection, Handshake, Path, SSL.Connection, Session)


def standing() -> Counter[str]:
    """What there is of everything that a person could leave behind."""
    gc.collect()
    process = psutil.Process()
    kinds = Counter(
        type(each).__name__ for each in gc.get_objects() if isinstance(each, (*KEPT, asyncio.Task))
    )
    return kinds + Counter(descriptors=process.num_fds(), threads=process.num_threads())


async def visit(running: Running, identity: Identity, number: int) -> None:
    """Two people meet, talk, one restarts ICE, and both go; one in three by TCP."""
    call = f"call-{number % 7}"
    first = await enter(running, f"a{number}", call=call, identity=identity)
    second = await enter(running, f"b{number}", call=call, identity=identity)
    for kind in ("audio", "video"):
        second.talk(kind)
    first.peer.ufrag = "again"
    running.engine.answer(call, f"a{number}", first.peer.description(), 2)
    if number % 3 == 0:
        _, writer = await asyncio.open_connection("127.0.0.1", running.engine.port)
        check = first.peer.check()
        writer.write(len(check).to_bytes(2, "big") + check)
        await writer.drain()
        writer.close()
    await handled(running.engine, second)
    if number % 2:
        running.engine.end(call)
    else:
        running.engine.leave(call, f"a{number}")
        running.engine.leave(call, f"b{number}")
    running.peers.clear()
    for person in (first, second):
        person.peer.close()


@pytest.mark.timeout(900)
async def test_nothing_is_left_after_many_joins_and_leaves(running: Running) -> None:
    identity = Identity()
    text = LightPeer(identity, list(TALKING))
    offer = text.description()
    text.close()
    for number in range(20):
        await visit(running, identity, number)
    before, objects = standing(), len(gc.get_objects())

    for number in range(20, 20 + JOINS // 4):
        await visit(running, identity, number)
        for other in range(2):
            running.engine.answer("elsewhere", f"p{other}", offer, 1)
        running.engine.end("elsewhere")

    running.events.clear()
    await eventually(lambda: "" if standing() <= before else f"{standing() - before} more")
    assert running.engine.peers == 0
    assert running.engine._calls == {}
    assert running.engine._port.users == {}
    assert running.engine._port.paths == {}
    assert running.engine._port._tcp.open == {}
    assert len(gc.get_objects()) - objects < JOINS
