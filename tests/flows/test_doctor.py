"""The doctor: every verdict, on real stores, proxies, certificates, engines and relays."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from typing_extensions import override

from server.clock import Clock
from server.config import Config
from server.doctor import Finding, Verdict, examine
from server.doctor.media import announced
from server.doctor.relays import none_named
from server.doctor.site import Site, certificate, pages, ready, socket
from server.doctor.store import disk, durability, store_and_clock, version
from server.rest import PER_ADDRESS
from server.storage import EmbeddedStore, Store
from signaling.probe import IceUser, ProbeFailed, check_tcp
from tests.support.caddy import caddy, free_port
from tests.support.certificates import Authority, tls_listener
from tests.support.coturn import CONFIGURATION, SECRET, coturn
from tests.support.parley import Json, Parley, parley
from tests.support.valkey import url_of

NOBODY = "127.0.0.9"
"""An address of this machine at which nothing listens."""


def about(findings: Sequence[Finding], subject: str) -> Finding:
    """The one finding about `subject`."""
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def bad(findings: Sequence[Finding]) -> list[str]:
    """Everything that is not fine, in words."""
    return [f"{one.subject}: {one.says}" for one in findings if one.verdict is not Verdict.OK]


class Astray(Clock):
    """A clock that is wrong by so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._wrong_by = round(seconds * 1000)

    @override
    def now_ms(self) -> int:
        return super().now_ms() + self._wrong_by


