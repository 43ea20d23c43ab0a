"""The engine's ticker: everybody gets their control packets, whatever becomes of one of them."""

import pytest

from signaling.rtcp import Type
from tests.signaling.support import Person, Running, enter, eventually, handled


def reports(person: Person) -> int:
    """How many receiver reports somebody has got."""
    return sum(packet[1] == Type.RECEIVER_REPORT for packet in person.control)


async def test_a_defect_in_serving_one_person_keeps_nothing_from_the_others(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bob = await enter(running, "ada"), await enter(running, "bob")
    broken = running.engine._calls["call"]
    del broken.peers["ada"].downlink
    broken._speaker.choose = None  # type: ignore[assignment,method-assign]
    for person in (ada, bob):
        person.talk()
    await handled(running.engine, ada, bob)

    before = reports(bob)
    await eventually(lambda: "" if reports(bob) > before + 1 else "bob gets no reports")

    counters = running.engine.counters
    assert counters.faults > 1
    assert len([each for each in caplog.records if each.exc_info]) == 1
    running.engine.end("call")
    counters.faults = 0  # the fixture takes any other for a failure
