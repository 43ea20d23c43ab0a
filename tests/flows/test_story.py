"""The interview, from the invitation to the transcript, over real sockets with a real store."""

import asyncio
import json

import pytest

from tests.support.parley import Parley, command_id, lines_of
from tests.support.sio import ConnectRefused


async def test_what_one_writes_the_other_reads_with_one_order(server: Parley) -> None:
    async with server.both() as (_, ada, ben):
        done = await ada.do("message:post", text="When could you start?")
        got = await ben.told("message:posted")
        await ben.do("message:post", text="On Monday", replyTo=got["seq"])
        answer = await ada.client.next(
            "entries", lambda m: m["entries"][0].get("text") == "On Monday"
        )

    assert (got["seq"], got["text"]) == (done["seq"], "When could you start?")
    assert answer["entries"][0]["event"]["replyTo"] == got["seq"]


async def test_a_command_sent_again_gets_its_first_outcome_and_does_nothing_more(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, _):
        command = {"id": command_id(), "text": "Once"}
        first = await ada.client.call("message:post", command)
        again = await ada.client.call("message:post", {**command, "text": "Other words"})
        transcript = await server.download(interview, ada.cookie, "client")

    assert again == first
    assert [line["text"] for line in lines_of(transcript) if line.get("text")] == ["Once"]


async def test_whoever_comes_back_with_a_cursor_gets_exactly_what_they_missed(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, ben):
        await ada.do("message:post", text="one")
        seen = await ben.told("message:posted")
        cookie = await server.cookie(interview, "freelancer")
        await ada.do("message:post", text="two")
        await ada.do("message:post", text="three")
        cursor = {"shared": seen["seq"]}
        async with server.seat(interview, "freelancer", cursor=cursor, cookie=cookie) as again:
            missed = await again.client.next("entries")

    assert [entry.get("text") for entry in missed["entries"]] == ["two", "three"]


async def test_words_withdrawn_meanwhile_are_not_told_to_whoever_comes_back(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, ben), server.desk() as mo:
        cursor = {"shared": (await ada.do("message:post", text="Seen by Ben"))["seq"]}
        seqs = [
            (await ada.do("message:post", text=text))["seq"]
            for text in ("A slip", "Deleted words", "Hidden words", "Kept words")
        ]
        await ada.do("message:edit", message=seqs[1], text="Changed words")
        await ada.do("message:delete", message=seqs[1])
        await ben.do("message:flag", message=seqs[2], reason="harassment")
        case = {"interview": interview, "case": 1}
        await mo.do("case:claim", **case)
        await mo.do("case:decide", action="hide", explanation="Not here.", **case)
        async with server.seat(interview, "freelancer", cursor=cursor, cookie=ben.cookie) as back:
            entries = (await back.client.next("entries"))["entries"]
            heard = back.heard()

    told = [entry.get("text") for entry in entries if "message:" in entry["event"]["type"]]
    assert told == ["A slip", None, None, "Kept words", None, None, None]
    assert [
        word for word in ("Deleted words", "Changed words", "Hidden words") if word in heard
    ] == []


async def test_a_cursor_from_another_world_gets_a_snapshot(server: Parley) -> None:
    async with server.both() as (interview, ada, _):
        await ada.do("message:post", text="one")
        async with server.seat(interview, "freelancer", cursor={"shared": 9999}) as lost:
            snapshot = await lost.snapshot()

    assert snapshot["cursor"]["shared"] == snapshot["view"]["thread"][-1]["seq"]


async def test_joining_in_the_middle_of_a_burst_leaves_no_gap(server: Parley) -> None:
    async with server.both() as (interview, ada, _):

        async def burst() -> None:
            for number in range(200):
                await ada.do("message:post", text=f"{number}")

        writing = asyncio.ensure_future(burst())
        await ada.told("message:posted")
        async with server.seat(interview, "freelancer") as late:
            snapshot = await late.snapshot()
            await writing
            last = snapshot["cursor"]["shared"]
            head = 3 + 200
            while last < head:
                for entry in (await late.client.next("entries"))["entries"]:
                    assert entry["seq"] == last + 1
                    last = entry["seq"]

    assert [m["seq"] for m in snapshot["view"]["thread"]] == list(
        range(1, snapshot["cursor"]["shared"] + 1)
    )


