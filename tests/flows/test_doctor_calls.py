"""The doctor: every verdict about media ports and relays, on the real engine and coturn."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from server.clock import Clock
from server.doctor import Finding, Verdict, examine
from server.doctor.media import announced
from server.doctor.relays import none_named
from signaling.probe import IceUser, ProbeFailed, check_tcp
from tests.support.certificates import Authority
from tests.support.coturn import CONFIGURATION, SECRET, coturn
from tests.support.doctor import NOBODY, about, bad, config_of
from tests.support.parley import Parley, parley
from tests.support.ports import free_port


@pytest.mark.parametrize(
    ("hosts", "local", "verdict"),
    [
        (["127.0.0.1"], True, Verdict.OK),
        (["127.0.0.1", "::1"], False, Verdict.BROKEN),
        (["192.168.1.5"], False, Verdict.WARNING),
        (["10.189.80.2", "8.8.8.8"], False, Verdict.OK),
        (["talk.example.org"], False, Verdict.BROKEN),
        ([], False, Verdict.BROKEN),
    ],
)
def test_an_address_that_others_cannot_reach_is_told_of(
    hosts: list[str], local: bool, verdict: Verdict
) -> None:
    assert announced(hosts, local=local).verdict is verdict


async def test_a_media_port_that_is_not_reached_is_broken(tmp_path: Path) -> None:
    async with parley(tmp_path, media_announce=(NOBODY, "127.0.0.1")) as server:
        findings = await examine(config_of(server), Clock())

    ports = [(one.subject, one.verdict) for one in findings if one.subject.startswith("media port")]
    assert ports == [
        ("media port (udp)", Verdict.BROKEN),
        ("media port (tcp)", Verdict.WARNING),
        ("media port (udp)", Verdict.OK),
        ("media port (tcp)", Verdict.OK),
    ]


# A fingerprint of no bytes (RFC 8489 section 14.7), which has four.
BROKEN_STUN = bytes.fromhex("0101000c2112a442") + bytes(12) + bytes.fromhex("80280000") + bytes(8)


@pytest.mark.parametrize("says", [None, BROKEN_STUN, b"\0" * 20], ids=["echo", "stun", "zeros"])
async def test_somebody_else_is_not_taken_for_the_engine(says: bytes | None) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(1000)
        writer.write(asked if says is None else len(says).to_bytes(2, "big") + says)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        with pytest.raises(ProbeFailed, match="somebody else"):
            await check_tcp("127.0.0.1", server.sockets[0].getsockname()[1], IceUser("u", "p" * 22))


async def test_examining_leaves_nobody_in_a_call(server: Parley) -> None:
    first = await examine(config_of(server), Clock())
    async with aiohttp.ClientSession() as session, session.get(f"{server.address}/healthz") as ok:
        assert ok.status == 200

    second = await examine(config_of(server), Clock())

    assert bad(first) == bad(second) == []
    assert await server.base.store.call("KEYS", "*doctor*") == []


async def relay_finding(tmp_path: Path, authority: Authority, url: str, secret: str) -> Finding:
    """What a server with this relay is told about it."""
    async with parley(tmp_path / "data", turn_urls=(url,), turn_secret=secret) as server:
        findings = await examine(config_of(server), Clock(), authority.trust)
    return about(findings, "relay")


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_a_relay_that_works_is_found_so(
    tmp_path: Path, authority: Authority, way: str
) -> None:
    async with coturn(tmp_path, shown=authority.sign("localhost")) as relay:
        url = {"udp": relay.udp_url, "tcp": relay.tcp_url, "tls": relay.tls_url}[way]
        found = await relay_finding(tmp_path, authority, url, SECRET)

    assert found.verdict is Verdict.OK, found
    assert "reaches the engine" in found.says


async def test_a_relay_with_another_secret_is_broken(tmp_path: Path, authority: Authority) -> None:
    async with coturn(tmp_path) as relay:
        found = await relay_finding(tmp_path, authority, relay.udp_url, "another secret")

    assert found.verdict is Verdict.BROKEN
    assert "static-auth-secret" in found.do


async def test_a_relay_that_is_not_there_is_broken(tmp_path: Path, authority: Authority) -> None:
    for transport in ("udp", "tcp"):
        url = f"turn:127.0.0.1:{free_port()}?transport={transport}"

        found = await relay_finding(tmp_path, authority, url, SECRET)

        assert found.verdict is Verdict.BROKEN
        assert "cannot be used" in found.says


async def test_a_relay_whose_certificate_is_not_trusted_is_broken(
    tmp_path: Path, authority: Authority
) -> None:
    stranger = Authority(tmp_path / "stranger")
    async with coturn(tmp_path, shown=stranger.sign("localhost")) as relay:
        found = await relay_finding(tmp_path, authority, relay.tls_url, SECRET)

    assert found.verdict is Verdict.BROKEN
    assert "certificate" in found.says


async def test_a_relay_that_does_not_reach_the_engine_is_broken(
    tmp_path: Path, authority: Authority
) -> None:
    async with coturn(tmp_path, allowed=NOBODY) as relay:
        found = await relay_finding(tmp_path, authority, relay.udp_url, SECRET)

    assert found.verdict is Verdict.BROKEN
    assert "--allowed-peer-ip" in found.do


async def test_a_relay_that_sends_anywhere_is_broken(tmp_path: Path, authority: Authority) -> None:
    open_to_all = tmp_path / "open.conf"
    lines = CONFIGURATION.read_text().splitlines(keepends=True)
    open_to_all.write_text("".join(line for line in lines if "denied-peer-ip" not in line))
    async with coturn(tmp_path, configuration=open_to_all) as relay:
        found = await relay_finding(tmp_path, authority, relay.udp_url, SECRET)

    assert found.verdict is Verdict.BROKEN
    assert "denied-peer-ip" in found.do


def test_no_relay_is_a_warning_where_people_come_from_outside() -> None:
    assert none_named(local=True).verdict is Verdict.OK
    assert none_named(local=False).verdict is Verdict.WARNING
