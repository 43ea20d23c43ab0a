"""The matrix: who may read which lane by which way, and who may give which command."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from server import protocol as p
from server.identity.grants import grant
from server.identity.sessions import cookie_name
from server.interview.state import Actor
from server.record.chain import digest
from server.record.store import Decided, NewEntry, Result
from tests.support.examples import ABSENT, KINDS, example
from tests.support.parley import LANES, Json, Parley, Seated, command_id, parley, refusal_in
from tests.support.sio import TIMEOUT_S, ConnectRefused, SioClient

SECRET = {lane: f"only-for-{lane}-readers" for lane in LANES}
READS: dict[str, frozenset[str]] = {
    "client": frozenset({"shared", "side:client", "person:client"}),
    "client-2": frozenset({"shared", "side:client", "person:client-2"}),
    "observer": frozenset({"shared"}),
    "freelancer": frozenset({"shared", "side:freelancer", "person:freelancer"}),
}
SEATS = tuple(READS)


def lanes_in(text: str) -> frozenset[str]:
    """The lanes whose secrets are in this text."""
    return frozenset(lane for lane, secret in SECRET.items() if secret in text)


class World:
    """An interview with something in every lane, and both people present while most of it came."""

    def __init__(self, server: Parley, interview: str, present: dict[str, Seated]) -> None:
        self.server = server
        self.interview = interview
        self.present = present
        self.before: dict[str, Json] = {}
        """Where each seat's snapshot stood, before the rest came live."""

    def cookie(self, seat: str) -> str:
        return self.present[seat].cookie


async def write_aside(server: Parley, interview: str, lane: str) -> None:
    """Writes to a lane that no command writes to yet."""
    body = os.urandom(16) + SECRET[lane].encode()
    event = p.Warned(
        by="moderator", at=1, message=2, after=2, action=p.Action.WARN, digest=digest(body)
    )
    entry = NewEntry(lane, msgspec.json.encode(event), body=body)
    result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    decided = [Decided(f"aside:{lane}", b'{"ok":true}', (entry,))]
    server.base.record.append(interview, {lane: 0}, decided, result.set_result)
    await result


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with parley(tmp_path) as earlier:
        interview = await earlier.create()
        for lane in ("side:freelancer", "person:observer"):
            await write_aside(earlier, interview, lane)
        await invite(earlier, interview)

    async with (
        parley(tmp_path) as server,
        server.seat(interview, "client") as ada,
        server.seat(interview, "client-2") as bo,
        server.seat(interview, "observer") as ola,
        server.seat(interview, "freelancer") as ben,
        server.desk() as mo,
    ):
        present = {"client": ada, "client-2": bo, "observer": ola, "freelancer": ben}
        world = World(server, interview, present)
        for seat, seated in world.present.items():
            world.before[seat] = (await seated.snapshot())["cursor"]
        await happen(world, mo)
        yield world


async def invite(server: Parley, interview: str) -> None:
    """Bo beside Ada, and Ola, who observes."""
    for role, name in ((p.Role.CLIENT, "Bo"), (p.Role.OBSERVER, "Ola")):
        command = p.InvitePerson(id=command_id(), role=role, name=name)
        await server.base.interviews.carry_out(interview, ROLES["client"], command)


async def happen(world: World, mo: Seated) -> None:
    """Something for every lane that commands write to; each waits until its reader heard it."""
    ada, bo, ben = (world.present[seat] for seat in ("client", "client-2", "freelancer"))
    said = (await ada.do("message:post", text=SECRET["shared"]))["seq"]
    answer = (await ben.do("message:post", text="Fine"))["seq"]
    await ada.do("message:post", text=SECRET["side:client"], side=True)
    await bo.told("message:posted")
    flags = ((ada, "client", answer), (bo, "client-2", answer), (ben, "freelancer", said))
    for reporter, seat, message in flags:
        await reporter.do("message:flag", message=message, reason="other", note=SECRET["mod"])
        flagged = await mo.client.next("desk:case", lambda m: m["summary"]["status"] == "open")
        case = flagged["summary"]["case"]
        where = {"interview": world.interview, "case": case}
        await mo.do("case:claim", **where)
        await mo.do("case:note", text=SECRET["mod"], **where)
        words = SECRET[f"person:{seat}"]
        await mo.do("case:decide", action="dismiss", explanation=words, **where)
        await reporter.told("flag:answered")


