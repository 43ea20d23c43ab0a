"""What bad commands get: a stable code, a sentence, and nothing half-written."""

import asyncio
from typing import Any

from aiohttp import WSCloseCode

from server import protocol as p
from server.errors import Code
from server.gateway import JOINS, TEXTS
from server.interview.state import Actor
from server.transport.bounds import TransportLimits
from tests.support.examples import EXAMPLES, KINDS, spoiled
from tests.support.parley import (
    OPERATOR_KEY,
    Json,
    Parley,
    Seated,
    command_id,
    refusal_in,
    written,
)
from tests.support.sio import Argument, ConnectRefused


async def answers(seated: Seated, tries: list[tuple[str, str, Any]]) -> dict[str, Json]:
    """Each try's acknowledgement, by its name; asked as fast as they are taken."""
    return {label: await _patiently(seated, name, argument) for label, name, argument in tries}


async def _patiently(seated: Seated, name: str, argument: Argument) -> Json:
    """The acknowledgement of what was not too much; else asked again when we are told to."""
    while True:
        answer: Json = await seated.client.call(name, argument)
        if answer.get("code") != "too_many":
            return answer
        await asyncio.sleep(answer["retryAfterMs"] / 1000)


# ---------------------------------------------------------------- shape


def test_every_command_and_signal_has_an_example() -> None:
    assert set(EXAMPLES) == set(KINDS)


async def test_whatever_is_malformed_is_refused_by_code_and_nothing_is_written(
    server: Parley,
) -> None:
    interview = await server.create()
    cookie = await server.cookie(interview, "client")
    before = await written(server, interview)
    wrong: dict[str, Json] = {}

    for kind in KINDS:
        name = p.wire_name(kind)
        cases = list(spoiled(kind))
        async with server.seat(interview, "client", cookie=cookie) as ada:
            got = await answers(ada, [(what, name, argument) for what, argument, _ in cases])
            for what, _, code in cases:
                if refusal_in(got[what]) != code:
                    wrong[f"{name} with {what}"] = got[what]
            assert (await _patiently(ada, "record:sync", {}))["ok"], f"{name} cost the socket"

    assert wrong == {}
    assert await written(server, interview) == before


async def test_an_unknown_name_is_an_unknown_command(server: Parley) -> None:
    interview = await server.create()
    async with server.seat(interview, "client") as ada:
        names = ["message:shout", "", "MESSAGE:POST", "__proto__", "welcome", "entries", "x" * 500]
        got = [refusal_in(await ada.client.call(name, {"id": command_id()})) for name in names]

    assert got == ["unknown_command"] * len(names)


async def test_nesting_without_end_costs_its_sender_the_socket_and_nobody_else(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, ben):
        before = await written(server, interview)
        await ada.client.raw('4299["message:post",' + "[" * 50_000 + "]" * 50_000 + "]")
        code = await ada.client.closed()
        after = await written(server, interview)
        alive = await ben.do("message:post", text="Still here")

    assert code == WSCloseCode.PROTOCOL_ERROR
    assert after == before
    assert alive["seq"]


# ---------------------------------------------------------------- too much


async def test_who_connects_again_and_again_has_to_wait(server: Parley) -> None:
    interview = await server.create()
    cookie = await server.cookie(interview, "client")
    refused: list[str | None] = []

    for _ in range(2 * JOINS.burst):
        try:
            async with server.seat(interview, "client", cookie=cookie):
                pass
        except ConnectRefused as refusal:
            refused.append(refusal.code)
    async with server.seat(interview, "freelancer") as ben:
        other = await ben.client.call("record:sync", {})

    assert set(refused) == {"too_many"}
    assert other["ok"], "the other side pays for it"


async def test_who_writes_a_flood_of_long_messages_is_told_when_there_is_room(
    server: Parley,
) -> None:
    longest = "\N{GRINNING FACE}" * p.TEXT_MAX  # four bytes each
    async with server.both() as (interview, ada, ben):
        answers = [await ada.attempt("message:post", text=longest) for _ in range(20)]
        async with server.seat(interview, "client", cookie=ada.cookie) as other_window:
            elsewhere = await other_window.attempt("message:post", text=longest)
        edited = await ada.attempt("message:edit", message=answers[0]["seq"], text=longest)
        short = await ben.attempt("message:post", text="I am let in all the same")

    taken = [answer for answer in answers if answer["ok"]]
    refused = [answer for answer in (*answers, elsewhere, edited) if not answer["ok"]]
    assert 0 <= len(taken) - TEXTS.burst // (4 * p.TEXT_MAX) <= 2  # some while it is tried
    assert {refusal_in(answer) for answer in refused} == {"too_many"}
    assert all(0 < answer["retryAfterMs"] <= 16_000 for answer in refused)
    assert short["ok"]


