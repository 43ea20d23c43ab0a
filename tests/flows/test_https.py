"""Behind the real Caddy: HTTPS, cookies, sockets, and whose word about the client is believed."""

import re
import secrets
import ssl
import warnings
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import aiohttp
import pytest

from server.identity.links import Place
from server.interview.state import Actor
from server.protocol import Role
from server.rest import PER_ADDRESS
from tests.support.caddy import Caddy, caddy
from tests.support.parley import OPERATOR_KEY, Json, Parley, parley
from tests.support.ports import free_port
from tests.support.sio import ConnectRefused, SioClient

STRANGER = "127.0.0.2"
"""Another address of this machine, which is no trusted proxy."""


@dataclass(frozen=True)
class Site:
    """A server behind its proxy."""

    server: Parley
    proxy: Caddy
    interview: str

    @property
    def url(self) -> str:
        return self.proxy.url

    async def token(self) -> str:
        """A link's token for Ada's seat."""
        place = Place(actor=Actor(person="client", role=Role.CLIENT), interview=self.interview)
        return await self.server.base.links.make(place)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    port = free_port()
    async with caddy(tmp_path / "caddy", port) as proxy:
        settings: Json = {
            "port": port,
            "public_url": proxy.url,
            "trusted_proxies": ("127.0.0.1",),
            "operator_key": OPERATOR_KEY,
        }
        async with parley(tmp_path / "data", **settings) as server:
            yield Site(server, proxy, await server.create())


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody outside, who knows the proxy's authority."""
    connector = aiohttp.TCPConnector(ssl=site.proxy.trust)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


@pytest.fixture
async def stranger() -> AsyncIterator[aiohttp.ClientSession]:
    """Somebody who got round the proxy, and speaks as if they were it."""
    connector = aiohttp.TCPConnector(local_addr=(STRANGER, 0))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


def directives(policy: str) -> dict[str, list[str]]:
    """A Content-Security-Policy by directive."""
    parts = (part.split() for part in policy.split(";"))
    return {name: sources for name, *sources in parts}


