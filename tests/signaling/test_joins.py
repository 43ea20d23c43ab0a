"""Many people who join at once."""

import asyncio

import pytest

from bench.light_peer import Identity
from tests.signaling.support import Running, enter, running_engine
from tests.support.counts import count

STORMS = count(2, full=40)
PEOPLE = 50
RETRANSMIT = 0.9
"""Seconds: a lost or forgotten flight of DTLS is sent again after one second."""


@pytest.mark.timeout(300)
async def test_in_storms_of_joins_no_handshake_waits_for_a_retransmission() -> None:
    identity = Identity()
    async with running_engine() as running:
        for storm in range(STORMS):
            slowest = await slowest_handshake(running, identity)

            assert slowest < RETRANSMIT, f"storm {storm}: a handshake took {slowest:.3f} s"


async def slowest_handshake(running: Running, identity: Identity) -> float:
    """Let everybody join at once and go again; seconds from the first hello to the keys."""
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
    return max(person.peer.dtls_ended - person.peer.dtls_began for person in people)
