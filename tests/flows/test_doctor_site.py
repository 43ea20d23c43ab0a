"""The doctor: every verdict about certificates, pages, proxies and sockets, on real ones."""

from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from server.clock import Clock
from server.doctor import Verdict, examine
from server.doctor.site import Site, certificate, pages, ready, socket
from server.rest import PER_ADDRESS
from tests.support.caddy import caddy
from tests.support.certificates import Authority, tls_listener
from tests.support.doctor import about, another_socket, config_of, elsewhere
from tests.support.parley import Json, Parley, parley
from tests.support.ports import free_port


def site(url: str, authority: Authority) -> Site:
    return Site(url, authority.trust)


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
    found = [Verdict.BROKEN]
    while found[-1] is Verdict.BROKEN:
        found.append((await pages(site(server.address, authority), "ticket"))[0].verdict)

    assert len(found) > PER_ADDRESS.burst
    assert found[-1] is Verdict.WARNING


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
    async with another_socket() as url:
        another = await socket(site(url, authority))
    nobody = await socket(site(f"http://127.0.0.1:{free_port()}", authority))

    assert [one.verdict for one in (found, another, nobody)] == [Verdict.BROKEN] * 3
    assert "somebody else" in another.says
    assert "WebSocket" in found.do


async def test_a_server_that_cannot_save_is_broken(server: Parley, authority: Authority) -> None:
    await server.base.store.stop()

    found = await ready(site(server.address, authority))
    nonsense = await ready(site(f"http://127.0.0.1:{free_port()}", authority))

    assert (found.verdict, nonsense.verdict) == (Verdict.BROKEN, Verdict.BROKEN)
    assert "store" in found.says
