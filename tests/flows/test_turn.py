"""The relay: media through the real coturn, and what it refuses to everybody else."""

import asyncio
import json
import os
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from aioice import stun
from aioice.turn import TurnClientUdpProtocol, TurnTransport, create_turn_endpoint
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy
from typing_extensions import override

from server.calls.turn import LIFETIME_S, Relay
from server.storage import EmbeddedStore
from tests.support.caller import calling
from tests.support.coturn import SECRET, Coturn, coturn
from tests.support.nodes import server_process
from tests.support.parley import Json, Parley, Seated, parley
from tests.support.ports import HOST
from tests.support.sio import TIMEOUT_S
from tests.support.valkey import url_of

INTERVIEW = "aaaaaaaaaaaaaaaa"


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Coturn]:
    async with coturn(tmp_path) as running:
        yield running


@pytest.fixture
async def server(relay: Coturn, tmp_path: Path) -> AsyncIterator[Parley]:
    """A server whose calls may also come through the relay."""
    urls = (relay.udp_url, relay.tcp_url)
    async with parley(tmp_path / "data", turn_urls=urls, turn_secret=SECRET) as running:
        yield running


class Silent(asyncio.DatagramProtocol):
    """A client that only wants to know whether it is let in."""

    def __init__(self) -> None:
        self.refused: asyncio.Queue[Exception] = asyncio.Queue(8)
        self.ended = asyncio.Event()

    @override
    def error_received(self, exc: Exception) -> None:
        self.refused.put_nowait(exc)

    @override
    def connection_lost(self, _: Exception | None) -> None:
        self.ended.set()


def credential(*, now: float | None = None, secret: str = SECRET) -> tuple[str, str]:
    """A name and a password as the server makes them."""
    instant = time.time() if now is None else now
    (made,) = Relay(("turn:unused",), secret).servers(INTERVIEW, "client", round(instant * 1000))
    return made.username, made.credential


@asynccontextmanager
async def allocated(
    relay: Coturn, name: str, password: str, transport: str = "udp"
) -> AsyncIterator[tuple[TurnTransport, Silent]]:
    """A place on the relay, given back in the end."""
    opened, client = await create_turn_endpoint(
        Silent, (HOST, relay.port), name, password, transport=transport
    )
    try:
        yield opened, client
    finally:
        opened.close()
        await asyncio.wait_for(client.ended.wait(), TIMEOUT_S)


async def in_a_call(ada: Seated, ben: Seated) -> None:
    await ada.do("call:ring", media="audio")
    await ben.told("call:rang")
    await ben.do("call:accept")
    await ada.told("call:accepted")


async def servers_for(seated: Seated) -> list[Json]:
    answer = await seated.client.call("call:servers", {})
    assert answer["ok"] is True, answer
    servers: list[Json] = answer["iceServers"]
    return servers


def relayed_only(servers: list[Json], scheme: str) -> RTCConfiguration:
    """What a browser whose network lets nothing through but one way to the relay would use."""
    (server,) = servers
    url = next(url for url in server["urls"] if scheme in url)
    ice = RTCIceServer(urls=url, username=server["username"], credential=server["credential"])
    return RTCConfiguration(iceServers=[ice], iceTransportPolicy=RTCIceTransportPolicy.RELAY)


@pytest.mark.parametrize("way", ["transport=udp", "transport=tcp"])
async def test_two_people_hear_each_other_through_nothing_but_the_relay(
    server: Parley, way: str
) -> None:
    async with server.both() as (_, ada, ben):
        await in_a_call(ada, ben)
        for_ada, for_ben = await servers_for(ada), await servers_for(ben)
        async with (
            calling(ada, relayed_only(for_ada, way)) as ada_calls,
            calling(ben, relayed_only(for_ben, way)) as ben_calls,
        ):
            await asyncio.gather(ada_calls.connect(), ben_calls.connect())
            async with asyncio.timeout(TIMEOUT_S):
                await asyncio.gather(ada_calls.heard.wait(), ben_calls.heard.wait())
            offered = ada_calls.pc.localDescription.sdp + ben_calls.pc.localDescription.sdp

    assert set(re.findall(r"^a=candidate:.* typ (\w+)", offered, re.MULTILINE)) == {"relay"}


async def test_the_credential_is_this_persons_in_this_interview_for_ten_minutes(
    server: Parley,
) -> None:
    before = time.time()

    async with server.both() as (interview, ada, ben):
        await in_a_call(ada, ben)
        (for_ada,) = await servers_for(ada)
        (for_ben,) = await servers_for(ben)

    expiry, _, whose = for_ada["username"].partition(":")
    assert before + LIFETIME_S - 1 <= int(expiry) <= time.time() + LIFETIME_S
    assert LIFETIME_S == 600
    assert whose == f"{interview}.client"
    assert for_ben["username"].endswith(f":{interview}.freelancer")
    assert for_ada["credential"] != for_ben["credential"]