async def test_presence_typing_and_marks_are_told_and_kept_out_of_the_record(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, ben):
        seen = await ada.do("message:post", text="Hello")
        await ben.client.emit("typing:set", {"typing": True})
        typing = await ada.client.next("typing")
        await ben.client.emit("mark:set", {"delivered": seen["seq"], "read": seen["seq"]})
        marks = await ada.client.next("marks")
        before = await server.base.record.read(interview, "shared", 0, 100)

    assert typing["seat"] == "freelancer"
    assert marks["mark"] == {"delivered": seen["seq"], "read": seen["seq"]}
    assert len(before) == seen["seq"]


async def test_marks_are_there_again_after_everybody_left(server: Parley) -> None:
    async with server.both() as (interview, ada, ben):
        seen = (await ada.do("message:post", text="Hello"))["seq"]
        await ben.client.emit("mark:set", {"delivered": seen, "read": seen - 1})
        await ada.client.next("marks")
        await ben.client.call("record:sync", {"cursor": {"shared": seen}})

    async with server.seat(interview, "client") as back:
        snapshot = await back.snapshot()

    assert snapshot["marks"]["freelancer"] == {"delivered": seen, "read": seen - 1}


async def test_a_mark_never_passes_the_end_of_the_thread_and_never_falls(server: Parley) -> None:
    async with server.both() as (_, ada, ben):
        await ben.client.emit("mark:set", {"delivered": 999, "read": 999})
        first = await ada.client.next("marks")
        await ben.client.emit("mark:set", {"delivered": 1, "read": 1})
        head = (await ada.do("message:post", text="Hello"))["seq"]
        await ben.client.emit("mark:set", {"delivered": head, "read": 1})
        second = await ada.client.next("marks")

    assert first["mark"] == {"delivered": head - 1, "read": head - 1}
    assert second["mark"] == {"delivered": head, "read": head - 1}


async def test_a_flag_goes_to_the_desk_and_its_outcome_to_the_reporter(server: Parley) -> None:
    async with server.both() as (interview, ada, ben), server.desk() as mo:
        queue = await mo.client.next("desk:queue")
        bad = (await ben.do("message:post", text="Pay me by wire, outside"))["seq"]
        await ada.do("message:flag", message=bad, reason="payment_outside", note="See this")
        receipt = await ada.told("flag:received")
        case = (await mo.client.next("desk:case"))["summary"]
        where = {"interview": interview, "case": case["case"]}
        unclaimed = await mo.client.call("case:look", where)
        await mo.do("case:claim", **where)
        await ben.do("message:delete", message=bad)
        detail = await mo.client.call("case:look", where)
        await mo.do("case:note", text="Clear", **where)
        await mo.do("case:decide", action="end", explanation="Rule 3", **where)
        outcome = await ada.told("flag:answered")
        await ben.told("interview:ended")
        after = await ben.attempt("message:post", text="But")
        ben_heard = ben.heard()

    assert queue["cases"] == []
    assert receipt["event"]["message"] == bad
    assert (case["reporter"], case["accused"]) == ("client", "freelancer")
    assert unclaimed["code"] == "not_claimed"
    assert [v["text"] for v in detail["evidence"][-1]["versions"]] == ["Pay me by wire, outside"]
    assert detail["note"] == "See this"
    assert outcome["text"] == "Rule 3"
    assert after["code"] == "closed"
    assert "flag" not in ben_heard
    assert "case" not in ben_heard


async def test_a_hidden_message_is_absent_for_both_and_in_every_download(server: Parley) -> None:
    async with server.both() as (interview, ada, ben), server.desk() as mo:
        bad = (await ben.do("message:post", text="An insult"))["seq"]
        await ada.do("message:flag", message=bad, reason="offensive")
        where = {"interview": interview, "case": 1}
        await mo.do("case:claim", **where)
        await mo.do("case:decide", action="hide", **where)
        await ben.told("message:hidden")
        downloads = [
            await server.download(interview, seated.cookie, seat, kind)
            for seated, seat in ((ada, "client"), (ben, "freelancer"))
            for kind in ("json", "md")
        ]
        async with server.seat(interview, "freelancer", cookie=ben.cookie) as again:
            await again.snapshot()
            resumed = again.heard()

    assert all("An insult" not in text for text in (*downloads, resumed))