# ---------------------------------------------------------------- lane x way

Way = Callable[[World, str], Awaitable[str]]
EVERYTHING = dict.fromkeys(LANES, 0)


async def live(world: World, seat: str) -> str:
    return world.present[seat].heard()


async def snapshot(world: World, seat: str) -> str:
    return await reconnected(world, seat, None)


async def resume_from_the_start(world: World, seat: str) -> str:
    return await reconnected(world, seat, EVERYTHING)


async def resume_with_foreign_lanes(world: World, seat: str) -> str:
    return await reconnected(world, seat, {**EVERYTHING, **world.before[seat]})


async def sync_from_the_start(world: World, seat: str) -> str:
    return await synced(world, seat, EVERYTHING)


async def sync_with_foreign_lanes(world: World, seat: str) -> str:
    return await synced(world, seat, {**EVERYTHING, **world.before[seat]})


async def json_download(world: World, seat: str) -> str:
    return await world.server.download(world.interview, world.cookie(seat), seat)


async def markdown_download(world: World, seat: str) -> str:
    return await world.server.download(world.interview, world.cookie(seat), seat, "md")


@asynccontextmanager
async def again(world: World, seat: str, cursor: Json | None) -> AsyncIterator[Seated]:
    async with world.server.seat(
        world.interview, seat, cursor=cursor, cookie=world.cookie(seat)
    ) as seated:
        await seated.client.call("record:sync", {"cursor": cursor})
        yield seated


async def reconnected(world: World, seat: str, cursor: Json | None) -> str:
    async with again(world, seat, cursor) as seated:
        return seated.heard()


async def synced(world: World, seat: str, cursor: Json) -> str:
    async with again(world, seat, world.before[seat]) as seated:
        await seated.client.call("record:sync", {"cursor": cursor})
        return seated.heard()


WAYS: dict[Way, frozenset[str]] = {
    # each way, and the lanes that it leaves out: those whose secret came before what it tells
    live: frozenset(),
    snapshot: frozenset(),
    resume_from_the_start: frozenset(),
    resume_with_foreign_lanes: frozenset({"side:freelancer"}),
    sync_from_the_start: frozenset(),
    sync_with_foreign_lanes: frozenset({"side:freelancer"}),
    json_download: frozenset(),
    markdown_download: frozenset(),
}


async def test_each_seat_reads_its_own_lanes_by_every_way_and_no_other(world: World) -> None:
    got = {(seat, way.__name__): lanes_in(await way(world, seat)) for seat in SEATS for way in WAYS}

    assert got == {
        (seat, way.__name__): READS[seat] - left_out
        for seat in SEATS
        for way, left_out in WAYS.items()
    }


async def test_no_moderator_is_named_outside_the_desk(world: World) -> None:
    for seat in SEATS:
        for way in WAYS:
            assert "moderator:" not in await way(world, seat), way.__name__


async def test_a_foreign_lane_in_a_cursor_answers_as_one_that_does_not_exist(world: World) -> None:
    own = {lane: seq for lane, seq in world.before["client"].items() if lane in READS["client"]}
    foreign = sorted(set(LANES) - READS["client"])
    cursors = [
        own,
        {**own, "person:nobody": 0},
        *({**own, lane: seq} for lane in foreign for seq in (0, 1, 99)),
    ]

    told = []
    for cursor in cursors:
        async with again(world, "client", cursor) as seated:
            told.append([e for e in seated.client.events if e[0] in ("snapshot", "entries")])

    assert told == [told[0]] * len(cursors)
    assert [name for name, _ in told[0]] == ["entries", "entries"]