async def test_who_is_in_no_active_call_gets_no_credential(server: Parley) -> None:
    async with server.both() as (_, ada, ben), server.desk() as moderator:
        before = await ada.client.call("call:servers", {})
        await ada.do("call:ring", media="audio")
        ringing = await ada.client.call("call:servers", {})
        await ben.told("call:rang")
        await ben.do("call:accept")
        await servers_for(ada)
        await ben.do("call:leave")
        await ada.told("call:ended")
        after = await ada.client.call("call:servers", {})
        outside = await moderator.client.call("call:servers", {})

    assert [answer["code"] for answer in (before, ringing, after)] == ["no_call"] * 3
    assert outside["code"] == "not_allowed"


async def test_a_server_without_relays_names_none(tmp_path: Path) -> None:
    async with parley(tmp_path) as server, server.both() as (_, ada, ben):
        await in_a_call(ada, ben)

        assert await servers_for(ada) == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_the_relay_lets_in_who_has_a_fresh_credential(relay: Coturn, transport: str) -> None:
    async with allocated(relay, *credential(), transport) as (opened, _):
        host, port = opened.get_extra_info("sockname")

    assert host == HOST
    assert port > 0


@pytest.mark.parametrize(
    ("name", "password"),
    [
        credential(now=time.time() - LIFETIME_S - 5),
        credential(secret="another secret"),
        (credential()[0].replace("client", "freelancer"), credential()[1]),
    ],
    ids=["expired", "wrong secret", "another person's name"],
)
async def test_the_relay_lets_nobody_else_in(relay: Coturn, name: str, password: str) -> None:
    with pytest.raises(stun.TransactionFailed) as refused:
        async with allocated(relay, name, password):
            pass

    assert refused.value.response.error_code == 401


async def test_what_was_opened_in_time_stays_open(relay: Coturn) -> None:
    expires_in = 5.0
    name, password = credential(now=time.time() - LIFETIME_S + expires_in)

    async with allocated(relay, name, password) as (opened, _):
        refused = await asyncio.wait_for(_turned_away(relay, name, password), TIMEOUT_S)
        inner: TurnClientUdpProtocol = vars(opened)["_TurnTransport__inner_protocol"]
        refresh = stun.Message(message_method=stun.Method.REFRESH, message_class=stun.Class.REQUEST)
        refresh.attributes["LIFETIME"] = 600
        answer, _ = await inner.request_with_retry(refresh)

    assert refused == 401
    assert answer.attributes["LIFETIME"] == 600


async def _turned_away(relay: Coturn, name: str, password: str) -> int | None:
    """Tries until the relay refuses; returns its error code."""
    while True:
        try:
            async with allocated(relay, name, password):
                await asyncio.sleep(0.1)
        except stun.TransactionFailed as refused:
            return refused.response.error_code


@pytest.mark.parametrize("peer", ["127.0.0.2", "10.0.0.1", "169.254.169.254", "198.51.100.7"])
async def test_nothing_but_the_engine_is_reached_through_the_relay(
    relay: Coturn, peer: str
) -> None:
    async with allocated(relay, *credential()) as (opened, client):
        opened.sendto(b"let me through", (peer, 9))
        refused = await asyncio.wait_for(client.refused.get(), TIMEOUT_S)

    assert isinstance(refused, stun.TransactionFailed)
    assert refused.response.error_code == 403


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network with rules of its own")
async def test_where_one_machine_does_all_the_relay_reaches_the_engines_port_only() -> None:
    missing = [tool for tool in ("nft", "ip", "unshare") if shutil.which(tool) is None]
    assert missing == [], "apt-get install nftables iproute2 util-linux (make test does it)"
    program = [sys.executable, "-m", "tests.support.fenced_relay"]
    process = await asyncio.create_subprocess_exec(
        *("unshare", "--net", *program),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    said, _ = await process.communicate()

    engine, other = 8081, 5353
    assert json.loads(said) == [[engine, other], [engine]]


async def test_beside_the_engines_port_the_server_listens_on_no_udp(
    embedded: EmbeddedStore, tmp_path: Path
) -> None:
    async with server_process(tmp_path, url_of(embedded)) as running:
        sockets = psutil.Process(running.pid).net_connections(kind="udp")

    assert len(sockets) == 1
