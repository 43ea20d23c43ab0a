"""What an attacker tried on the whole product, and what must stay so."""

import asyncio
import gzip
import logging
import os
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from server import protocol as p
from server.app import secret_of
from server.config import Config
from server.gateway import SYNCS, TEXTS, WINDOWS_MAX
from server.interview.messages import VERSIONS_MAX
from server.interview.state import Actor
from server.rest import DOWNLOADS
from tests.support.crash import stores_of
from tests.support.parley import OPERATOR_KEY, Parley, command_id, refusal_in, settled, written
from tests.support.sio import ConnectRefused
from tests.support.valkey import eventually


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


# ---------------------------------------------------------------- before anybody is known

JSON = "Content-Type: application/json"
HOSTILE = {
    "a cookie that is not UTF-8": (
        b"GET",
        "/api/interviews/x/y/transcript.md",
        ["Cookie: p-x-y=\xff"],
    ),
    "a key that is not UTF-8": (b"GET", "/metrics", ["Authorization: Bearer \xff"]),
    "a file's name without end": (b"GET", "/assets/" + "a" * 3000, []),
    "a folder": (b"GET", "/assets/", []),
    "a missing file": (b"GET", "/assets/none.js", []),
    "a header without end": (b"GET", "/", ["X: " + "a" * 20_000]),
    "no address": (b"GET", "http://[::1", []),
    "two lengths": (b"POST", "/api/sessions", ["Content-Length: 2", "Transfer-Encoding: chunked"]),
    "no chunks": (b"POST", "/api/sessions", [JSON, "Transfer-Encoding: chunked"]),
    "no gzip": (b"POST", "/api/sessions", [JSON, "Content-Encoding: gzip", "Content-Length: 5"]),
    "no handshake": (
        b"GET",
        "/socket.io/?EIO=4&transport=websocket",
        ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x"],
    ),
}


async def spoken(server: Parley, request: bytes) -> bytes:
    """The answer to these bytes, up to the end of the connection."""
    place = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    try:
        writer.write(request)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize("what", HOSTILE)
