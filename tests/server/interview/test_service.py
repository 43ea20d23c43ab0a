"""The rooms of a node: what becomes of a command whatever its listeners do."""

import asyncio
from collections.abc import Sequence

import pytest

from server import protocol as p
from server.clock import Clock
from server.interview.draft import Kept
from server.interview.lifecycle import CreateInterview
from server.interview.room import Room
from server.interview.service import Interviews, new_interview_id
from server.interview.state import Actor
from server.protocol import Format, InterviewCreated, Role
from server.record.store import Record, append_library
from server.storage import EmbeddedStore
from server.telemetry import Tally
from tests.support.parley import command_id
from tests.support.valkey import connected, url_of

OPERATOR = Actor(person="operator", role=Role.OPERATOR)
BEN = Actor(person="freelancer", role=Role.FREELANCER)


@pytest.mark.parametrize("listens", [True, False], ids=["listener", "follower"])
async def test_whoever_fails_at_an_event_holds_up_no_command_and_nobody_else(
    embedded: EmbeddedStore, listens: bool
) -> None:
    told: list[str] = []

    def fail(_room: Room, _what: object) -> None:
        raise RuntimeError("a defect of a listener")

    def hear(_room: Room, kept: Sequence[Kept]) -> None:
        told.extend(p.wire_name(type(one.event)) for one in kept)

    library = append_library()
    async with connected(url_of(embedded), libraries=[library]) as store:
        interviews = Interviews(Record(store, library), Clock(), Tally(), store.tick)
        if listens:
            interviews.listen(fail)
        else:
            interviews.follow((InterviewCreated,), fail)
        interviews.listen(hear)
        create = CreateInterview(
            id=new_interview_id(),
            title="Booking",
            format=Format.TEXT,
            client="Ada",
            freelancer="Ben",
        )

        async with asyncio.timeout(10):
            await interviews.create(OPERATOR, create)
            await interviews.carry_out(create.id, BEN, p.AcceptInvitation(id=command_id()))

    assert told == ["interview:created", "invitation:accepted", "interview:opened"]