async def test_no_byte_of_a_side_message_reaches_anybody_else(world: World) -> None:
    """Whatever happens in the thread of the client's side, and around it."""
    chance = random.Random(7)
    ada, bo, ben = (world.present[seat] for seat in ("client", "client-2", "freelancer"))
    said: list[tuple[Seated, int]] = []
    for number in range(40):
        who = chance.choice((ada, bo))
        secret = f"aside-{number}-" + "".join(chance.choices("äöü🤫xyz", k=8))
        await who.client.emit("typing:set", {"typing": True, "side": True})
        if said and chance.random() < 0.5:
            who, message = said[chance.randrange(len(said))]
            await who.attempt("message:edit", message=message, text=secret, side=True)
            if chance.random() < 0.3:
                await who.attempt("message:delete", message=message, side=True)
        else:
            reply = {"replyTo": chance.choice(said)[1]} if said and number % 3 == 0 else {}
            answer = await who.attempt("message:post", text=secret, side=True, **reply)
            if answer["ok"]:
                said.append((who, answer["seq"]))
    flagged = (await ada.do("message:post", text="in the open"))["seq"]
    await ben.do("message:flag", message=flagged, reason="other", before=20, after=20)
    forbidden = [
        refusal_in(await ben.attempt("message:post", text="let me in", side=True)),
        refusal_in(await ben.client.call("typing:set", {"typing": True, "side": True})),
        refusal_in(await ben.attempt("message:edit", message=1, text="mine", side=True)),
        refusal_in(await ben.attempt("message:delete", message=1, side=True)),
        refusal_in(await ben.attempt("message:flag", message=len(said) + 99, reason="other")),
    ]
    async with world.server.desk("Luz") as luz:
        queue = await luz.client.next("desk:queue")
        case = next(c["case"] for c in queue["cases"] if c["status"] == "open")
        await luz.do("case:claim", interview=world.interview, case=case)
        looked = await luz.client.call("case:look", {"interview": world.interview, "case": case})
        desk = luz.heard() + json.dumps(looked)

    told = {
        f"{seat} {way.__name__}": await way(world, seat)
        for seat in ("freelancer", "observer")
        for way in WAYS
    }
    for reader, heard in {**told, "moderator": desk}.items():
        assert "aside-" not in heard, reader
        assert '"side:client"' not in heard, reader
        assert '"side":true' not in heard, reader
    assert "aside-" in await live(world, "client-2")
    assert forbidden == ["not_allowed"] * 4 + ["not_found"]


# ---------------------------------------------------------------- from outside


async def test_another_interviews_seat_finds_nothing_by_any_way(world: World) -> None:
    server = world.server
    other = await server.create()
    cookie = await server.cookie(other, "client")
    token = cookie.partition("=")[2]

    async def answers_about(interview: str) -> list[object]:
        bent = f"{cookie}; {cookie_name(interview, 'client', secure=False)}={token}"
        found: list[object] = []
        for cursor in (None, EVERYTHING):
            auth = {"interview": interview, "seat": "client", "cursor": cursor}
            with pytest.raises(ConnectRefused) as refused:
                async with SioClient.connect(server.address, auth=auth, cookie=bent):
                    pass
            found.append((refused.value.code, refused.value.message))
        for kind in ("json", "md"):
            url = f"{server.address}/api/interviews/{interview}/client/transcript.{kind}"
            async with server.http.get(url, headers={"Cookie": bent}) as response:
                found.append((response.status, await response.text()))
        return found

    mine, absent = await answers_about(world.interview), await answers_about(ABSENT)

    assert mine == absent
    assert lanes_in(str(mine)) == set()
    assert mine[0][0] == "not_signed_in"  # type: ignore[index]