async def test_rates_are_a_persons_on_all_their_connections_together(server: Parley) -> None:
    interview = await server.create()
    cookie = await server.cookie(interview, "client")
    most = TransportLimits().rate.burst - 10
    async with (
        server.seat(interview, "client", cookie=cookie) as first,
        server.seat(interview, "client", cookie=cookie) as second,
        server.seat(interview, "freelancer") as ben,
    ):
        for _ in range(most):
            await first.client.raw('42["presence:active",{}]')
        alone = await first.client.call("record:sync", {})
        for _ in range(most):
            await second.client.raw('42["presence:active",{}]')
        await second.client.call("record:sync", {})  # answered after all before it were taken
        other = await ben.client.call("record:sync", {})
        key = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        async with server.http.get(f"{server.address}/metrics", headers=key) as response:
            page = await response.text()

    assert alone["ok"]
    assert 'parley_rejections_total{reason="rate"}' in page
    assert other["ok"]


# ---------------------------------------------------------------- meaning

ADA = Actor(person="client", role=p.Role.CLIENT)
BEN = Actor(person="freelancer", role=p.Role.FREELANCER)
OPENED = [(BEN, p.AcceptInvitation(id="accepting")), (ADA, p.PostMessage(id="greeting", text="Hi"))]
STANDS: dict[str, tuple[Json, list[tuple[Actor, p.Command]]]] = {
    # where an interview stands: how it was made, and what happened since; message 4 is the client's
    "invited": ({}, []),
    "with a guest": ({"client": ""}, []),
    "open": ({}, OPENED),
    "open, by text": ({"format": "text"}, OPENED),
    "ringing": ({}, [*OPENED, (ADA, p.RingCall(id="ring-ring", media=p.Format.AUDIO))]),
    "asked": ({}, [*OPENED, (ADA, p.ProposeFormat(id="proposing", format=p.Format.TEXT))]),
    "ended": ({}, [*OPENED, (ADA, p.EndInterview(id="ending-it"))]),
}
MEDIA = {"microphone": True, "camera": True}
MEANINGS: dict[str, list[tuple[str, str, Json, Code]]] = {
    # who asks, what for, the code
    "invited": [
        ("client", "invitation:accept", {}, Code.NOT_ALLOWED),
        ("client", "invitation:decline", {}, Code.NOT_ALLOWED),
        ("client", "interview:open", {}, Code.NOT_OPEN),
        ("client", "call:ring", {"media": "audio"}, Code.NOT_OPEN),
        ("client", "call:accept", {}, Code.NO_CALL),
        ("client", "call:decline", {}, Code.NO_CALL),
        ("client", "call:media", MEDIA, Code.NO_CALL),
        ("client", "call:offer", {"generation": 1, "sdp": ""}, Code.NO_CALL),
        ("client", "format:propose", {"format": "video"}, Code.ALREADY),
        ("client", "format:accept", {}, Code.ALREADY),
        ("client", "message:post", {"text": " \n\t "}, Code.EMPTY),
        ("client", "message:post", {"text": "\u0000\u0007"}, Code.EMPTY),
        ("client", "message:post", {"text": "To whom?", "replyTo": 77}, Code.NOT_FOUND),
        ("client", "message:edit", {"message": 77, "text": "x"}, Code.NOT_FOUND),
        ("client", "message:edit", {"message": 1, "text": "x"}, Code.NOT_FOUND),
        ("client", "message:delete", {"message": 77}, Code.NOT_FOUND),
        ("client", "message:flag", {"message": 77, "reason": "scam"}, Code.NOT_FOUND),
        ("client", "person:name", {"name": "Eve"}, Code.ALREADY),
        ("client", "person:name", {"name": " "}, Code.EMPTY),
    ],
    "with a guest": [
        ("client", "message:post", {"text": "Hello"}, Code.NAME_NEEDED),
        ("client", "person:name", {"name": "ben"}, Code.ALREADY),
        ("client", "interview:end", {}, Code.NAME_NEEDED),
        ("client", "format:propose", {"format": "text"}, Code.NAME_NEEDED),
    ],
    "open": [
        ("freelancer", "invitation:accept", {}, Code.ALREADY),
        ("freelancer", "invitation:decline", {}, Code.ALREADY),
        ("freelancer", "message:edit", {"message": 4, "text": "x"}, Code.NOT_ALLOWED),
        ("freelancer", "message:delete", {"message": 4}, Code.NOT_ALLOWED),
        ("client", "message:edit", {"message": 4, "text": "  "}, Code.EMPTY),
        ("client", "message:flag", {"message": 4, "reason": "scam"}, Code.NOT_ALLOWED),
        ("client", "call:ring", {"media": "text"}, Code.FORMAT_NOT_AGREED),
    ],
    "open, by text": [("client", "call:ring", {"media": "audio"}, Code.FORMAT_NOT_AGREED)],
    "ringing": [
        ("client", "call:ring", {"media": "audio"}, Code.CALL_BUSY),
        ("client", "call:accept", {}, Code.NOT_ALLOWED),
        ("client", "call:media", MEDIA, Code.FORMAT_NOT_AGREED),
        ("freelancer", "call:media", MEDIA, Code.NO_CALL),
        ("freelancer", "call:offer", {"generation": 1, "sdp": ""}, Code.NO_CALL),
    ],
    "asked": [("client", "format:accept", {}, Code.NOT_ALLOWED)],
    "ended": [
        ("client", "message:post", {"text": "One more"}, Code.CLOSED),
        ("client", "message:edit", {"message": 4, "text": "x"}, Code.CLOSED),
        ("client", "message:delete", {"message": 4}, Code.CLOSED),
        ("client", "interview:open", {}, Code.CLOSED),
        ("client", "interview:end", {}, Code.CLOSED),
        ("freelancer", "invitation:accept", {}, Code.CLOSED),
        ("client", "format:propose", {"format": "text"}, Code.CLOSED),
        ("client", "call:ring", {"media": "audio"}, Code.CLOSED),
        ("client", "call:accept", {}, Code.CLOSED),
        ("client", "call:offer", {"generation": 1, "sdp": ""}, Code.NO_CALL),
    ],
}


