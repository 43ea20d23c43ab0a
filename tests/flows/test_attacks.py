"""What an attacker tried on the whole product, and what must stay so."""

import asyncio

from server import protocol as p
from server.interview.state import Actor
from tests.support.parley import Parley, command_id


async def test_flagging_back_does_not_tell_that_one_was_flagged(server: Parley) -> None:
    async with server.both() as (_, ada, ben), server.both() as (_, eve, kim):
        hers = (await ada.do("message:post", text="Pay me outside"))["seq"]
        his = (await ben.do("message:post", text="No"))["seq"]
        await eve.do("message:post", text="Pay me outside")
        await kim.do("message:post", text="No")
        await ben.do("message:flag", message=hers, reason="scam")

        answers = [await who.do("message:flag", message=his, reason="other") for who in (ada, eve)]
        receipts = [(await who.told("flag:received"))["event"] for who in (ada, eve)]

    assert answers[0] == answers[1]
    assert {**receipts[0], "at": 0} == {**receipts[1], "at": 0}


async def test_each_answer_carries_the_number_of_its_own_receipt(server: Parley) -> None:
    async with server.both() as (interview, ada, ben), server.desk() as mo:
        hers = (await ada.do("message:post", text="Pay me outside"))["seq"]
        his = [(await ben.do("message:post", text=text))["seq"] for text in ("No", "Never")]
        await ben.do("message:flag", message=hers, reason="scam")  # case 1
        told = []
        for message, case in ((his[1], 2), (his[0], 5), (his[1], 8)):
            await ada.do("message:flag", message=message, reason="other")
            told.append((await ada.told("flag:received"))["event"]["case"])
            where = {"interview": interview, "case": case}
            await mo.do("case:claim", **where)
            await mo.do("case:decide", **where, action="dismiss")
            told.append((await ada.told("flag:answered"))["event"]["case"])

    assert told == [1, 1, 3, 3, 5, 5]


async def test_nobody_is_locked_out_by_a_long_record(server: Parley) -> None:
    longest = "😀" * p.TEXT_MAX  # 16 kB on the wire
    async with server.both() as (interview, _, ben):
        ada = Actor(person="client", role=p.Role.CLIENT)
        posts = [p.PostMessage(id=command_id(), text=longest) for _ in range(550)]
        await asyncio.gather(
            *(server.base.interviews.carry_out(interview, ada, post) for post in posts)
        )

        async with server.seat(interview, "freelancer", cookie=ben.cookie) as back:
            thread = (await back.snapshot())["view"]["thread"]
            said = await back.do("message:post", text="I am still here")

    assert len(thread) == said["seq"] - 1