async def test_a_strangers_request_is_no_fault_of_ours_and_leaves_no_trace_in_the_log(
    server: Parley, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    method, path, headers = HOSTILE[what]
    lines = [
        *headers,
        f"Host: {urlsplit(server.address).netloc}",
        "Connection: close",
        "",
        "xyz\r\n",
    ]
    head = method + f" {path} HTTP/1.1\r\n".encode()

    with capture_logs() as told:
        answer = await spoken(server, head + "\r\n".join(lines).encode("latin-1"))

    assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4")), answer
    assert b"Server: Parley\r\n" in answer
    assert b"aiohttp" not in answer
    assert b"max-age" not in answer
    assert told == []
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []


async def test_a_packed_body_is_not_unpacked(server: Parley) -> None:
    packed = gzip.compress(b'{"token":"abc"}')
    lines = [
        "POST /api/sessions HTTP/1.1",
        f"Host: {urlsplit(server.address).netloc}",
        f"{JSON}\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}",
        "Connection: close\r\n\r\n",
    ]

    answer = await spoken(server, "\r\n".join(lines).encode() + packed)

    assert answer.startswith(b"HTTP/1.1 400")
    assert b'"malformed"' in answer


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET / HTTP/1.1\r\nHo", b"POST /api/sessions HTTP/1.1\r\nHost: x\r\n%b"],
    ids=["nothing", "half a head", "a head without its body"],
)
async def test_whoever_begins_and_does_not_go_on_is_let_go(
    server: Parley, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr("server.listening.HEAD_WITHIN", 0.1)
    monkeypatch.setattr("server.listening.BODY_WITHIN", 0.1)
    rest = f"{JSON}\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{{".encode()

    answer = await spoken(server, sent.replace(b"%b", rest))

    assert answer == b"" or b"did not come in whole" in answer


# ---------------------------------------------------------------- what people write


async def test_no_words_pass_for_a_line_of_the_transcript(server: Parley) -> None:
    forged = "**Ada** 2026-01-01 00:00:00"
    words = f"No*\n\n{forged}\n\n> I will pay 9000"
    interview = await server.create(title=f"Hotel\n\n{forged}", note=words)
    async with server.seat(interview, "freelancer") as ben:
        await ben.do("message:post", text=words)
        await ben.do("invitation:decline", reason=words)
        transcript = await server.download(interview, ben.cookie, "freelancer", "md")

    assert forged not in transcript.splitlines()
    assert transcript.count(f"> {forged}\n") == 3


async def test_a_message_has_something_to_see(server: Parley) -> None:
    async with server.both() as (_, ada, _):
        got = [
            await ada.attempt("message:post", text=text) for text in ("\u200b", "\u3164", "\u2800")
        ]
        kept = await ada.attempt("message:post", text="\U0001fae9")

    assert [refusal_in(answer) for answer in got] == ["empty"] * 3
    assert kept["ok"]


@pytest.mark.parametrize("starts_at", [-1, 8_640_000_000_000_001, 2**63, 10**30])
async def test_an_interview_begins_at_a_time_that_calendars_know(
    server: Parley, starts_at: int
) -> None:
    wanted = {"title": "Hotel", "format": "video", "startsAt": starts_at}
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    url = f"{server.address}/api/interviews"

    async with server.http.post(url, json=wanted, headers=headers) as response:
        assert refusal_in(await response.json()) == "malformed"


# ---------------------------------------------------------------- what one person may cost


async def test_nobody_reads_the_whole_record_again_and_again(server: Parley) -> None:
    interview = await server.create()
    async with server.seat(interview, "client") as ada, server.seat(interview, "freelancer") as ben:
        asked = [await ada.client.call("record:sync", {})]
        while asked[-1]["ok"]:
            asked.append(await ada.client.call("record:sync", {}))
        others = await ben.client.call("record:sync", {})
        url = f"{server.address}/api/interviews/{interview}/client/transcript.json"
        statuses = [200]
        while statuses[-1] == 200:
            async with server.http.get(url, headers={"Cookie": ada.cookie}) as response:
                statuses.append(response.status)

    assert len(asked) > SYNCS.burst
    assert refusal_in(asked[-1]) == "too_many"
    assert others["ok"]
    assert len(statuses) > DOWNLOADS.burst
    assert statuses[-1] == 429


async def test_being_removed_while_a_snapshot_is_read_is_no_fault(server: Parley) -> None:
    interviews, store = server.base.interviews, server.base.store
    interview = await server.create()
    ada = Actor(person="client", role=p.Role.CLIENT)
    mo = Actor(person="moderator:Mo", role=p.Role.MODERATOR)
    claim = p.ClaimCase(id=command_id(), interview=interview, case=1)
    remove = p.DecideCase(id=command_id(), interview=interview, case=1, action=p.Action.REMOVE)
    async with server.seat(interview, "freelancer") as ben:
        bad = (await ben.do("message:post", text="Pay me outside"))["seq"]
        flag = p.FlagMessage(id=command_id(), message=bad, reason=p.FlagReason.SCAM)
        await interviews.carry_out(interview, ada, flag)
        await interviews.carry_out(interview, mo, claim)

        def asked(least: int) -> str:
            return "" if store.outstanding >= least else f"{store.outstanding} of {least} asked"

        (process,) = stores_of(os.getpid())
        with capture_logs() as told:
            os.kill(process, signal.SIGSTOP)  # so that both answers come at once
            await ben.client.raw('42["record:sync",{}]')
            await eventually(lambda: asked(1))
            removing = asyncio.ensure_future(interviews.carry_out(interview, mo, remove))
            await eventually(lambda: asked(2))
            os.kill(process, signal.SIGCONT)
            await removing
            await ben.client.next("bye")
            await settled()

    assert [line for line in told if line["log_level"] == "error"] == []


async def test_whoever_is_removed_in_the_moment_of_connecting_reads_by_whom_and_why(
    server: Parley,
) -> None:
    store = server.base.store

    async def asked() -> None:
        async with asyncio.timeout(5):
            while not store.outstanding:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0)  # in this turn of the loop, before the answer is read

    async with server.both() as (interview, ada, _):
        await ada.do("person:invite", role="client", name="Bo")
        seat = (await ada.told("person:invited"))["event"]["seat"]
        await ada.do("message:post", text="Something that a snapshot has to read.")
        cookie = await server.cookie(interview, seat)

        async def come() -> None:
            async with server.seat(interview, seat, cookie=cookie):
                pass

        coming = asyncio.create_task(come())
        await asked()  # for the session
        await store.call("CLIENT", "PAUSE", 2000)  # so that snapshot and removal come at once
        await asked()  # for the snapshot's texts
        await ada.do("person:remove", seat=seat, reason="Wrong room")
        with pytest.raises(ConnectRefused) as refused:
            await coming

    assert (refused.value.code, refused.value.message) == (
        "removed",
        "Ada removed you from this interview. Their words: “Wrong room”",
    )


