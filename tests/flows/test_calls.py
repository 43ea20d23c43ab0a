"""A call for two through the whole server: ringing in the record, media through the engine."""

from tests.support.caller import calling, hear_each_other, in_call
from tests.support.parley import Parley


async def test_two_people_hear_each_other_and_the_record_says_so(server: Parley) -> None:
    async with (
        server.both() as (_, ada, ben),
        calling(ada) as ada_calls,
        calling(ben) as ben_calls,
    ):
        await in_call(ada, ben)
        await hear_each_other(ada_calls, ben_calls)
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
        await in_call(ada, ben)
        await ada_calls.connect()
        joined = await ben.told("call:joined")
        await ada_calls.close()
        left = await ben.told("call:left")
        async with calling(ada) as again:
            await again.connect()
            back = await ben.told("call:joined")

    assert [e["event"]["seat"] for e in (joined, left, back)] == ["client"] * 3


async def test_each_is_told_what_the_other_really_plays_of_them(server: Parley) -> None:
    async with server.both() as (_, ada, ben):
        await in_call(ada, ben, "video")
        await ada.client.emit(
            "call:hearing", {"seat": "freelancer", "sound": "playing", "height": 360}
        )
        playing = await ben.client.next("call:heard")
        _ = await ben.client.ask(
            "call:hearing", {"seat": "client", "sound": "blocked", "height": 0, "lost": 4}
        )
        blocked = await ada.client.next("call:heard")

    heard = {"type": "call:heard", "seat": "client", "sound": "playing", "height": 360}
    assert playing == {**heard, "lost": 0}
    there = {"seat": "freelancer", "sound": "blocked", "height": 0, "lost": 4}
    assert blocked == {**heard, **there}


async def test_what_one_hears_is_taken_only_from_within_the_call_and_at_its_pace(
    server: Parley,
) -> None:
    hearing = {"sound": "playing", "height": 0}
    async with server.both() as (_, ada, ben):
        before = await ada.client.call("call:hearing", {"seat": "freelancer", **hearing})
        await ada.do("call:ring", media="audio")
        await ben.told("call:rang")
        ringing = await ada.client.call("call:hearing", {"seat": "freelancer", **hearing})
        await ben.do("call:accept")
        await ada.told("call:accepted")
        oneself = await ada.client.call("call:hearing", {"seat": "client", **hearing})
        nobody = await ada.client.call("call:hearing", {"seat": "observer", **hearing})
        asked = [
            await ada.client.ask("call:hearing", {"seat": "freelancer", **hearing})
            for _ in range(8)
        ]
        await ada.client.call("record:sync", {})
        told = [answer.result()["code"] for answer in asked if answer.done()]

    assert [r["code"] for r in (before, ringing, oneself, nobody)] == ["no_call"] * 4
    assert set(told) == {"too_many"}


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
