"""Engines in processes of their own: placing, dying, hanging."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bench.light_peer import Identity, LightPeer
from signaling import (
    EngineEvent,
    InvalidSdp,
    Kind,
    PeerConnected,
    PeerDisconnected,
    Reason,
    Workers,
)
from signaling.worker import BEAT_EVERY
from signaling.workers import HANGS_AFTER
from tests.signaling.support import TALKING, Person, eventually


@dataclass
class Running:
    """Two workers and what they have told."""

    workers: Workers
    events: list[EngineEvent]
    peers: list[LightPeer] = field(default_factory=list)

    async def enter(self, call: str, name: str) -> Person:
        peer = LightPeer(Identity(), list(TALKING))
        self.peers.append(peer)
        answer = await self.workers.answer(call, name, peer.description(), 1)
        person = Person(name, peer, answer)
        peer.on_rtp = lambda packet: person.received.append(bytes(packet))
        await peer.connect(answer)
        return person

    async def heard(self, listener: Person, speaker: Person) -> None:
        def complaint() -> str:
            speaker.talk()
            return "" if listener.received else f"{listener.name} hears nothing"

        await eventually(complaint)


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    events: list[EngineEvent] = []
    workers = Workers(2, host="127.0.0.1", port=0, on_event=events.append)
    await workers.start()
    running = Running(workers, events)
    yield running
    for peer in running.peers:
        peer.close()
    await workers.close()


async def test_calls_are_spread_and_each_is_whole_on_one_port(running: Running) -> None:
    ada, bob = await running.enter("one", "ada"), await running.enter("one", "bob")
    cy = await running.enter("two", "cy")

    await running.heard(ada, bob)

    assert ada.peer.remote == bob.peer.remote
    assert cy.peer.remote != ada.peer.remote
    assert {ada.peer.remote[1], cy.peer.remote[1]} == set(running.workers.ports)
    statistics = await running.workers.statistics("one")
    assert [each.peer for each in statistics.peers] == ["ada", "bob"]


async def test_two_who_offer_at_the_same_moment_are_in_the_same_call(running: Running) -> None:
    ada, bob = await asyncio.gather(running.enter("one", "ada"), running.enter("one", "bob"))

    await running.heard(ada, bob)

    assert ada.peer.remote == bob.peer.remote


async def test_refusals_silence_and_leaving_reach_the_worker(running: Running) -> None:
    ada, bob = await running.enter("one", "ada"), await running.enter("one", "bob")
    await running.heard(ada, bob)

    with pytest.raises(InvalidSdp):
        await running.workers.answer("one", "cy", "nonsense", 1)
    running.workers.silence("one", "bob", Kind.AUDIO, silent=True)
    await running.workers.statistics("one")
    ada.received.clear()
    bob.talk(payload=b"silenced")
    bob.talk("video", payload=b"a picture")
    await eventually(lambda: "" if ada.received else "ada does not see bob")

    assert all(packet.endswith(b"a picture") for packet in ada.received)
    running.workers.leave("one", "ada")
    left = PeerDisconnected("one", "ada", Reason.LEFT)
    await eventually(lambda: "" if left in running.events else f"{running.events}")


async def test_an_offer_that_the_engine_fails_at_ends_nobodys_call(running: Running) -> None:
    ada, bob = await running.enter("one", "ada"), await running.enter("one", "bob")

    for _ in range(2):  # one for each worker
        with pytest.raises(InvalidSdp, match="ValueError"):
            await running.workers.answer("no id", "cy", "v=0", 1)

    await running.heard(ada, bob)
    assert PeerDisconnected("one", "ada", Reason.WORKER_LOST) not in running.events


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_who_was_on_a_worker_that_dies_or_hangs_is_told_and_can_come_back(
    running: Running, how: signal.Signals
) -> None:
    await running.enter("one", "ada")
    await running.enter("two", "cy")

    os.kill(running.workers.processes[0], how)

    lost = PeerDisconnected("one", "ada", Reason.WORKER_LOST)
    await eventually(lambda: "" if lost in running.events else "nobody is told")
    assert PeerDisconnected("two", "cy", Reason.WORKER_LOST) not in running.events
    ada, bob = await running.enter("one", "ada"), await running.enter("one", "bob")
    await running.heard(ada, bob)
    assert running.events.count(PeerConnected("one", "ada")) == 2
    await eventually(lambda: "" if len(running.workers.ports) == 2 else "not replaced")


async def test_an_owner_that_stood_still_does_not_take_its_workers_for_dead(
    running: Running,
) -> None:
    await running.enter("one", "ada")
    before = running.workers.processes
    until = time.monotonic() + HANGS_AFTER + 1

    while time.monotonic() < until:  # as a machine does that is suspended or swaps
        pass
    await running.workers.statistics("one")
    await running.enter("two", "bob")

    assert running.workers.processes == before
    assert PeerDisconnected("one", "ada", Reason.WORKER_LOST) not in running.events


def test_a_worker_that_hangs_is_noticed_within_two_seconds() -> None:
    assert HANGS_AFTER <= 2
    assert 2 * BEAT_EVERY < HANGS_AFTER


async def test_a_handler_that_fails_ends_nobodys_call() -> None:
    events: list[EngineEvent] = []

    def fail(event: EngineEvent) -> None:
        events.append(event)
        raise RuntimeError("a defect of the caller")

    workers = Workers(1, host="127.0.0.1", port=0, on_event=fail)
    await workers.start()
    running, before = Running(workers, events), workers.processes
    try:
        ada = await running.enter("one", "ada")
        await eventually(lambda: "" if events else "nothing is told")
        bob = await running.enter("one", "bob")
        await running.heard(ada, bob)

        assert workers.processes == before
    finally:
        for peer in running.peers:
            peer.close()
        await workers.close()


async def test_closing_ends_all_processes() -> None:
    workers = Workers(2, host="127.0.0.1", port=0, on_event=lambda _event: None)
    await workers.start()
    processes = workers.processes

    await workers.close()

    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


async def test_a_worker_that_cannot_bind_is_an_error_at_the_start() -> None:
    workers = Workers(1, host="203.0.113.1", port=0, on_event=lambda _event: None)

    with pytest.raises(OSError, match="cannot be used"):
        await workers.start()
