"""The network check's way in: sound goes there and comes back, and nothing is left behind."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamTrack
from typing_extensions import override

from server.app import secret_of
from server.calls.media import media_of
from server.calls.network import (
    MOST_LOOPS,
    MOST_LOOPS_OF_AN_ADDRESS,
    MOST_WAYS,
    RELAY_NAMES,
    TICKET_S,
    NetworkCheck,
)
from server.calls.turn import Relay
from server.clock import Clock
from server.rest_doctors import PER_ADDRESS
from tests.support.coturn import SECRET
from tests.support.parley import OPERATOR_KEY, Json, Parley, parley, refusal_in
from tests.support.sio import TIMEOUT_S

FORWARDED = "X-Forwarded-For"
URL = "turn:127.0.0.1:3478?transport=udp"


async def post(server: Parley, path: str, body: Json, **headers: str) -> tuple[int, Json]:
    async with server.http.post(server.address + path, json=body, headers=headers) as response:
        return response.status, await response.json()


async def ticket(server: Parley) -> str:
    status, visit = await post(server, "/api/network", {})
    assert status == 200, visit
    return str(visit["ticket"])


async def people(server: Parley) -> int:
    """How many the engine carries, by the operator's metrics."""
    key = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    async with server.http.get(f"{server.address}/metrics", headers=key) as response:
        found = re.search(r"^parley_media_peers (\S+)", await response.text(), re.MULTILINE)
    assert found is not None
    return round(float(found[1]))


async def nobody_is_left(server: Parley) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while True:
            if await people(server) == 0:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def ends() -> AsyncIterator[tuple[RTCPeerConnection, RTCPeerConnection]]:
    """A browser's two connections: one that sends sound, and one that receives it."""
    there, back = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    there.addTransceiver(AudioStreamTrack(), direction="sendonly")
    back.addTransceiver("audio", direction="recvonly")
    for end in (there, back):
        await end.setLocalDescription(await end.createOffer())
    try:
        yield there, back
    finally:
        await there.close()
        await back.close()


def asked(given: str, ends: tuple[RTCPeerConnection, RTCPeerConnection]) -> Json:
    there, back = (end.localDescription.sdp for end in ends)
    return {"ticket": given, "there": there, "back": back}


async def test_what_goes_there_comes_back_and_closing_leaves_nobody(server: Parley) -> None:
    async with ends() as (there, back):
        came: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        back.on("track", came.set_result)
        status, told = await post(
            server, "/api/network/loop", asked(await ticket(server), (there, back))
        )
        assert status == 200, told
        for end, name in ((there, "there"), (back, "back")):
            await end.setRemoteDescription(RTCSessionDescription(sdp=told[name], type="answer"))
        async with asyncio.timeout(TIMEOUT_S):
            track = await came
            await track.recv()
        assert await people(server) == 2

    await nobody_is_left(server)