async def test_a_moderator_sees_nothing_unclaimed_and_only_the_window_when_claimed(
    world: World,
) -> None:
    ada = world.present["client"]
    last = world.present["freelancer"]
    await last.do("message:post", text="far-from-the-flag")
    await last.do("message:post", text="also far-from-the-flag")
    near = (await last.do("message:post", text="near-the-flag"))["seq"]
    flagged = (await last.do("message:post", text="the-flag itself"))["seq"]
    await ada.do("message:flag", message=flagged, reason="scam", before=1, after=1)
    async with world.server.desk("Luz") as luz:
        queue = await luz.client.next("desk:queue")
        case = next(c["case"] for c in queue["cases"] if c["status"] == "open")
        where = {"interview": world.interview, "case": case}
        unclaimed = await luz.client.call("case:look", where)
        others = await luz.client.call("case:look", {**where, "case": 1})
        absent = await luz.client.call("case:look", {**where, "interview": ABSENT})
        heard_before = luz.heard()
        await luz.do("case:claim", **where)
        detail = await luz.client.call("case:look", where)
        auth = {"interview": world.interview, "seat": "client"}
        with pytest.raises(ConnectRefused) as refused:
            async with SioClient.connect(world.server.address, auth=auth, cookie=luz.cookie):
                pass

    assert lanes_in(heard_before) == set()
    assert "the-flag" not in heard_before
    assert "Ada" not in heard_before
    assert refusal_in(unclaimed) == refusal_in(others) == "not_claimed"
    assert refusal_in(absent) == "not_found"
    assert [shown["message"] for shown in detail["evidence"]] == [near, flagged]
    assert "far-from" not in json.dumps(detail)
    assert lanes_in(json.dumps(detail)) == set()
    assert refused.value.code == "not_signed_in"


# ---------------------------------------------------------------- role x command

NOT_YOURS = "Your role here does not allow this."
ROLES = {
    "client": Actor(person="client", role=p.Role.CLIENT),
    "freelancer": Actor(person="freelancer", role=p.Role.FREELANCER),
    "observer": Actor(person="observer", role=p.Role.OBSERVER),
    "moderator": Actor(person="moderator:Mo", role=p.Role.MODERATOR),
}


async def refused_by_role(seated: Seated, kind: type[p.Wire], probe: tuple[str, Json]) -> bool:
    """Whether this seat is told that its role does not allow a command."""
    name = p.wire_name(kind)
    asked = await seated.client.ask(name, example(kind, command_id()))
    if not issubclass(kind, p.Command) and kind not in p.ANSWERS:
        # A signal that is allowed gets no answer, unless it makes no sense now: an answer to what
        # came later tells that none will come.
        await seated.client.call(*probe)
        if not asked.done():
            return False
    answer = await asyncio.wait_for(asked, TIMEOUT_S)
    return bool(answer.get("message") == NOT_YOURS)


async def test_each_role_gives_its_own_commands_and_is_refused_every_other(
    server: Parley,
) -> None:
    interview = await server.create()
    await invite(server, interview)
    got, expected = {}, {}

    async with (
        server.seat(interview, "client") as ada,
        server.seat(interview, "freelancer") as ben,
        server.seat(interview, "observer") as ola,
        server.desk() as mo,
    ):
        seats = {"client": ada, "freelancer": ben, "observer": ola, "moderator": mo}
        for role, seated in seats.items():
            probe = "case:look" if role == "moderator" else "record:sync"
            for kind in KINDS:
                known = (probe, {"interview": ABSENT, "case": 1} if role == "moderator" else {})
                label = f"{role} {p.wire_name(kind)}"
                got[label] = not await refused_by_role(seated, kind, known)
                expected[label] = kind in grant(ROLES[role]).commands

    assert got == expected
    assert {role for label, may in got.items() if may for role in [label.split()[0]]} == set(ROLES)
