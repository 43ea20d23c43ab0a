"""Outages told in words: the store gone, hanging, or full; and stopping in good order."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from server import protocol as p
from server.errors import Code, Refusal
from server.identity.links import Place
from server.interview.state import Actor
from server.storage import EmbeddedStore, Reply
from tests.support.crash import running, server_process
from tests.support.parley import OPERATOR_KEY, Json, Parley, Seated, command_id, parley, refusal_in
from tests.support.person import Person
from tests.support.sio import ConnectRefused
from tests.support.valkey import eventually, kill_store, url_of

AT_ONCE = 64
"""Commands in a row. If each waited for a store that hangs (5 s), they would outlast the test."""
MARGIN = 128 << 20
"""Bytes that others may write to a disk while a test fills it, where it is theirs, too."""


@pytest.fixture
async def server(tmp_path: Path, embedded: EmbeddedStore) -> AsyncIterator[Parley]:
    """A server on a store that the test can take away."""
    async with parley(
        tmp_path, redis_url=url_of(embedded), operator_key=OPERATOR_KEY
    ) as running_server:
        yield running_server


def post(text: str) -> Json:
    return {"id": command_id(), "text": text}


async def answered_at_once(seated: Seated, command: Json) -> Json:
    """The last answer to a message that is sent again and again."""
    answers = [await seated.client.call("message:post", command) for _ in range(AT_ONCE)]
    return answers[-1]


async def get(server: Parley, path: str, cookie: str = "") -> tuple[int, Json]:
    async with server.http.get(server.address + path, headers={"Cookie": cookie}) as response:
        return response.status, await response.json()


async def save_again(server: Parley, interview: str, cookie: str, command: Json) -> None:
    """Sends a refused command until it is saved."""

    async def reachable() -> str:
        return server.address

    async with Person("Ada", interview, "client", cookie, reachable) as person:
        await person.give("message:post", command)


async def texts_of(server: Parley, interview: str, cookie: str) -> list[str]:
    async with server.seat(interview, "client", cookie=cookie) as reader:
        thread = (await reader.snapshot())["view"]["thread"]
    return [item["versions"][0]["text"] for item in thread if item["kind"] == "message"]


async def test_without_a_store_commands_are_refused_at_once_and_the_rest_goes_on(
    server: Parley, embedded: EmbeddedStore
) -> None:
    async with server.both() as (interview, ada, ben):
        last = await ada.do("message:post", text="Before")
        await embedded.stop()

        command = post("Meanwhile")
        refused = await answered_at_once(ada, command)
        synced = await ben.client.call("record:sync", {"cursor": {"shared": last["seq"]}})
        whole = await ben.client.call("record:sync", {})
        await ben.client.emit("typing:set", {"typing": True})
        typing = await ada.client.next("typing")
        health = await get(server, "/healthz")
        readiness = await get(server, "/readyz")

        await embedded.start()
        await save_again(server, interview, ada.cookie, command)
        told = [(await ben.told("message:posted"))["text"] for _ in range(2)]
        ready = await get(server, "/readyz")

    assert refusal_in(refused) == "store_down"
    assert synced["ok"]
    assert refusal_in(whole) == "store_down"
    assert typing["typing"] is True
    assert health[0] == 200
    assert readiness[0] == 503
    assert readiness[1]["why"].endswith(".")
    assert told == ["Before", "Meanwhile"]
    assert ready[0] == 200


async def test_without_a_store_whoever_comes_is_told_why_and_nothing_is_used_up(
    server: Parley, embedded: EmbeddedStore
) -> None:
    interview = await server.create()
    cookie = await server.cookie(interview, "client")
    actor = Actor(person="client", role=p.Role.CLIENT)
    token = await server.base.links.make(Place(actor=actor, interview=interview))
    await embedded.stop()
    sessions, creation = f"{server.address}/api/sessions", f"{server.address}/api/interviews"
    key = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    new = {"title": "Booking page", "format": "text"}

    with pytest.raises(ConnectRefused) as connect:
        async with server.seat(interview, "client", cookie=cookie):
            pass
    path = f"/api/interviews/{interview}/client/transcript.json"
    transcript = await get(server, path, cookie)
    async with server.http.post(sessions, json={"token": token}) as redeemed:
        redeem = redeemed.status, await redeemed.json()
    async with server.http.post(creation, json=new, headers=key) as created:
        create = created.status, await created.json()
    await embedded.start()
    await server.base.store.until_healthy()
    async with server.http.post(sessions, json={"token": token}) as redeemed:
        afterwards = redeemed.status

    assert connect.value.code == "store_down"
    for status, answer in (transcript, redeem, create):
        assert (status, refusal_in(answer)) == (503, "store_down")
    assert afterwards == 201


async def test_without_a_store_whoever_tries_again_at_once_is_answered_too(
    server: Parley, embedded: EmbeddedStore
) -> None:
    interview = await server.create()
    server.base.interviews.live()[0].stale()
    await embedded.stop()
    accept = p.AcceptInvitation(id=command_id())
    ben = Actor(person="freelancer", role=p.Role.FREELANCER)

    codes = []
    for _ in range(3):
        with pytest.raises(Refusal) as refusal:
            async with asyncio.timeout(5):
                await server.base.interviews.carry_out(interview, ben, accept)
        codes.append(refusal.value.code)

    assert codes == [Code.STORE_DOWN] * 3


async def test_a_store_that_hangs_is_given_up_on_and_what_it_kept_unheard_is_told_once(
    server: Parley, embedded: EmbeddedStore
) -> None:
    async with server.both() as (interview, ada, ben):
        await ada.do("message:post", text="Before")
        await ben.told("message:posted")
        kill_store(embedded, signal.SIGSTOP)

        commands = [post("Meanwhile"), post("And again")]
        first = await ada.client.call("message:post", commands[0])
        second = await answered_at_once(ada, commands[1])
        health = await get(server, "/healthz")
        readiness = await get(server, "/readyz")

        kill_store(embedded, signal.SIGCONT)
        # It lay in the store's socket all the while, though nobody could know.
        told = await ben.told("message:posted")
        for one in commands:
            await save_again(server, interview, ada.cookie, one)

    assert [refusal_in(first), refusal_in(second)] == ["store_down"] * 2
    assert (health[0], readiness[0]) == (200, 503)
    assert told["text"] == "Meanwhile"
    assert await texts_of(server, interview, ada.cookie) == ["Before", "Meanwhile", "And again"]


# ---------------------------------------------------------------- a full disk


@contextmanager
def mounted(disk: Path, size: str) -> Iterator[Path]:
    """A file system of its own."""
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give the test a file system to fill to the last byte."""
    with mounted(tmp_path / "disk", "64m") as disk:
        yield disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give the test a file system to which nobody else writes, where one may be made."""
    if os.geteuid() != 0:
        yield tmp_path
        return
    with mounted(tmp_path / "disk", f"{4 * MARGIN}") as disk:
        yield disk


async def test_a_full_disk_refuses_what_would_be_written_and_recovers(disk: Path) -> None:
    floor = (shutil.disk_usage(disk).free - MARGIN) >> 20
    async with (
        parley(disk / "data", disk_floor_mb=floor, operator_key=OPERATOR_KEY) as server,
        server.both() as (interview, ada, ben),
    ):
        seen = (await ada.do("message:post", text="Before"))["seq"]
        actor = Actor(person="client", role=p.Role.CLIENT)
        token = await server.base.links.make(Place(actor=actor, interview=interview))
        kept = await everything(server)
        with (disk / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, 2 * MARGIN)
        await eventually(lambda: "there is room" if server.base.store.writable else "")

        command = post("Meanwhile")
        refusals = [
            await answered_at_once(ada, command),
            await ben.attempt("message:flag", message=seen, reason="scam"),
        ]
        redeem = await try_to_enter(server, token)
        create = await try_to_create(server)
        await ben.client.emit("mark:set", {"delivered": seen, "read": seen})
        marks = await ada.client.next("marks")
        readiness = await get(server, "/readyz")
        transcript = await server.download(interview, ada.cookie, "client")
        read = await texts_of(server, interview, ada.cookie)
        meanwhile = await everything(server)

        (disk / "ballast").unlink()
        await save_again(server, interview, ada.cookie, command)
        entered = await try_to_enter(server, token)

    assert [refusal_in(answer) for answer in refusals] == ["store_full"] * 2
    assert (redeem[0], refusal_in(redeem[1])) == (507, "store_full")
    assert (create[0], refusal_in(create[1])) == (507, "store_full")
    assert marks["mark"]["read"] == seen
    assert readiness[0] == 503
    assert "disk" in readiness[1]["why"]
    assert "Before" in transcript
    assert read == ["Before"]
    assert meanwhile == kept
    assert entered[0] == 201


def fill_up(disk: Path) -> Path:
    """Leaves no byte free; returns what takes the room."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1 << 16)):
            pass
    assert shutil.disk_usage(disk).free == 0
    return ballast


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a file system")
async def test_a_disk_without_one_free_byte_costs_nothing_that_was_acknowledged(
    small_disk: Path,
) -> None:
    async with (
        parley(small_disk / "data", disk_floor_mb=8) as server,
        server.both() as (interview, ada, ben),
    ):
        kept = [(await ada.do("message:post", text=f"Before {n}"))["seq"] for n in range(5)]
        ballast = fill_up(small_disk)

        # Before the server has looked: the store finds out first, and ends itself.
        at_once = [await ada.attempt("message:post", text="x" * 4000) for _ in range(3)]
        await eventually(lambda: "there is room" if server.base.store.writable else "")
        await server.base.store.until_healthy()
        command = post("Meanwhile")
        await eventually_refused(ada, "store_full", command)
        flagged = await ben.attempt("message:flag", message=kept[0], reason="scam")
        read = await texts_of(server, interview, ada.cookie)

        ballast.unlink()
        await save_again(server, interview, ada.cookie, command)
        again = await texts_of(server, interview, ada.cookie)

    acked = [f"Before {n}" for n in range(5)] + ["x" * 4000 for one in at_once if one["ok"]]
    refused = {refusal_in(one) for one in at_once if not one["ok"]}
    assert refused <= {"store_down", "store_full"}
    assert refused
    assert refusal_in(flagged) == "store_full"
    assert read[: len(acked)] == acked
    assert again == [*read, "Meanwhile"]


