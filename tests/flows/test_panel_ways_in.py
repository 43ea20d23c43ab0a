"""The ways into a panel through the whole server: the door where people knock, and links."""

import asyncio

from tests.support.panelist import panelist, reaches
from tests.support.parley import OPERATOR_KEY, Parley, refusal_in

# ---------------------------------------------------------------- the door


async def test_nothing_flows_to_or_from_who_was_not_let_in(server: Parley) -> None:
    async with server.panel(knock=True) as (_, ada, ben, bo, _):
        await ada.do("call:ring", media="video")
        await bo.do("call:accept")
        async with panelist(ada) as a, panelist(bo) as c, panelist(ben) as b:
            await asyncio.gather(a.connect(), c.connect())
            await asyncio.gather(reaches(a, c), reaches(c, a))
            before = refusal_in(await ben.attempt("call:accept")), refusal_in(await b.offer())
            await ben.do("call:knock")
            servers = refusal_in(await ben.client.call("call:servers", {}))
            await bo.told("call:knocked")
            await bo.do("call:hold", seat="freelancer", text="Two minutes")
            word = (await ben.told("call:held"))["text"]
            still = refusal_in(await b.offer())
            nothing = dict(b.got)

            await bo.do("call:admit", seat="freelancer")
            await ben.told("call:admitted")
            await b.connect()
            for speaker, others in ((a, (b, c)), (b, (a, c)), (c, (a, b))):
                await reaches(speaker, *others)

            async with panelist(ben, generation=2) as again:
                await again.connect()
                await asyncio.gather(reaches(a, again), reaches(again, a, c))

    assert (*before, servers, still) == ("not_admitted",) * 4
    assert word == "Two minutes"
    assert nothing == {}


async def test_a_knock_waits_over_a_reconnection_and_letting_in_begins_the_call(
    server: Parley,
) -> None:
    async with server.both(knock=True) as (interview, ada, ben):
        await ben.do("call:knock")
        since = (await ada.told("call:knocked"))["event"]["at"]
        await ada.do("call:hold", seat="freelancer", text="We are nearly there")
        await ben.client.ws.close()
        async with server.seat(interview, "freelancer", cookie=ben.cookie) as back:
            view = (await back.snapshot())["view"]
            await ada.do("call:admit", seat="freelancer")
            rang = (await back.told("call:rang"))["event"]
            await back.told("call:admitted")
            async with panelist(ada) as a, panelist(back) as b:
                await asyncio.gather(a.connect(), b.connect())
                await asyncio.gather(reaches(a, b), reaches(b, a))

    (knock,) = view["waiting"]
    assert (knock["seat"], knock["since"], knock["state"]) == ("freelancer", since, "held")
    assert knock["word"]["text"] == "We are nearly there"
    assert (rang["by"], rang["media"], rang["open"]) == ("client", "video", True)


async def test_whoever_creates_an_interview_says_whether_people_knock(server: Parley) -> None:
    wanted = {"title": "Booking page", "format": "video", "client": "Ada", "freelancer": "Ben"}
    shown = []
    for knock in ({}, {"knock": True}):
        async with server.http.post(
            f"{server.address}/api/interviews",
            json={**wanted, **knock},
            headers={"Authorization": f"Bearer {OPERATOR_KEY}"},
        ) as response:
            made = await response.json()
        async with server.seat(made["interview"], "freelancer") as ben:
            shown.append((await ben.snapshot())["view"]["knock"])

    assert shown == [False, True]


# ---------------------------------------------------------------- links


async def test_a_link_leads_to_the_seat_and_the_one_before_it_leads_nowhere(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, ben):
        await ada.do("person:invite", role="client", name="Bo")
        first = (await ada.client.call("link:make", {"seat": "client-2"}))["url"]
        second = (await ada.client.call("link:make", {"seat": "client-2"}))["url"]
        token = first.partition("#")[2]
        async with server.http.post(
            f"{server.address}/api/sessions", json={"token": token}
        ) as response:
            dead = (await response.json())["code"]
        cookie = await server.redeemed(second.partition("#")[2])
        async with server.seat(interview, "client-2", cookie=cookie) as bo:
            await bo.do("message:post", text="Between us", side=True)
            heard = (await ada.told("message:posted"))["text"]
        refused = [
            refusal_in(await ada.client.call("link:make", {"seat": seat}))
            for seat in ("client", "freelancer", "client-9")
        ]
        of_ben = refusal_in(await ben.client.call("link:make", {"seat": "client-2"}))

    assert second.startswith(f"{server.address}/i/{interview}/client-2#")
    assert dead == "link_invalid"
    assert heard == "Between us"
    assert refused == ["not_allowed", "not_allowed", "not_found"]
    assert of_ben == "not_allowed"


async def test_nobody_makes_a_link_to_read_what_only_a_colleague_may(server: Parley) -> None:
    async with server.panel() as (_, ada, _, bo, ola):
        said = (await ada.do("message:post", text="Let us pay outside"))["seq"]
        await bo.do("message:flag", message=said, reason="payment_outside")
        await bo.told("flag:received")
        made = [
            refusal_in(await who.client.call("link:make", {"seat": seat}))
            for who, seat in ((ada, bo.auth["seat"]), (ada, ola.auth["seat"]), (bo, "observer"))
        ]

    assert made == ["already"] * 3