async def test_a_loop_that_nobody_comes_to_is_not_left_behind(
    server: Parley, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.calls.network.LOOP_S", 0.2)
    async with ends() as both:
        status, _ = await post(server, "/api/network/loop", asked(await ticket(server), both))
        assert status == 200

        await nobody_is_left(server)


async def test_an_offer_that_is_none_is_refused_and_leaves_nobody(server: Parley) -> None:
    async with ends() as both:
        good = asked(await ticket(server), both)
        status, refused = await post(server, "/api/network/loop", {**good, "back": "v=0"})

    assert (status, refusal_in(refused)) == (409, "invalid_sdp")
    assert await people(server) == 0


@pytest.mark.parametrize("given", ["", "a.b.c", "00.9999999999.00", "ü.1.2", "x" * 200])
async def test_a_ticket_that_is_not_ours_opens_nothing(server: Parley, given: str) -> None:
    status, refused = await post(
        server, "/api/network/loop", {"ticket": given, "there": "v=0", "back": "v=0"}
    )

    assert (status, refusal_in(refused)) == (403, "not_allowed")


async def test_a_ticket_is_good_for_two_minutes(server: Parley) -> None:
    class LongAgo(Clock):
        @override
        def now_ms(self) -> int:
            return super().now_ms() - (TICKET_S + 1) * 1000

    media, _ = media_of(server.base.config, lambda _event: None)
    earlier = NetworkCheck(media, Relay(), secret_of(server.base.config), LongAgo())

    status, refused = await post(
        server,
        "/api/network/loop",
        {"ticket": earlier.admit("192.0.2.1").ticket, "there": "v=0", "back": "v=0"},
    )

    assert (status, refusal_in(refused)) == (403, "not_allowed")


async def test_a_ticket_is_good_for_a_few_ways_only(server: Parley) -> None:
    good = await ticket(server)
    body = {"ticket": good, "there": "v=0", "back": "v=0"}

    codes = [
        refusal_in((await post(server, "/api/network/loop", body))[1]) for _ in range(MOST_WAYS + 1)
    ]

    assert codes == ["invalid_sdp"] * MOST_WAYS + ["not_allowed"]


async def test_so_many_loops_go_on_at_once_and_one_address_has_a_part_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.calls.network.LOOP_S", 600.0)
    async with (
        parley(tmp_path, trusted_proxies=("127.0.0.1",), operator_key=OPERATOR_KEY) as server,
        ends() as both,
    ):
        tickets = [await ticket(server) for _ in range(MOST_LOOPS // MOST_WAYS + 1)]
        ways = iter([asked(given, both) for given in tickets for _ in range(MOST_WAYS)])

        async def loop(address: str) -> str:
            told = (await post(server, "/api/network/loop", next(ways), **{FORWARDED: address}))[1]
            return "ok" if "there" in told else refusal_in(told)

        greedy = [await loop("192.0.2.1") for _ in range(MOST_LOOPS_OF_AN_ADDRESS + 1)]
        left = MOST_LOOPS - MOST_LOOPS_OF_AN_ADDRESS
        others = [await loop(f"192.0.2.{2 + n % 4}") for n in range(left + 1)]
        carried = await people(server)

    assert greedy == ["ok"] * MOST_LOOPS_OF_AN_ADDRESS + ["calls_full"]
    assert others == ["ok"] * left + ["calls_full"]
    assert carried == 2 * MOST_LOOPS


async def test_what_listens_for_the_sound_sends_nothing(server: Parley) -> None:
    async with ends() as (there, back):
        back.addTransceiver("video", direction="sendrecv")
        await back.setLocalDescription(await back.createOffer())
        _, told = await post(
            server, "/api/network/loop", asked(await ticket(server), (there, back))
        )

    assert re.findall(r"a=(sendrecv|recvonly|sendonly|inactive)", told["back"]) == ["sendonly"] * 2


async def test_an_address_may_begin_so_many_checks(server: Parley) -> None:
    answers = [await post(server, "/api/network", {})]
    while answers[-1][0] == 200:
        answers.append(await post(server, "/api/network", {}))

    assert len(answers) > PER_ADDRESS.burst
    assert answers[-1][0] == 429
    assert answers[-1][1]["retryAfterMs"] > 0


async def test_another_sites_page_begins_none(server: Parley) -> None:
    status, refused = await post(server, "/api/network", {}, Origin="https://evil.example")

    assert (status, refusal_in(refused)) == (403, "foreign_origin")


async def test_a_visitor_gets_the_relays_for_the_time_of_the_check(tmp_path: Path) -> None:
    async with parley(tmp_path, turn_urls=(URL,), turn_secret=SECRET) as server:
        before = server.base.clock.now_ms() // 1000
        _, visit = await post(server, "/api/network", {})
        after = server.base.clock.now_ms() // 1000

    (relay,) = visit["iceServers"]
    expiry, _, whose = relay["username"].partition(":")
    assert relay["urls"] == [URL]
    assert before + TICKET_S <= int(expiry) <= after + TICKET_S + 1
    assert whose.startswith("network.")


async def test_the_relays_bound_what_one_address_takes_of_them(tmp_path: Path) -> None:
    async def names(address: str) -> set[str]:
        visits = [
            (await post(server, "/api/network", {}, **{FORWARDED: address}))[1]
            for _ in range(PER_ADDRESS.burst)
        ]
        return {visit["iceServers"][0]["username"].partition(":")[2] for visit in visits}

    async with parley(
        tmp_path, turn_urls=(URL,), turn_secret=SECRET, trusted_proxies=("127.0.0.1",)
    ) as server:
        one, other = await names("192.0.2.1"), await names("192.0.2.2")

    # coturn counts allocations (`user-quota`) by what follows the time in a name.
    assert len(one) == len(other) == RELAY_NAMES
    assert not one & other
    assert not any("192.0.2" in name for name in one)
