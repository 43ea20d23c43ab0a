"""Who carries the calls of the people on a node, and what it knows of that."""

from pathlib import Path

import pytest

from server import protocol as p
from server.app import Foundation, foundation
from server.bus import Bus
from server.calls.carriers import Carriers
from server.calls.lease import Leases
from server.calls.media import media_of
from server.calls.service import Calls
from server.calls.turn import Relay
from server.clock import Clock
from server.config import Config
from server.interview.lifecycle import CreateInterview
from server.interview.service import IDLE, Interviews, new_interview_id
from server.interview.state import Actor
from server.protocol import Format, Renegotiate, Role
from server.storage import EmbeddedStore
from server.telemetry import Tally
from tests.support.parley import command_id
from tests.support.valkey import connected, eventually, url_of

ADA = Actor(person="client", role=Role.CLIENT)
BEN = Actor(person="freelancer", role=Role.FREELANCER)


class Movable(Clock):
    """A clock whose seconds a test moves."""

    def __init__(self) -> None:
        self.ahead = 0.0
        started = Clock.monotonic()
        self.monotonic = lambda: started + self.ahead


async def in_call(interviews: Interviews) -> tuple[str, int]:
    """An interview with an active call: its id, and the call's."""
    interview = new_interview_id()
    create = CreateInterview(
        id=interview, title="Booking", format=Format.AUDIO, client="Ada", freelancer="Ben"
    )
    await interviews.create(Actor(person="operator", role=Role.OPERATOR), create)
    await interviews.carry_out(interview, BEN, p.AcceptInvitation(id=command_id()))
    rang = p.RingCall(id=command_id(), media=Format.AUDIO)
    done = await interviews.carry_out(interview, ADA, rang)
    await interviews.carry_out(interview, BEN, p.AcceptCall(id=command_id()))
    assert done.seq is not None
    return interview, done.seq


def carriers_of(base: Foundation, interviews: Interviews, clock: Clock) -> Carriers:
    media, _ = media_of(base.config, lambda _: None)
    assert base.bus is not None

    def tell(_interview: str, _seat: str, _told: Renegotiate) -> None: ...

    calls = Calls(media, interviews, tell, Relay(), clock)
    leases = Leases(base.store)
    return Carriers(base.bus, leases, interviews, calls, tell_here=tell, tell_elsewhere=tell)


@pytest.fixture
def config(tmp_path: Path, embedded: EmbeddedStore) -> Config:
    """Give the test the settings of a node on the test's own store."""
    wanted = {"data": tmp_path, "redis_url": url_of(embedded), "secret": "the same on every node"}
    return Config.model_validate(wanted)


async def test_a_node_watches_nobody_for_an_interview_that_has_left_its_memory(
    config: Config,
) -> None:
    clock = Movable()
    async with foundation(config) as base, connected(config.redis_url) as store:
        interviews = Interviews(base.record, clock, Tally(), base.store.tick, base.bus)
        carriers, other = carriers_of(base, interviews, clock), Bus(store)
        interview, call = await in_call(interviews)
        await Leases(store).claim(interview, call, other.node)
        carriers.arrived(await interviews.room(interview), ADA.person)
        await eventually(lambda: "" if carriers.watched else "the carrier is not known")
        assert carriers.watched == {other.node}

        clock.ahead = IDLE + 1
        interviews.sweep()

        await eventually(lambda: "still watched" if carriers.watched else "")
