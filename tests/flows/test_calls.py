"""A call for two through the whole server: ringing in the record, media through the engine."""

import asyncio

from tests.support.caller import calling
from tests.support.parley import Parley


async def test_two_people_hear_each_other_and_the_record_says_so(server: Parley) -> None:
    async with (
        server.both() as (_, ada, ben),
        calling(ada) as ada_calls,
        calling(ben) as ben_calls,
    ):
        await ada.do("call:ring", media="audio")
        await ben.told("call:rang")
        await ben.do("call:accept")
        await ada.told("call:accepted")
        await asyncio.gather(ada_calls.connect(), ben_calls.connect())
        async with asyncio.timeout(15):
            await asyncio.gather(ada_calls.heard.wait(), ben_calls.heard.wait())
        first = await ada.told("call:joined")
        second = await ada.told("call:joined")
        await ben.do("call:media", microphone=False, camera=False)
        muted = await ada.told("call:media-set")
        await ada.do("call:leave")
        ended = await ben.told("call:ended")

    assert {first["event"]["seat"], second["event"]["seat"]} == {"client", "freelancer"}
    assert muted["event"]["microphone"] is False
    assert ended["event"]["reason"] == "hung_up"


async def test_whoever_loses_their_media_has_left_until_it_is_back(server: Parley) -> None:
    async with server.both() as (_, ada, ben), calling(ada) as ada_calls:
        await ada.do("call:ring", media="audio")
        await ben.told("call:rang")
        await ben.do("call:accept")
        await ada.told("call:accepted")
        await ada_calls.connect()
        joined = await ben.told("call:joined")
        await ada_calls.close()
        left = await ben.told("call:left")
        async with calling(ada) as again:
            await again.connect()
            back = await ben.told("call:joined")

    assert [e["event"]["seat"] for e in (joined, left, back)] == ["client"] * 3


async def test_nobody_offers_media_without_a_call_that_they_are_in(server: Parley) -> None:
    async with server.both() as (_, ada, _):
        refused = await ada.client.call("call:offer", {"generation": 1, "sdp": "v=0"})

    assert refused["code"] == "no_call"


async def test_garbage_instead_of_an_offer_is_refused_in_words(server: Parley) -> None:
    async with server.both() as (_, ada, ben):
        await ada.do("call:ring", media="audio")
        await ben.told("call:rang")
        await ben.do("call:accept")
        refused = await ada.client.call("call:offer", {"generation": 1, "sdp": "v=0\r\ngarbage"})

    assert refused["code"] == "invalid_sdp"
    assert refused["message"]