async def test_a_seat_is_entered_with_a_cookie_that_only_https_and_this_host_see(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    async with browser.post(
        f"{site.url}/api/sessions", json={"token": await site.token()}, headers={"Origin": site.url}
    ) as response:
        assert response.status == 201
        (cookie,) = SimpleCookie(response.headers["Set-Cookie"]).values()

    assert cookie.key == f"__Host-p-{site.interview}-client"
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    assert (cookie["path"], cookie["domain"]) == ("/", "")


async def test_the_socket_goes_through_the_proxy(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    token = await site.token()
    async with browser.post(f"{site.url}/api/sessions", json={"token": token}) as response:
        cookie = response.headers["Set-Cookie"].partition(";")[0]
    auth: Json = {"interview": site.interview, "seat": "client"}

    async with SioClient.connect(
        site.url, auth=auth, cookie=cookie, trust=site.proxy.trust
    ) as client:
        snapshot = await client.next("snapshot")

    assert snapshot["view"]["title"] == "Booking page"


async def test_over_https_a_cookie_that_a_neighbouring_site_could_set_opens_nothing(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    token = await site.token()
    async with browser.post(f"{site.url}/api/sessions", json={"token": token}) as response:
        good = response.headers["Set-Cookie"].partition(";")[0]
    planted = good.removeprefix("__Host-")
    auth: Json = {"interview": site.interview, "seat": "client"}
    path = f"{site.url}/api/interviews/{site.interview}/client/transcript.json"

    with pytest.raises(ConnectRefused) as refused:
        async with SioClient.connect(site.url, auth=auth, cookie=planted, trust=site.proxy.trust):
            pass
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as plain:
        statuses = []
        for cookie in (planted, good):
            async with plain.get(
                path, headers={"Cookie": cookie}, ssl=site.proxy.trust
            ) as response:
                statuses.append(response.status)

    assert refused.value.code == "not_signed_in"
    assert statuses == [401, 200]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost", "https://localhost"]
)
async def test_another_sites_page_opens_no_socket_and_posts_nothing(
    site: Site, browser: aiohttp.ClientSession, origin: str
) -> None:
    opened = browser.ws_connect(
        f"{site.url}/socket.io/?EIO=4&transport=websocket", headers={"Origin": origin}
    )
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await opened
    async with browser.post(
        f"{site.url}/api/sessions", json={"token": "x"}, headers={"Origin": origin}
    ) as response:
        told = await response.json()

    assert refused.value.status == 403
    assert (response.status, told["code"]) == (403, "foreign_origin")


async def test_who_asks_without_https_is_sent_there(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    async with browser.get(f"{site.proxy.plain_url}/mod", allow_redirects=False) as response:
        assert response.status == 308
        assert response.headers["Location"].startswith("https://localhost")
        assert response.headers["Location"].endswith("/mod")


async def test_old_tls_is_not_spoken(site: Site, browser: aiohttp.ClientSession) -> None:
    old = site.proxy.trust
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")

    with pytest.raises(aiohttp.ClientConnectorError):
        await browser.get(f"{site.url}/healthz", ssl=old)
    async with browser.get(f"{site.url}/healthz") as response:
        assert response.status == 200


async def test_only_the_proxy_is_believed_that_it_was_https(
    site: Site, stranger: aiohttp.ClientSession
) -> None:
    direct, headers = site.proxy.upstream, {"X-Forwarded-Proto": "https"}

    async with stranger.post(
        f"{direct}/api/sessions", json={"token": await site.token()}, headers=headers
    ) as response:
        cookie = response.headers["Set-Cookie"]

    assert not cookie.startswith("__Host-")
    assert "Secure" not in cookie


async def test_only_the_proxy_is_believed_which_site_was_asked(
    site: Site, stranger: aiohttp.ClientSession
) -> None:
    headers = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
    headers["X-Forwarded-Proto"] = "https"

    async with stranger.post(
        f"{site.proxy.upstream}/api/sessions", json={"token": "x"}, headers=headers
    ) as response:
        told = await response.json()

    assert told["code"] == "foreign_origin"


async def test_nobody_escapes_a_limit_by_inventing_addresses(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    statuses: list[int] = []
    while 429 not in statuses:
        number = len(statuses)
        assert number < 10 * PER_ADDRESS.burst
        headers = {"X-Forwarded-For": f"198.51.100.{number}"}
        async with browser.post(
            f"{site.url}/api/sessions", json={"token": "x"}, headers=headers
        ) as response:
            statuses.append(response.status)

    assert set(statuses[:-1]) == {403}


async def test_the_page_may_run_and_reach_only_what_is_ours(
    site: Site, browser: aiohttp.ClientSession
) -> None:
    policies = []
    for _ in range(2):
        async with browser.get(f"{site.url}/") as response:
            assert response.status == 200, "the browser client is not built: make setup"
            policies.append(directives(response.headers["Content-Security-Policy"]))
    first, second = policies

    # The findings of csp_evaluator, one by one.
    assert first["default-src"] == ["'none'"]
    assert first["script-src"] == ["'self'", "'wasm-unsafe-eval'"]
    assert first["base-uri"] == first["frame-ancestors"] == ["'none'"]
    assert first["form-action"] == first["connect-src"] == ["'self'"]
    sources = [source for listed in first.values() for source in listed]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & set(sources)
    assert first["style-src"] != second["style-src"], "a nonce is for one page only"
    assert re.fullmatch(r"'nonce-[\w-]{22}'", first["style-src"][1])


@pytest.mark.parametrize("path", ["/", "/mod", "/api/config", "/nowhere", "/api/nowhere"])
async def test_every_answer_carries_the_headers_that_protect_it(
    site: Site, browser: aiohttp.ClientSession, path: str
) -> None:
    async with browser.get(f"{site.url}{path}") as response:
        headers = response.headers

    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert not {"Via", "X-Powered-By"} & set(headers)
    assert headers["Server"] == "Parley"


async def test_a_server_that_is_away_is_told_in_words(tmp_path: Path) -> None:
    async with (
        caddy(tmp_path, free_port()) as proxy,
        aiohttp.ClientSession() as session,
        session.get(f"{proxy.url}/{secrets.token_hex(4)}", ssl=proxy.trust) as response,
    ):
        assert response.status == 502
        assert "try again" in await response.text()
        assert response.headers["Retry-After"] == "5"
