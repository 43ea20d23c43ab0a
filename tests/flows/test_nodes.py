"""Two servers on one store: any node serves any socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from server.interview.ephemera import Ephemera
from server.interview.whispers import Whispers, now_channel
from server.record.store import feed_channel
from server.storage import EmbeddedStore
from tests.support.nodes import nodes
from tests.support.parley import Json, Parley, Seated, command_id
from tests.support.sio import TIMEOUT_S
from tests.support.valkey import connected, eventually, kill_store, url_of

Two = tuple[Parley, Parley]


@pytest.fixture
async def two(tmp_path: Path, embedded: EmbeddedStore) -> AsyncIterator[Two]:
    """Give the test two servers on one store."""
    async with nodes(tmp_path, url_of(embedded)) as (one, other):
        yield one, other


@asynccontextmanager
async def apart(two: Two) -> AsyncIterator[tuple[str, Seated, Seated]]:
    """An open interview with Ada on one node and Ben on the other."""
    one, other = two
    interview = await one.create()
    async with AsyncExitStack() as stack:
        ada = await stack.enter_async_context(one.seat(interview, "client"))
        ben = await stack.enter_async_context(other.seat(interview, "freelancer"))
        await ben.do("invitation:accept")
        await ada.told("interview:opened")
        yield interview, ada, ben


def shared(seated: Seated) -> list[Json]:
    """All entries of the shared lane that somebody was told, in the order of arrival."""
    return [
        entry
        for name, message in seated.client.events
        if name == "entries"
        for entry in message["entries"]
        if entry["lane"] == "shared"
    ]


def lacking(seated: Seated, last: int) -> str:
    """What is wrong while somebody has not been told everything up to `last`."""
    have = shared(seated)[-1]["seq"]
    return "" if have == last else f"up to {have} of {last}"


async def test_what_is_written_on_both_nodes_at_once_has_one_order_for_all(two: Two) -> None:
    async with apart(two) as (_, ada, ben):
        texts = [f"{who} {number}" for number in range(50) for who in ("Ada", "Ben")]
        sent = [
            (ada if text.startswith("Ada") else ben).do("message:post", text=text) for text in texts
        ]
        acks = await asyncio.gather(*sent)
        last = max(ack["seq"] for ack in acks)
        for seated in (ada, ben):
            await eventually(partial(lacking, seated, last))

    first, second = shared(ada)[-100:], shared(ben)[-100:]
    assert first == second
    assert [entry["seq"] for entry in first] == list(range(last - 99, last + 1))
    assert sorted(entry["text"] for entry in first) == sorted(texts)
    assert {ack["seq"]: text for ack, text in zip(acks, texts, strict=True)} == {
        entry["seq"]: entry["text"] for entry in first
    }


async def test_a_command_repeated_on_the_other_node_gets_its_first_outcome(two: Two) -> None:
    _, other = two
    async with apart(two) as (interview, ada, ben):
        post = {"id": command_id(), "text": "Once only"}
        first = await ada.client.call("message:post", post)
        async with other.seat(interview, "client") as again:
            second = await again.client.call("message:post", post)
        await ben.do("message:post", text="After it")

        texts = [entry.get("text") for entry in shared(ben)]
        assert first["ok"]
        assert second == first
        assert texts.count("Once only") == 1


async def test_a_repeated_accept_on_the_other_node_is_no_refusal(two: Two) -> None:
    one, other = two
    interview = await one.create()
    accept = {"id": command_id()}
    async with (
        one.seat(interview, "freelancer") as ben,
        other.seat(interview, "freelancer") as ben2,
    ):
        first = await ben.client.call("invitation:accept", accept)
        await ben2.told("interview:opened")
        second = await ben2.client.call("invitation:accept", accept)

    assert second == first


async def test_whoever_comes_back_on_the_other_node_gets_exactly_what_they_missed(
    two: Two,
) -> None:
    one, _ = two
    async with apart(two) as (interview, ada, ben):
        cursor = {"shared": (await ada.do("message:post", text="Seen by Ben"))["seq"]}
        for number in range(20):
            await (ada if number % 2 else ben).do("message:post", text=f"missed {number}")
        async with one.seat(interview, "freelancer", cursor=cursor) as back:
            message = await back.client.next("entries")

    assert [entry["text"] for entry in message["entries"]] == [f"missed {n}" for n in range(20)]


async def test_removal_cuts_the_sockets_of_both_nodes_and_what_follows_reaches_none(
    two: Two,
) -> None:
    one, other = two
    async with (
        apart(two) as (interview, ada, ben),
        one.seat(interview, "freelancer") as second_tab,
        other.desk() as mo,
    ):
        bad = (await ben.do("message:post", text="An insult"))["seq"]
        await ada.told("message:posted")
        await ada.do("message:flag", message=bad, reason="harassment")
        where = {"interview": interview, "case": 1}
        await mo.do("case:claim", **where)
        await mo.do("case:decide", action="remove", **where)
        byes = [await seated.client.next("bye") for seated in (ben, second_tab)]
        await asyncio.gather(ben.client.closed(), second_tab.client.closed())
        await ada.do("message:post", text="Only for Ada now")
        refused = []
        for node in two:
            url = f"{node.address}/api/interviews/{interview}/freelancer/transcript.json"
            async with node.http.get(url, headers={"Cookie": ben.cookie}) as response:
                refused.append((response.status, (await response.json())["code"]))

    assert [bye["code"] for bye in byes] == ["removed", "removed"]
    assert refused == [(403, "removed")] * 2
    assert "Only for Ada now" not in ben.heard() + second_tab.heard()


def seen(seat: str, state: str) -> Callable[[Json], bool]:
    """Whether a `presence` message says that of somebody."""
    return lambda told: (told["seat"], told["state"]) == (seat, state)


async def test_presence_typing_and_marks_cross_the_nodes(two: Two) -> None:
    one, _ = two
    async with apart(two) as (interview, ada, ben):
        await ada.client.next("presence", seen("freelancer", "online"))
        await ben.client.next("presence", seen("client", "online"))
        await ada.client.emit("typing:set", {"typing": True})
        typing = await ben.client.next("typing")
        last = (await ben.do("message:post", text="Read me"))["seq"]
        await ada.told("message:posted")
        await ada.client.emit("mark:set", {"delivered": last, "read": last})
        marks = await ben.client.next("marks")
        async with one.seat(interview, "freelancer") as second_tab:
            snapshot = await second_tab.snapshot()

    assert (typing["seat"], typing["typing"]) == ("client", True)
    assert (marks["seat"], marks["mark"]) == ("client", {"delivered": last, "read": last})
    assert snapshot["presence"] == {"client": "online", "freelancer": "online"}


async def test_whoever_leaves_one_node_stays_online_while_another_node_has_them(two: Two) -> None:
    one, _ = two
    async with apart(two) as (interview, ada, ben):
        await ada.client.next("presence", seen("freelancer", "online"))
        async with one.seat(interview, "freelancer"):
            await ben.do("message:post", text="On both")
        ada.client.events.clear()
        await ben.do("message:post", text="Still there")
        await ada.told("message:posted")
        async with one.seat(interview, "client") as look:
            snapshot = await look.snapshot()
        unrest = [told for name, told in ada.client.events if name == "presence"]

    assert snapshot["presence"]["freelancer"] == "online"
    assert unrest == []


async def test_whoever_leaves_their_only_node_is_away_for_all(two: Two) -> None:
    _, other = two
    async with apart(two) as (interview, ada, ben):
        await ada.client.next("presence", lambda m: m["seat"] == "freelancer")
        await ben.client.ws.close()
        gone = await ada.client.next("presence", lambda m: m["seat"] == "freelancer")
        async with other.seat(interview, "freelancer"):
            back = await ada.client.next("presence", lambda m: m["seat"] == "freelancer")

    assert (gone["state"], back["state"]) == ("away", "online")


async def test_a_flag_on_one_node_reaches_the_desk_on_the_other(two: Two) -> None:
    one, other = two
    interview = await one.create()
    async with (
        other.desk() as mo,
        one.desk("Luz") as luz,
        one.seat(interview, "client") as ada,
        one.seat(interview, "freelancer") as ben,
    ):
        await ben.do("invitation:accept")
        bad = (await ben.do("message:post", text="Pay me outside"))["seq"]
        await ada.do("message:flag", message=bad, reason="payment_outside")
        for desk in (mo, luz):
            told = await desk.client.next("desk:case")
            assert told["summary"]["interview"] == interview
        await mo.do("case:claim", interview=interview, case=1)
        claimed = await luz.client.next("desk:case", lambda m: m["summary"]["claimedBy"] != "")
        late = await luz.attempt("case:claim", interview=interview, case=1)

    assert claimed["summary"]["claimedBy"] == "moderator:Mo"
    assert late["code"] == "case_taken"


async def test_after_the_store_was_gone_both_nodes_hear_each_other_again(
    two: Two, embedded: EmbeddedStore
) -> None:
    async with apart(two) as (_, ada, ben):
        kill_store(embedded)
        post = {"id": command_id(), "text": "Through the outage"}
        while not (await ada.client.call("message:post", post))["ok"]:
            await two[0].base.store.until_healthy()
        told = await ben.told("message:posted")
        await ben.do("message:post", text="And back")
        back = await ada.client.next(
            "entries", lambda m: m["entries"][-1].get("text") == "And back"
        )

    assert told["text"] == "Through the outage"
    assert back["entries"][-1]["seq"] == told["seq"] + 1


async def test_only_nodes_that_serve_an_interview_hear_of_it(two: Two) -> None:
    one, _ = two
    interview = await one.create()
    async with one.seat(interview, "client") as ada:
        await ada.snapshot()
        feed = await one.base.store.call("PUBSUB", "SHARDNUMSUB", feed_channel(interview))
    async with apart(two) as (shared_by_both, _, _):
        both = await one.base.store.call("PUBSUB", "SHARDNUMSUB", feed_channel(shared_by_both))

    assert feed == [feed_channel(interview).encode(), 1]
    assert both == [feed_channel(shared_by_both).encode(), 2]


async def test_a_node_that_somebody_left_before_it_listened_does_not_listen(two: Two) -> None:
    one, _ = two
    assert one.base.bus is not None
    ephemera = Ephemera(one.base.clock, lambda *_: None, lambda *_: None)
    whispers = Whispers(one.base.bus, "left-at-once", ephemera, lambda _: None)

    whispers.close()
    await whispers.begin()
    channel = now_channel("left-at-once")
    listeners = await one.base.store.call("PUBSUB", "SHARDNUMSUB", channel)

    assert listeners == [channel.encode(), 0]


async def test_a_server_with_its_own_store_publishes_and_hears_nothing(server: Parley) -> None:
    async with server.both() as (_, ada, ben):
        await ada.do("message:post", text="Alone")
        await ben.told("message:posted")
        channels = await server.base.store.call("PUBSUB", "SHARDCHANNELS")

    assert server.base.bus is None
    assert channels == []


async def test_a_node_that_may_not_hear_the_others_says_that_it_is_not_ready(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    async with connected(url_of(embedded)) as store:
        allowed = ("~*", "+@all", "resetchannels")
        await store.call("ACL", "SETUSER", "node", "on", ">secret", *allowed)
    url = url_of(embedded).replace("unix://", "unix://node:secret@")
    async with nodes(tmp_path, url, 1) as (deaf,), asyncio.timeout(TIMEOUT_S):
        said: Json = {"status": "ready"}
        while said["status"] == "ready":  # as it is between two attempts
            async with deaf.http.get(f"{deaf.address}/readyz") as response:
                said = await response.json()

    assert "lets us hear nothing" in said["why"]
