"""A panel through the whole server: Ada, Bo beside her, Ben, and Ola who observes, with media."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.signaling.test_codecs import only_h264
from tests.support.panelist import LINES, THIRD, Panelist, panelist, reaches
from tests.support.parley import Json, Parley, Seated, refusal_in
from tests.support.sio import ConnectRefused


class Panel:
    """Everybody in one call, and what they send and get."""

    def __init__(self, interview: str, people: list[Panelist]) -> None:
        self.interview = interview
        self.ada, self.ben, self.bo, self.ola = people

    async def silence_of(self, one: Panelist, source: str = "microphone") -> None:
        """Nothing that `one` sends from now on arrives, while the others go on hearing."""
        since = one.sent[source]
        witness = self.ada if one is not self.ada else self.bo
        others = [each for each in (self.ada, self.ben, self.ola) if each not in (one, witness)]
        for _ in range(10):
            one.send(source)
            await reaches(witness, *others)
        for each in others:
            assert each.last_of(one.seat, source) <= since


@asynccontextmanager
async def in_call(server: Parley) -> AsyncIterator[Panel]:
    """All four are in the call, and hear each other as they should."""
    async with server.panel() as (interview, ada, ben, bo, ola):
        await ada.do("call:ring", media="video")
        await ben.do("call:accept")
        await bo.do("call:accept")
        await ola.do("call:accept")
        async with (
            panelist(ada) as a,
            panelist(ben) as b,
            panelist(bo) as c,
            panelist(ola) as d,
        ):
            await asyncio.gather(*(each.connect() for each in (a, b, c, d)))
            for speaker in (a, b, c):
                others = [each for each in (a, b, c, d) if each is not speaker]
                await reaches(speaker, *others)
                await reaches(speaker, *others, source="camera")
            yield Panel(interview, [a, b, c, d])


async def until_told(seated: Seated, kind: str, seat: str) -> Json:
    """The entry of this type about a seat."""
    while (told := await seated.told(kind))["event"]["seat"] != seat:
        pass
    return told


async def test_who_leaves_with_a_codec_of_their_own_leaves_pictures_to_the_others(
    server: Parley,
) -> None:
    async with server.panel() as (_, ada, ben, bo, _):
        await ada.do("call:ring", media="video")
        await ben.do("call:accept")
        await bo.do("call:accept")
        async with (
            panelist(ada, offering=only_h264) as a,
            panelist(ben) as b,
            panelist(bo) as c,
        ):
            await a.connect()
            refused = [await each.connect() for each in (b, c)]
            await reaches(b, a, c)

            await ada.do("call:leave")
            for each in (b, c):
                await each.seated.client.next("call:renegotiate")
                taken = await each.offer()
                assert "VP8/90000" in taken["sdp"]
            await reaches(b, c, source="camera")
            await reaches(c, b, source="camera")

    assert not any("/90000" in answer for answer in refused)


# ---------------------------------------------------------------- an observer


async def test_nothing_ever_comes_from_an_observer(server: Parley) -> None:
    async with in_call(server) as panel:
        answer = (await panel.ola.offer())["sdp"]

        for source in LINES:
            await panel.silence_of(panel.ola, source)

    directions = {line for line in answer.splitlines() if line in ("a=sendrecv", "a=recvonly")}
    assert directions == set()
    assert "a=sendonly" in answer


async def test_an_observer_watches_and_everybody_knows_by_name(server: Parley) -> None:
    async with server.panel() as (_, _, ben, _, ola):
        invited = [
            item["event"]
            for item in (await ola.snapshot())["view"]["thread"]
            if item["kind"] == "notice" and item["event"]["type"] == "person:invited"
        ]
        refused = [
            refusal_in(await ola.attempt(name, **fields))
            for name, fields in (
                ("message:post", {"text": "Hello"}),
                ("call:ring", {"media": "audio"}),
                ("call:media", {"microphone": True, "camera": False}),
                ("interview:end", {}),
            )
        ]
        await ben.do("message:post", text="Who is there?")
        heard = (await ola.told("message:posted"))["text"]

    assert [(event["role"], event["name"]) for event in invited] == [
        ("client", "Bo"),
        ("observer", "Ola"),
    ]
    assert refused == ["not_allowed"] * 4
    assert heard == "Who is there?"


# ---------------------------------------------------------------- switching off, removing


async def test_what_a_client_switches_off_is_silent_until_its_owner_switches_it_on(
    server: Parley,
) -> None:
    async with in_call(server) as panel:
        ada, ben = panel.ada.seated, panel.ben.seated
        await ben.do("call:media", microphone=True, camera=True, screen="live")
        await reaches(panel.ben, panel.ada, panel.bo, source="screen")

        await ada.do("call:mute", seat="freelancer", kind="microphone")
        await panel.silence_of(panel.ben)
        await reaches(panel.ben, panel.ada, panel.bo, source="camera")
        await reaches(panel.ben, panel.ada, panel.bo, source="screen's sound")

        await ada.do("call:mute", seat="freelancer", kind="screen")
        await panel.silence_of(panel.ben, "screen")
        await panel.silence_of(panel.ben, "screen's sound")
        await reaches(panel.ben, panel.ada, panel.bo, source="camera")

        await ben.do("call:media", microphone=True, camera=True)
        await reaches(panel.ben, panel.ada, panel.bo)
        await panel.silence_of(panel.ben, "screen")


async def test_a_mute_holds_when_its_owner_comes_back_with_another_device(server: Parley) -> None:
    async with in_call(server) as panel:
        await panel.bo.seated.do("call:mute", seat="freelancer", kind="microphone")
        async with panelist(panel.ben.seated, generation=2) as phone:
            await phone.connect()
            await reaches(phone, panel.ada, panel.bo, source="camera")
            since = panel.ada.last_of("freelancer")
            for _ in range(10):
                phone.send("microphone")
                await reaches(phone, panel.ada, source="camera")
            after = panel.ada.last_of("freelancer")
            await panel.ben.seated.do("call:media", microphone=True, camera=True)
            phone.sent["microphone"] += since
            await reaches(phone, panel.ada, panel.bo)

    assert after == since


async def test_who_was_switched_off_has_no_other_line_to_be_heard_on(server: Parley) -> None:
    async with in_call(server) as panel:
        sent = panel.ben.sent
        async with panelist(panel.ben.seated, generation=2, third=True) as panel.ben:
            panel.ben.sent.update(sent)
            await panel.ben.connect()
            await reaches(panel.ben, panel.ada, panel.bo)
            await panel.ada.seated.do("call:mute", seat="freelancer", kind="microphone")
            for source in ("microphone", "screen's sound", *THIRD):
                await panel.silence_of(panel.ben, source)

            await panel.ben.seated.do("call:media", microphone=False, camera=True, screen="live")
            await reaches(panel.ben, panel.ada, panel.bo, source="screen's sound")


async def test_pictures_go_to_nobody_where_people_agreed_to_talk_only(server: Parley) -> None:
    async with server.both(format="audio") as (_, ada, ben):
        await ada.do("call:ring", media="audio")
        await ben.do("call:accept")
        async with panelist(ada) as a, panelist(ben) as b:
            await asyncio.gather(a.connect(), b.connect())
            for picture in ("camera", "screen"):
                for _ in range(10):
                    b.send(picture)
                    await reaches(b, a)
            before = [a.last_of("freelancer", picture) for picture in ("camera", "screen")]
            await ben.do("format:propose", format="video")
            await ada.do("format:accept")
            await ben.do("call:media", microphone=True, camera=True)
            await reaches(b, a, source="camera")
            await ben.do("format:propose", format="audio")
            await ada.do("format:accept")
            since = b.sent["camera"]
            for _ in range(10):
                b.send("camera")
                await reaches(b, a)
            after = a.last_of("freelancer", "camera")

    assert before == [0, 0]
    assert after <= since


async def test_not_a_packet_of_who_is_removed_arrives_once_it_is_told(server: Parley) -> None:
    async with in_call(server) as panel:
        ada, ben, bo = panel.ada, panel.ben, panel.bo
        asked = asyncio.ensure_future(
            ada.seated.do("person:remove", seat=bo.seat, reason="Wrong room")
        )
        told = asyncio.ensure_future(until_told(ben.seated, "person:removed", bo.seat))
        while not (asked.done() and told.done()):
            bo.send("microphone", "camera")
            await asyncio.sleep(0.002)
        await panel.silence_of(bo)
        await panel.silence_of(bo, "camera")
        bye = await bo.seated.client.next("bye")
        with pytest.raises(ConnectRefused) as refused:
            async with server.seat(panel.interview, bo.seat, cookie=bo.seated.cookie):
                pass
        await reaches(ben, ada)

    assert bye == {
        "type": "bye",
        "code": "removed",
        "message": "Ada removed you from this interview. Their words: “Wrong room”",
    }
    assert refused.value.code == "removed"
    assert told.result()["text"] == "Wrong room"


async def test_a_moderator_reaches_the_accused_in_the_call_before_deciding(
    server: Parley,
) -> None:
    async with server.desk() as mo, in_call(server) as panel:
        said = (await panel.ben.seated.do("message:post", text="Pay me outside"))["seq"]
        await panel.ada.seated.do("message:flag", message=said, reason="harassment")
        case = (await mo.client.next("desk:case"))["summary"]
        where = {"interview": panel.interview, "case": case["case"]}
        unclaimed = refusal_in(await mo.attempt("case:intervene", measure="mute", **where))
        await mo.do("case:claim", **where)

        await mo.do("case:intervene", measure="mute", **where)
        await panel.silence_of(panel.ben)
        await panel.silence_of(panel.ben, "camera")
        await mo.do("case:intervene", measure="eject", **where)
        departed = await until_told(panel.ada.seated, "call:departed", "freelancer")
        outside = await mo.client.next("desk:case", lambda m: not m["summary"]["inCall"])
        back = refusal_in(await panel.ben.seated.attempt("call:accept"))
        offered = refusal_in(await panel.ben.offer())
        heard = panel.ben.seated.heard() + panel.ola.seated.heard()
        await reaches(panel.bo, panel.ada, panel.ola)

    assert unclaimed == "not_claimed"
    assert case["inCall"] is True
    assert departed["event"]["by"] == "moderator"
    assert outside["summary"]["status"] == "claimed"
    assert (back, offered) == ("not_allowed", "no_call")
    assert "case:" not in heard
    assert "moderator:" not in heard


# ---------------------------------------------------------------- coming and going


async def test_who_joins_later_hears_everybody_and_who_leaves_is_heard_no_more(
    server: Parley,
) -> None:
    async with server.panel() as (interview, ada, ben, bo, ola):
        await ben.do("call:ring", media="audio")
        await ada.do("call:accept")
        async with panelist(ada) as a, panelist(ben) as b:
            await asyncio.gather(a.connect(), b.connect())
            await asyncio.gather(reaches(a, b), reaches(b, a))
            for late in (bo, ola):
                assert refusal_in(await panelist_offer(late)) == "no_call"
            await bo.do("call:accept")
            await ola.do("call:accept")
            async with panelist(bo) as c, panelist(ola) as d:
                await asyncio.gather(c.connect(), d.connect())
                for speaker, others in ((a, (b, c, d)), (b, (a, c, d)), (c, (a, b, d))):
                    await reaches(speaker, *others)

                await ada.do("call:leave")
                await until_told(ben, "call:departed", "client")
                panel = Panel(interview, [c, b, a, d])
                await panel.silence_of(a)
                await reaches(b, c, d)
                assert refusal_in(await a.offer()) == "no_call"

                await ada.do("call:accept")
                async with panelist(ada, generation=2) as again:
                    await again.connect()
                    await asyncio.gather(reaches(again, b, c, d), reaches(b, again))


async def panelist_offer(seated: Seated) -> Json:
    """What somebody's offer is answered with."""
    async with panelist(seated) as one:
        return await one.offer()


async def test_the_rest_of_a_panel_is_told_why_a_call_is_over(server: Parley) -> None:
    async with server.panel() as (_, ada, ben, bo, _):
        await ada.do("call:ring", media="audio")
        await ben.do("call:accept")
        await bo.do("call:accept")
        refused = refusal_in(await ben.attempt("call:end"))
        await bo.do("call:end")
        ended = (await ben.told("call:ended"))["event"]

    assert refused == "not_allowed"
    assert (ended["by"], ended["reason"]) == ("client-2", "hung_up")


# ---------------------------------------------------------------- among themselves


async def test_writing_in_the_sides_thread_shows_to_that_side_only(server: Parley) -> None:
    async with server.panel() as (_, ada, ben, bo, ola):
        await ada.client.emit("typing:set", {"typing": True, "side": True})
        told = await bo.client.next("typing")
        await ada.client.emit("typing:set", {"typing": True})
        shared = [await each.client.next("typing") for each in (ben, ola)]

    assert told == {"type": "typing", "seat": "client", "typing": True, "side": True}
    assert [each["side"] for each in shared] == [False, False]