async def test_a_removed_person_is_cut_off_and_stays_out(server: Parley) -> None:
    async with server.both() as (interview, ada, ben), server.desk() as mo:
        bad = (await ben.do("message:post", text="An insult"))["seq"]
        await ada.do("message:flag", message=bad, reason="harassment")
        where = {"interview": interview, "case": 1}
        await mo.do("case:claim", **where)
        await mo.do("case:decide", action="remove", explanation="Nobody insults here.", **where)
        told = await ben.told("person:warned")
        bye = await ben.client.next("bye")
        await ben.client.closed()
        await ada.do("message:post", text="Only for Ada now")
        url = f"{server.address}/api/interviews/{interview}/freelancer/transcript.json"
        async with server.http.get(url, headers={"Cookie": ben.cookie}) as response:
            refused = await response.json()

    assert (bye["code"], refused["code"], response.status) == ("removed", "removed", 403)
    assert "Only for Ada now" not in ben.heard()
    assert (told["text"], told["event"]["action"]) == ("Nobody insults here.", "remove")
    assert "Nobody insults here." in bye["message"]


async def test_whoever_a_moderator_removed_while_they_were_away_reads_why(server: Parley) -> None:
    async with server.both() as (interview, ada, ben), server.desk() as mo:
        await ada.do("person:invite", role="client", name="Bo")
        seat = (await ada.told("person:invited"))["event"]["seat"]
        async with server.seat(interview, seat) as bo:
            bad = (await bo.do("message:post", text="An insult"))["seq"]
        await ben.do("message:flag", message=bad, reason="harassment")
        where = {"interview": interview, "case": 1}
        await mo.do("case:claim", **where)
        await mo.do("case:decide", action="remove", explanation="Nobody insults here.", **where)
        with pytest.raises(ConnectRefused) as refused:
            async with server.seat(interview, seat, cookie=bo.cookie):
                pass
        url = f"{server.address}/api/interviews/{interview}/{seat}/transcript.json"
        async with server.http.get(url, headers={"Cookie": bo.cookie}) as response:
            download = await response.json()

    assert (refused.value.code, refused.value.message) == (
        "removed",
        "A moderator removed you from this interview. Their words: “Nobody insults here.”",
    )
    assert download["message"] == refused.value.message


async def test_whoever_was_removed_before_they_ever_came_reads_by_whom_and_why(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, _):
        refusals = []
        for reason in ("Wrong room", ""):
            await ada.do("person:invite", role="client", name=f"Bo {reason}")
            seat = (await ada.told("person:invited"))["event"]["seat"]
            cookie = await server.cookie(interview, seat)
            await ada.do("person:remove", seat=seat, reason=reason)
            with pytest.raises(ConnectRefused) as refused:
                async with server.seat(interview, seat, cookie=cookie):
                    pass
            refusals.append(refused.value.message)

    assert refusals == [
        "Ada removed you from this interview. Their words: “Wrong room”",
        "Ada removed you from this interview.",
    ]


async def test_the_transcript_holds_the_record_and_its_chain_can_be_checked(
    server: Parley,
) -> None:
    from server.record.chain import START, next_hash

    async with server.both() as (interview, ada, _):
        await ada.do("message:post", text="Hello *there*")
        transcript = await server.download(interview, ada.cookie, "client")
        markdown = await server.download(interview, ada.cookie, "client", "md")

    head = START
    for line in (line for line in lines_of(transcript) if line["lane"] == "shared"):
        head = next_hash(head, line["event"].encode())
        assert line["hash"] == head.hex()
    assert "> Hello *there*" in markdown
    assert json.loads(transcript)["view"]["title"] == "Booking page"