@asynccontextmanager
async def elsewhere(answer: web.Response) -> AsyncIterator[str]:
    """Some other program that answers everything alike; yields its address."""

    async def always(_: web.Request) -> web.Response:
        return web.Response(status=answer.status, body=answer.body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", always)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def far_away(socket_path: Path, seconds: float) -> AsyncIterator[str]:
    """The store behind a line on which every answer takes so long; yields its address."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            await asyncio.sleep(seconds)
            writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(str(socket_path))
        async with asyncio.TaskGroup() as both:
            both.create_task(carry(reader, back))
            both.create_task(carry(there, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def config_of(running: Parley, **changed: object) -> Config:
    """The settings with which the doctor would run beside a server in this process."""
    settings = running.base.config.model_dump() | {"public_url": running.address}
    return Config.model_validate(settings | changed)


def site(url: str, authority: Authority) -> Site:
    return Site(url, authority.trust)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


# ---------------------------------------------------------------- the whole


async def test_a_sound_installation_is_found_so(server: Parley) -> None:
    findings = await examine(config_of(server), Clock())

    assert bad(findings) == []
    assert {finding.subject for finding in findings} == {
        *("store", "store version", "durability", "store memory", "clock", "disk"),
        *("certificate", "pages", "saving", "socket"),
        *("media address", "media port (udp)", "media port (tcp)", "relay"),
    }
    assert server.base.config.data.is_dir()


async def test_every_complaint_says_what_to_do(tmp_path: Path) -> None:
    findings = await examine(
        Config(data=tmp_path / "none", public_url="http://198.51.100.7"), Clock()
    )

    complaints = [finding for finding in findings if finding.verdict is not Verdict.OK]
    assert {finding.subject for finding in complaints} == {"store", "certificate", "calls"}
    assert all(finding.says.endswith(".") and finding.do.endswith(".") for finding in complaints)
    assert not (tmp_path / "none").exists(), "to examine is not to install"


async def test_the_command_prints_json_and_its_exit_code_says_whether_all_is_well(
    server: Parley, tmp_path: Path
) -> None:
    good = {"PARLEY_DATA": str(server.base.config.data), "PARLEY_PUBLIC_URL": server.address}

    code, well = await _command(good, "--json")
    ill_code, ill = await _command({"PARLEY_DATA": str(tmp_path / "none")}, "--json")

    assert (code, json.loads(well)["ok"]) == (0, True)
    assert (ill_code, json.loads(ill)["ok"]) == (1, False)
    assert {finding["verdict"] for finding in json.loads(well)["findings"]} == {"ok"}


async def test_the_command_speaks_in_sentences(tmp_path: Path) -> None:
    _, said = await _command({"PARLEY_DATA": str(tmp_path / "none")})

    lines = said.splitlines()
    assert lines[0] == f"broken   store: No server runs on the data folder {tmp_path / 'none'}."
    assert lines[1] == "         -> Start it (parley serve), or name its folder in PARLEY_DATA."


async def _command(settings: dict[str, str], *words: str) -> tuple[int | None, str]:
    program = Path(sys.executable).parent / "parley"
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PARLEY_")}
    process = await asyncio.create_subprocess_exec(
        *(str(program), "doctor", *words), env=plain | settings, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


# ---------------------------------------------------------------- the store


async def test_a_store_that_cannot_be_reached_is_broken(tmp_path: Path) -> None:
    config = Config(data=tmp_path, redis_url=f"redis://127.0.0.1:{free_port()}")

    (found,) = await store_and_clock(config, Clock())

    assert found.verdict is Verdict.BROKEN
    assert "PARLEY_REDIS_URL" in found.do


@pytest.mark.parametrize(
    ("setting", "value", "replicas", "subject", "verdict"),
    [
        ("appendfsync", "everysec", 0, "durability", Verdict.BROKEN),
        ("appendfsync", "everysec", 1, "durability", Verdict.WARNING),
        ("appendonly", "no", 1, "durability", Verdict.BROKEN),
        ("maxmemory-policy", "allkeys-lru", 0, "store memory", Verdict.BROKEN),
        ("maxmemory", "1000000", 0, "store memory", Verdict.WARNING),
    ],
)
async def test_a_store_that_may_lose_something_is_told_of(
    embedded: EmbeddedStore,
    store: Store,
    setting: str,
    value: str,
    replicas: int,
    subject: str,
    verdict: Verdict,
) -> None:
    config = Config(redis_url=url_of(embedded), redis_replicas=replicas)
    before = await store_and_clock(config, Clock())

    await store.call("CONFIG", "SET", setting, value)
    after = await store_and_clock(config, Clock())

    assert bad(before) == []
    assert about(after, subject).verdict is verdict
    assert len(bad(after)) == 1


async def test_a_store_that_hides_its_settings_is_a_warning(
    embedded: EmbeddedStore, store: Store
) -> None:
    await store.call("ACL", "SETUSER", "guest", "on", ">pass", "~*", "+@all", "-config")
    hidden = url_of(embedded).replace("unix://", "unix://guest:pass@")

    findings = await store_and_clock(Config(redis_url=hidden), Clock())

    assert about(findings, "durability").verdict is Verdict.WARNING
    assert len(bad(findings)) == 1


async def test_a_store_far_away_is_a_warning(embedded: EmbeddedStore) -> None:
    async with far_away(embedded.socket, 0.015) as url:
        findings = await store_and_clock(Config(redis_url=url), Clock())

    assert about(findings, "store").verdict is Verdict.WARNING
    assert "every message waits" in about(findings, "store").says


def test_a_store_that_is_too_old_is_broken() -> None:
    assert version({"redis_version": "6.2.14"}).verdict is Verdict.BROKEN
    assert version({"redis_version": "7.0.15"}).verdict is Verdict.OK
    assert version({"redis_version": "7.2.4", "valkey_version": "9.1.2"}).says.endswith("9.1.2.")


def test_a_store_whose_disk_failed_it_is_broken() -> None:
    facts = {"aof_enabled": "1", "appendfsync": "always", "aof_last_write_status": "err"}

    assert durability(facts, replicas=2).verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(2, Verdict.OK), (-20, Verdict.WARNING), (20, Verdict.WARNING), (-900, Verdict.BROKEN)],
)
async def test_clocks_apart_are_told_of(
    embedded: EmbeddedStore, seconds: float, verdict: Verdict
) -> None:
    findings = await store_and_clock(Config(redis_url=url_of(embedded)), Astray(seconds))

    assert about(findings, "clock").verdict is verdict


def test_a_disk_that_fills_up_is_told_of(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free >> 20

    verdicts = [
        disk(Config(data=tmp_path, disk_floor_mb=floor)).verdict
        for floor in (0, free // 3, 2 * free)
    ]

    assert verdicts == [Verdict.OK, Verdict.WARNING, Verdict.BROKEN]


# ---------------------------------------------------------------- the public address


@pytest.mark.parametrize(
    ("days", "verdict", "words"),
    [
        (90, Verdict.OK, "good for 89 more days"),
        (5, Verdict.WARNING, "runs out in 4 days"),
        (-1, Verdict.BROKEN, "has expired"),
    ],
)
async def test_a_certificate_is_judged_by_its_end(
    authority: Authority, days: int, verdict: Verdict, words: str
) -> None:
    shown = authority.sign("localhost", good_for=timedelta(days=days))
    async with tls_listener(shown) as port:
        found = await certificate(
            site(f"https://localhost:{port}", authority), Clock().now_ms() / 1000
        )

    assert found.verdict is verdict
    assert words in found.says


async def test_a_certificate_for_another_name_or_by_nobody_known_is_broken(
    authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path / "stranger")
    now = Clock().now_ms() / 1000

    async with tls_listener(authority.sign("other.example")) as port:
        other_name = await certificate(site(f"https://localhost:{port}", authority), now)
    async with tls_listener(stranger.sign("localhost")) as port:
        unknown = await certificate(site(f"https://localhost:{port}", authority), now)

    assert (other_name.verdict, unknown.verdict) == (Verdict.BROKEN, Verdict.BROKEN)
    assert "is not for localhost" in other_name.says
    assert "do not trust" in unknown.says


async def test_no_tls_at_all_is_broken(authority: Authority) -> None:
    now = Clock().now_ms() / 1000

    nobody = await certificate(site(f"https://localhost:{free_port()}", authority), now)
    async with elsewhere(web.Response()) as plain:
        without = await certificate(site(plain.replace("http:", "https:"), authority), now)

    assert (nobody.verdict, without.verdict) == (Verdict.BROKEN, Verdict.BROKEN)


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("http://127.0.0.1:8080", Verdict.OK),
        ("http://localhost:8080", Verdict.OK),
        ("http://192.168.1.5:8080", Verdict.BROKEN),
        ("http://talk.example.org", Verdict.BROKEN),
    ],
)
async def test_without_https_only_this_machine_is_served(
    authority: Authority, url: str, verdict: Verdict
) -> None:
    assert (await certificate(site(url, authority), 0)).verdict is verdict


async def test_nothing_of_ours_at_the_public_address_is_broken(authority: Authority) -> None:
    nobody, _ = await pages(site(f"http://127.0.0.1:{free_port()}", authority), "ticket")
    async with elsewhere(web.Response(status=404, text="Welcome to nginx!")) as url:
        somebody, seen = await pages(site(url, authority), "ticket")

    assert (nobody.verdict, somebody.verdict, seen) == (Verdict.BROKEN, Verdict.BROKEN, None)
    assert "status 404" in somebody.says


async def test_another_servers_secret_is_broken(
    server: Parley, authority: Authority, tmp_path: Path
) -> None:
    findings = await examine(config_of(server, secret="that of another server"), Clock())
    stale, _ = await pages(site(server.address, authority), "0.0")

    assert about(findings, "pages").verdict is Verdict.BROKEN
    assert "PARLEY_SECRET" in about(findings, "pages").do
    assert about(findings, "calls").verdict is Verdict.BROKEN
    assert stale.verdict is Verdict.BROKEN


async def test_a_server_that_is_asked_too_often_says_so(
    server: Parley, authority: Authority
) -> None:
    found = [
        (await pages(site(server.address, authority), "ticket"))[0].verdict
        for _ in range(PER_ADDRESS.burst + 2)
    ]

    assert (found[0], found[-1]) == (Verdict.BROKEN, Verdict.WARNING)


@pytest.mark.parametrize(
    ("trusted", "complaints"), [(("127.0.0.1",), []), ((), ["pages", "socket"])]
)
async def test_a_proxy_that_the_server_does_not_believe_is_broken(
    tmp_path: Path, trusted: tuple[str, ...], complaints: list[str]
) -> None:
    port = free_port()
    async with caddy(tmp_path / "caddy", port) as proxy:
        settings: Json = {"port": port, "public_url": proxy.url, "trusted_proxies": trusted}
        async with parley(tmp_path / "data", **settings) as server:
            findings = await examine(config_of(server), Clock(), proxy.trust)

    wrong = [one.subject for one in findings if one.verdict is Verdict.BROKEN]
    assert wrong == complaints
    if complaints:
        assert 'PARLEY_TRUSTED_PROXIES=["127.0.0.1"]' in about(findings, "pages").do


async def test_a_proxy_that_passes_no_websocket_is_broken(authority: Authority) -> None:
    async with elsewhere(web.Response(text="only pages here")) as url:
        found = await socket(site(url, authority))
    nobody = await socket(site(f"http://127.0.0.1:{free_port()}", authority))

    assert (found.verdict, nobody.verdict) == (Verdict.BROKEN, Verdict.BROKEN)
    assert "WebSocket" in found.do


async def test_a_server_that_cannot_save_is_broken(server: Parley, authority: Authority) -> None:
    await server.base.store.stop()

    found = await ready(site(server.address, authority))
    nonsense = await ready(site(f"http://127.0.0.1:{free_port()}", authority))

    assert (found.verdict, nonsense.verdict) == (Verdict.BROKEN, Verdict.BROKEN)
    assert "store" in found.says


# ---------------------------------------------------------------- calls


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


async def test_an_echo_is_not_taken_for_the_engine() -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(1000))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
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


# ---------------------------------------------------------------- the relays


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