async def eventually_refused(seated: Seated, code: str, command: Json) -> None:
    """Sends a command until it is refused so."""
    async with asyncio.timeout(5):
        while (answer := await seated.client.call("message:post", command))["code"] != code:
            assert answer["code"] == "store_down", answer


async def everything(server: Parley) -> dict[bytes, Reply]:
    """All keys of the store with their serialised values."""
    store = server.base.store
    keys = await store.call("KEYS", "*")
    assert isinstance(keys, list)
    return {key: await store.call("DUMP", key) for key in keys if isinstance(key, bytes)}


async def try_to_enter(server: Parley, token: str) -> tuple[int, Json]:
    async with server.http.post(
        f"{server.address}/api/sessions", json={"token": token}
    ) as response:
        return response.status, await response.json()


async def try_to_create(server: Parley) -> tuple[int, Json]:
    async with server.http.post(
        f"{server.address}/api/interviews",
        json={"title": "Booking page", "format": "text"},
        headers={"Authorization": f"Bearer {OPERATOR_KEY}"},
    ) as response:
        return response.status, await response.json()


async def test_a_floor_above_the_whole_disk_leaves_a_server_that_reads(tmp_path: Path) -> None:
    async with parley(tmp_path) as server, server.both() as (interview, ada, _):
        await ada.do("message:post", text="Before")
        cookie = ada.cookie

    async with parley(tmp_path, disk_floor_mb=1 << 40) as full:
        read = await texts_of(full, interview, cookie)
        async with full.seat(interview, "client", cookie=cookie) as back:
            refused = await back.attempt("message:post", text="Meanwhile")

    assert read == ["Before"]
    assert refusal_in(refused) == "store_full"