async def standing(server: Parley, where: str) -> str:
    """An interview that stands where the table says."""
    fields, course = STANDS[where]
    interview = await server.create(**fields)
    for actor, command in course:
        _ = await server.base.interviews.carry_out(interview, actor, command)
    return interview


def _addressed(name: str, argument: Json) -> Json:
    return argument if name == "call:offer" else {"id": command_id(), **argument}


async def test_what_makes_no_sense_now_is_refused_by_code_and_nothing_is_written(
    server: Parley,
) -> None:
    expected = {}
    got = {}

    for where, rows in MEANINGS.items():
        interview = await standing(server, where)
        before = await written(server, interview)
        async with (
            server.seat(interview, "client") as ada,
            server.seat(interview, "freelancer") as ben,
        ):
            for seat, name, argument, code in rows:
                label = f"{where}: {seat} {name} {argument}"
                expected[label] = code
                client = (ada if seat == "client" else ben).client
                answer = await client.call(name, _addressed(name, argument))
                got[label] = refusal_in(answer)
        assert await written(server, interview) == before, where

    assert got == expected


async def test_a_case_that_is_absent_untaken_or_anothers_is_refused_by_code(
    server: Parley,
) -> None:
    async with (
        server.both() as (interview, ada, ben),
        server.desk() as mo,
        server.desk("Luz") as luz,
    ):
        bad = (await ben.do("message:post", text="Pay me outside"))["seq"]
        await ada.do("message:flag", message=bad, reason="scam")
        here = {"interview": interview, "case": 1}
        decision = {**here, "action": "hide"}
        again = await ada.attempt("message:flag", message=bad, reason="scam")
        absent = await mo.attempt("case:claim", interview=interview, case=9)
        untaken = [
            await mo.attempt("case:decide", **decision),
            await mo.attempt("case:note", text="Hm", **here),
            await mo.attempt("case:release", **here),
        ]
        await mo.do("case:claim", **here)
        taken = await luz.attempt("case:claim", **here)
        anothers = [
            await luz.client.call("case:look", here),
            await luz.attempt("case:decide", **decision),
            await luz.attempt("case:note", text="Hm", **here),
            await luz.attempt("case:release", **here),
        ]
        empty = await mo.attempt("case:note", text="  ", **here)
        await mo.do("case:decide", **decision)
        over = [
            await mo.attempt("case:decide", **decision),
            await luz.attempt("case:claim", **here),
        ]

    assert refusal_in(again) == "already"
    assert refusal_in(absent) == "not_found"
    assert [refusal_in(answer) for answer in untaken] == ["not_claimed"] * 3
    assert refusal_in(taken) == "case_taken"
    assert [refusal_in(answer) for answer in anothers] == ["not_claimed"] * 4
    assert refusal_in(empty) == "empty"
    assert [refusal_in(answer) for answer in over] == ["already"] * 2


async def test_garbage_for_an_sdp_is_refused_and_the_call_goes_on(server: Parley) -> None:
    garbage = [
        "",
        "v=0\r\n",
        "\u0000" * 100,
        "x" * p.SDP_MAX,
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=fingerprint:sha-256 zz\r\n",
        "m=video -1 \r\na=rtpmap:\r\na=candidate:\r\n" * 50,
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n",
    ]
    async with server.both() as (interview, ada, ben):
        await ada.do("call:ring", media="audio")
        await ben.do("call:accept")
        before = await written(server, interview)
        got = [
            await ada.client.call("call:offer", {"generation": n, "sdp": sdp})
            for n, sdp in enumerate(garbage)
        ]
        after = await written(server, interview)
        ended = await ben.do("call:leave")

    assert [refusal_in(answer) for answer in got] == ["invalid_sdp"] * len(garbage)
    assert after == before
    assert ended["seq"]