async def test_a_message_is_not_changed_without_end(server: Parley) -> None:
    async with server.both() as (_, ada, _):
        seq = (await ada.do("message:post", text="1"))["seq"]
        got = [
            await ada.attempt("message:edit", message=seq, text="2") for _ in range(VERSIONS_MAX)
        ]

    assert [answer["ok"] for answer in got] == [True] * (VERSIONS_MAX - 1) + [False]
    assert refusal_in(got[-1]) == "not_allowed"


async def test_one_person_does_not_fill_the_server_with_windows(server: Parley) -> None:
    async with server.both() as (interview, _, ben), AsyncExitStack() as stack:
        for _ in range(WINDOWS_MAX - 1):
            window = server.seat(interview, "freelancer", cookie=ben.cookie)
            await stack.enter_async_context(window)

        with pytest.raises(ConnectRefused) as refused:
            await stack.enter_async_context(server.seat(interview, "freelancer", cookie=ben.cookie))

    assert refused.value.code == "too_many"


# ---------------------------------------------------------------- what an operator may get wrong


def test_a_secret_that_was_not_written_to_its_end_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"")

    with pytest.raises(OSError, match="not written to its end"):
        secret_of(Config(data=tmp_path))


def test_a_secret_that_can_be_guessed_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="can be guessed"):
        Config.model_validate({"secret": "hunter2"})


@pytest.mark.parametrize("name", ["", " \u200b", "x" * (p.NAME_MAX + 1)])
def test_a_moderator_without_a_name_gets_no_link(tmp_path: Path, name: str) -> None:
    tried = subprocess.run(
        [sys.executable, "-m", "server", "moderator", "link", "--name", name],
        env={"PARLEY_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert tried.returncode == 1
    assert tried.stderr.splitlines()[-1] == f"A moderator's name has 1 to {p.NAME_MAX} characters."


# ---------------------------------------------------------------- what is kept for ever


async def test_whatever_somebody_adds_to_the_record_counts_as_their_writing(
    server: Parley,
) -> None:
    longest = "😀" * p.NOTE_MAX
    loop = asyncio.get_running_loop()
    async with server.both() as (_, ada, ben):
        answers, began = [], loop.time()
        for _ in range(90):
            await ada.attempt("call:ring", media="audio")
            answers.append(await ada.attempt("call:decline", reason=longest))
        let_in = TEXTS.burst + TEXTS.per_second * (loop.time() - began)
        short = await ben.attempt("message:post", text="I am let in all the same")

    taken = [answer for answer in answers if answer["ok"]]
    refused = [answer for answer in answers if not answer["ok"]]
    assert 0 < len(taken) <= let_in // len(longest.encode())
    assert {refusal_in(answer) for answer in refused} == {"too_many"}
    assert short["ok"]


async def test_nothing_is_added_to_an_interview_that_is_over(server: Parley) -> None:
    async with server.panel() as (interview, ada, ben, bo, ola):
        await ola.do("person:zone", zone="Asia/Tokyo")
        await ada.do("interview:end")
        before = (await written(server, interview))["lanes"]
        for who in (ada, ben, bo, ola):
            await who.attempt("person:zone", zone="Europe/Lisbon")
        after = (await written(server, interview))["lanes"]

    assert after == before
