"""Nodes that end, by surprise or in order, a real cluster below them, and a replica behind."""

import asyncio
import itertools
import signal
from pathlib import Path

from server.storage import EmbeddedStore
from tests.support.nodes import nodes, server_process
from tests.support.parley import Json, Parley, command_id
from tests.support.sio import TIMEOUT_S, Disconnected
from tests.support.valkey import (
    cluster,
    kill_store,
    replicated,
    url_of,
)

MESSAGES = 150  # fewer than one socket may send at once


def at(node: Parley, address: str) -> Parley:
    """The same installation, reached at another node's address."""
    return Parley(node.base, address, node.http)


def texts(message: Json) -> list[str]:
    return [entry["text"] for entry in message["entries"]]


async def test_whoever_was_on_a_killed_node_goes_on_elsewhere_without_a_gap(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    async with (
        nodes(tmp_path, url_of(embedded), 1) as (one,),
        server_process(tmp_path / "victim", url_of(embedded)) as victim,
    ):
        interview = await one.create()
        async with (
            one.seat(interview, "client") as ada,
            at(one, victim.address).seat(interview, "freelancer") as ben,
        ):
            await ben.do("invitation:accept")
            await ada.told("interview:opened")
            cursor = {"shared": (await ben.do("message:post", text="Kept"))["seq"]}
            lost = {"id": command_id(), "text": "Did it arrive?"}
            asked = await ben.client.ask("message:post", lost)
            victim.kill()
            await ada.do("message:post", text="While Ben is away")
            await ben.client.closed()
            assert asked.done()
            async with one.seat(interview, "freelancer", cursor=cursor, cookie=ben.cookie) as back:
                missed = await back.client.next("entries")
                again = await back.client.call("message:post", lost)
                snapshots = [name for name, _ in back.client.events if name == "snapshot"]
            async with one.seat(interview, "client") as look:
                thread = (await look.snapshot())["view"]["thread"]

    said = [item["versions"][-1]["text"] for item in thread if item["kind"] == "message"]
    assert again["ok"]
    assert snapshots == []
    assert "While Ben is away" in texts(missed)
    assert missed["entries"][0]["seq"] == cursor["shared"] + 1
    assert sorted(said) == ["Did it arrive?", "Kept", "While Ben is away"]


async def test_a_rolling_restart_under_load_loses_and_doubles_nothing(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    async with (
        nodes(tmp_path, url_of(embedded), 1) as (one,),
        server_process(tmp_path / "old", url_of(embedded)) as old,
        server_process(tmp_path / "new", url_of(embedded)) as new,
    ):
        interview = await one.create(format="text")
        cookie = await one.cookie(interview, "freelancer")
        addresses = iter([old.address, new.address])
        acked: list[str] = []

        async def talk() -> None:
            """Ben writes without a pause, and moves when his node says good-bye."""
            waiting: list[str] = []
            numbers = itertools.count()
            for address in addresses:
                async with at(one, address).seat(interview, "freelancer", cookie=cookie) as ben:
                    try:
                        while len(acked) < MESSAGES:
                            if not waiting:
                                waiting.append(f"message-{next(numbers):05d}")
                            post = {"id": waiting[0], "text": waiting[0]}
                            if (await ben.client.call("message:post", post))["ok"]:
                                acked.append(waiting.pop())
                            if len(acked) == MESSAGES // 3:
                                old.terminate()
                    except Disconnected:
                        continue

        async with one.seat(interview, "client") as ada:
            async with one.seat(interview, "freelancer") as ben:
                await ben.do("invitation:accept")
            await talk()
            status = await old.ended()
            told: list[Json] = []
            while (
                len([entry for entry in told if entry["event"]["type"] == "message:posted"])
                < MESSAGES
            ):
                told += (await ada.client.next("entries"))["entries"]

    posted = [entry["text"] for entry in told if entry["event"]["type"] == "message:posted"]
    assert status == 0
    assert posted == acked
    assert [entry["seq"] for entry in told] == list(range(2, len(told) + 2))


async def test_a_node_ends_in_time_although_its_store_does_not_answer(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    async with (
        nodes(tmp_path, url_of(embedded), 1) as (one,),
        server_process(tmp_path / "leaving", url_of(embedded)) as leaving,
    ):
        interview = await one.create()
        async with at(one, leaving.address).seat(interview, "freelancer") as ben:
            await ben.do("invitation:accept")
            kill_store(embedded, signal.SIGSTOP)
            await ben.client.emit("message:post", {"id": command_id(), "text": "Will it be kept?"})
            leaving.terminate()
            await ben.client.closed()
            status = await leaving.ended()
            kill_store(embedded, signal.SIGCONT)

    assert status == 0


async def test_an_interview_lives_on_two_nodes_of_a_real_cluster(tmp_path: Path) -> None:
    async with (
        cluster() as url,
        nodes(tmp_path, url) as (one, other),
    ):
        interview = await one.create()
        async with (
            one.seat(interview, "client") as ada,
            other.seat(interview, "freelancer") as ben,
            other.desk() as mo,
        ):
            await ben.do("invitation:accept")
            await ada.told("interview:opened")
            await ada.client.next("presence", lambda told: told["seat"] == "freelancer")
            bad = (await ben.do("message:post", text="Pay me outside"))["seq"]
            heard = await ada.told("message:posted")
            await ada.do("message:flag", message=bad, reason="payment_outside")
            case = await mo.client.next("desk:case")
            await ada.do("call:ring", media="audio")
            await ben.do("call:accept")
            offers = await asyncio.gather(
                *(s.client.call("call:offer", {"generation": 1, "sdp": "?"}) for s in (ada, ben))
            )

    assert heard["text"] == "Pay me outside"
    assert case["summary"]["interview"] == interview
    assert [answer["code"] for answer in offers] == ["invalid_sdp"] * 2


async def test_without_its_replica_nothing_is_acknowledged_or_told_on_any_node(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    async with (
        replicated(embedded) as replica,
        nodes(tmp_path, url_of(embedded), redis_replicas=1) as (one, other),
    ):
        interview = await one.create()
        async with (
            one.seat(interview, "client") as ada,
            other.seat(interview, "freelancer") as ben,
        ):
            await ben.do("invitation:accept")
            await ada.told("interview:opened")
            kill_store(replica, signal.SIGSTOP)
            post = {"id": command_id(), "text": "Copied or not?"}
            refused = await ada.client.call("message:post", post)
            untold = "Copied or not?" not in ben.heard() + ada.heard()
            kill_store(replica, signal.SIGCONT)
            acked: Json = {"ok": False}
            async with asyncio.timeout(TIMEOUT_S):
                while not acked["ok"]:
                    acked = await ada.client.call("message:post", post)
            told = await ben.told("message:posted")

    assert refused["code"] == "store_down"
    assert untold
    assert (told["text"], told["seq"]) == ("Copied or not?", acked["seq"])