# ---------------------------------------------------------------- stopping


async def test_sigterm_tells_everybody_good_bye_and_ends_store_and_server(
    tmp_path: Path,
) -> None:
    async with server_process(tmp_path) as server:
        ((interview, cookies),) = await server.enter(1)
        async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
            await ada.write("Before")
            client = await ada.connected()
            store = server.store_pid

            status = await server.terminate(within=10)

            code = await client.closed()
            last, bye = client.events[-1]

    assert status == 0
    assert code == 1000
    assert (last, bye["code"]) == ("bye", "restarting")
    assert bye["message"].endswith(".")
    assert not client.disconnected  # or a client would not come back by itself
    await eventually(lambda: f"store {store} runs" if running(store) else "")


async def test_sigterm_ends_the_server_although_its_store_hangs(tmp_path: Path) -> None:
    async with server_process(tmp_path) as server:
        ((interview, cookies),) = await server.enter(1)
        async with Person("Ada", interview, "client", cookies["client"], server.reachable) as ada:
            await ada.write("Before")
            client = await ada.connected()
            store = server.store_pid
            os.kill(store, signal.SIGSTOP)
            waiting = await client.ask("message:post", post("Meanwhile"))

            status = await server.terminate(within=25)

            await client.closed()
            waiting.exception()
            last, bye = client.events[-1]

    assert status == 0
    assert (last, bye["code"]) == ("bye", "restarting")
    await eventually(lambda: f"store {store} runs" if running(store) else "")
