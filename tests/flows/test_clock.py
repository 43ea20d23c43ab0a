"""A wall clock that jumps changes nothing: order, outcomes, limits, sessions and presence go on."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from server.storage import EmbeddedStore
from tests.support.clock import JumpingClock
from tests.support.counts import count
from tests.support.crash import ServerProcess, server_process
from tests.support.crowd import burst, crowd, faults_among
from tests.support.nodes import SECRET
from tests.support.parley import command_id, refusal_in
from tests.support.person import Person
from tests.support.sio import ConnectRefused
from tests.support.valkey import connected, embedded_store, url_of

HOUR_S = 3600
DAY_S = 24 * HOUR_S
MESSAGES_PER_JUMP = count(100, full=2000)
INTERVIEWS = count(2, full=12)
"""So many that nobody writes or comes back faster than a person's limits allow."""


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[JumpingClock]:
    yield JumpingClock(tmp_path)
    JumpingClock.tidy()


@pytest.fixture
async def jumping(clock: JumpingClock) -> AsyncIterator[EmbeddedStore]:
    """A store that goes by this clock."""
    async with embedded_store(binary=clock.program) as store:
        yield store


@pytest.fixture
async def server(
    tmp_path: Path, clock: JumpingClock, jumping: EmbeddedStore
) -> AsyncIterator[ServerProcess]:
    """A server that goes by this clock, on a store that does."""
    settings = {"PARLEY_REDIS_URL": url_of(jumping), "PARLEY_SECRET": SECRET, **clock.settings}
    async with server_process(tmp_path / "data", **settings) as running:
        yield running


async def jump(clock: JumpingClock, seconds: int) -> None:
    clock.jump_to(seconds)


@pytest.mark.timeout(count(300, full=600))
async def test_messages_keep_their_order_and_people_their_seats_while_the_clock_jumps(
    server: ServerProcess, clock: JumpingClock
) -> None:
    interviews = await server.enter(INTERVIEWS)

    async with crowd([server.reachable], interviews, per_seat=2) as people:
        jumps = [partial(jump, clock, seconds) for seconds in (HOUR_S, -HOUR_S, 0)]
        await burst(people, jumps, between=MESSAGES_PER_JUMP)
        faults = await faults_among(people)
        refused = [code for person in people for code in person.refused]

    assert faults == []
    assert refused == []


@pytest.mark.timeout(count(300, full=600))
async def test_two_nodes_whose_clocks_are_hours_apart_keep_one_order(
    tmp_path: Path, jumping: EmbeddedStore, clock: JumpingClock
) -> None:
    shared = {"PARLEY_REDIS_URL": url_of(jumping), "PARLEY_SECRET": SECRET}
    async with (
        server_process(tmp_path / "one", **shared) as one,
        server_process(tmp_path / "two", **shared, **clock.settings) as two,
    ):
        interviews = await one.enter(INTERVIEWS)
        async with crowd([one.reachable, two.reachable], interviews, per_seat=2) as people:
            jumps = [partial(jump, clock, seconds) for seconds in (2 * HOUR_S, -2 * HOUR_S)]
            await burst(people, jumps, between=MESSAGES_PER_JUMP)
            faults = await faults_among(people)
            refused = [code for person in people for code in person.refused]

    assert faults == []
    assert refused == []


async def test_a_limit_is_neither_lifted_nor_lengthened_by_a_jump(
    server: ServerProcess, clock: JumpingClock
) -> None:
    ((interview, cookies),) = await server.enter(1)
    async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
        client = await ada.connected()

        waits = []
        for seconds in (0, HOUR_S, -HOUR_S):
            clock.jump_to(seconds)
            answer = {"ok": True}
            while answer["ok"]:
                answer = await client.call("record:sync", {"cursor": {}})
            assert refusal_in(answer) == "too_many"
            waits.append(answer["retryAfterMs"])

    # A second brings one more; the burst of 20 would be back if the jump had counted.
    assert all(0 < wait <= 1000 for wait in waits)


async def test_nobody_seems_gone_because_the_clock_jumped(
    server: ServerProcess, clock: JumpingClock
) -> None:
    ((interview, cookies),) = await server.enter(1)
    async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
        heard = await ada.connected()
        clock.jump_to(HOUR_S)
        async with Person(
            "Ben", interview, "freelancer", cookies["freelancer"], server.reachable
        ) as ben:
            await ben.write("Here")
            clock.jump_to(-HOUR_S)
            await ben.write("Still here")
            await ada.write("So am I")
            first = await heard.next("presence", lambda told: told["seat"] == "freelancer")
            told = [frame for frame in heard.frames if frame.startswith('42["presence"')]

    assert first["state"] == "online"
    assert not [frame for frame in told if "away" in frame or "offline" in frame]


async def test_a_used_link_and_a_removal_hold_whichever_way_the_clock_jumps(
    server: ServerProcess, clock: JumpingClock
) -> None:
    ((interview, cookies),) = await server.enter(1)
    async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
        invite = {"id": command_id(), "role": "observer", "name": "Ola"}
        await ada.give("person:invite", invite)
        link = await (await ada.connected()).call("link:make", {"seat": "observer"})
        token = link["url"].partition("#")[2]
        clock.jump_to(-2 * HOUR_S)
        cookie = await server.redeem(token)
        await ada.give("person:remove", {"id": command_id(), "seat": "observer", "reason": ""})

    outcomes: list[object] = []
    for seconds in (2 * HOUR_S, -2 * HOUR_S, 0):
        clock.jump_to(seconds)
        outcomes.append(await server.refused(token))
        with pytest.raises(ConnectRefused) as banned:
            async with Person("Ola", interview, "observer", cookie, server.reachable) as ola:
                await ola.connected()
        outcomes.append(banned.value.code)

    assert outcomes == ["link_used", "removed"] * 3


async def test_a_command_sent_again_days_later_gets_its_first_outcome(
    server: ServerProcess, clock: JumpingClock, jumping: EmbeddedStore
) -> None:
    ((interview, cookies),) = await server.enter(1)
    command = {"id": command_id(), "text": "Once"}

    answers = []
    for seconds in (0, DAY_S - 60, DAY_S + 60, 29 * DAY_S):
        clock.jump_to(seconds)
        # A new process: what it knows of the first outcome, it has read.
        await server.kill()
        await server.start()
        async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
            answers.append(await ada.give("message:post", command))
    async with connected(url_of(jumping)) as store:
        keys = await store.call("KEYS", f"{{{interview}}}:*")
        assert isinstance(keys, list)
        assert len(keys) > 2
        lifetimes = {key: await store.call("PTTL", key) for key in keys if isinstance(key, bytes)}
    clock.jump_to(31 * DAY_S)
    with pytest.raises(ConnectRefused) as ended:
        async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
            await ada.connected()

    assert answers == [answers[0]] * len(answers)
    assert set(lifetimes.values()) == {-1}
    assert ended.value.code == "not_signed_in"
