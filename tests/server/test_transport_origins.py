"""Whose page may open a socket here, and whose address a socket is counted under."""

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from server.transport import Proxies, Rejection, TransportLimits, remote_address
from server.transport.origins import may_connect, neighbourhood
from tests.support.edge import HANDSHAKE, running_edge

NOBODY = Proxies()
LOOPBACK = Proxies.of(["127.0.0.0/8", "::1"])


def asked(
    *headers: tuple[str, str], host: str = "parley.example", secure: bool = False
) -> aiohttp.web.Request:
    """Return a handshake that came from 127.0.0.1."""
    sent = CIMultiDict([("Host", host), *headers])
    request = make_mocked_request("GET", HANDSHAKE, headers=sent)
    return request.clone(scheme="https" if secure else "http", remote="127.0.0.1")


@pytest.mark.parametrize(
    ("origin", "host", "secure"),
    [
        ("http://parley.example", "parley.example", False),
        ("https://parley.example", "parley.example", True),
        ("http://parley.example:8080", "parley.example:8080", False),
        ("http://parley.example", "parley.example:80", False),
        ("http://PARLEY.example", "parley.EXAMPLE", False),
        ("http://[::1]:8080", "[::1]:8080", False),
    ],
)
def test_our_own_origin_may_connect(origin: str, host: str, secure: bool) -> None:
    request = asked(("Origin", origin), ("Cookie", "a=b"), host=host, secure=secure)

    assert may_connect(request, NOBODY, ())


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://parley.example.evil.example",
        "https://parley.example",  # another scheme is another origin
        "http://parley.example:81",
        "http://evil.example@parley.example",
        "http://parley.example/path",
        "null",
        "",
        "parley.example",
        "file://",
        "http://parley.example:99999",
        "http://[parley.example",
    ],
)
def test_any_other_origin_may_not(origin: str) -> None:
    assert not may_connect(asked(("Origin", origin)), NOBODY, ("https://other.example",))


def test_an_origin_of_the_list_may_connect_beside_our_own() -> None:
    allowed = ("https://shop.example",)

    assert may_connect(asked(("Origin", "https://shop.example")), NOBODY, allowed)
    assert may_connect(asked(("Origin", "http://parley.example")), NOBODY, allowed)


def test_without_an_origin_only_a_client_without_cookies_may_connect() -> None:
    assert may_connect(asked(), NOBODY, ())
    assert not may_connect(asked(("Cookie", "seat=1")), NOBODY, ())


def test_two_origins_are_no_origin() -> None:
    both = asked(("Origin", "http://parley.example"), ("Origin", "http://parley.example"))

    assert not may_connect(both, NOBODY, ())


def test_forwarded_scheme_and_host_are_believed_from_a_trusted_proxy_only() -> None:
    request = asked(
        ("Origin", "https://parley.example"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "parley.example"),
        host="10.0.0.7:8080",
    )

    assert may_connect(request, LOOPBACK, ())
    assert not may_connect(request, NOBODY, ())


@pytest.mark.parametrize(
    ("forwarded", "trusted", "address"),
    [
        ("203.0.113.9", (), "127.0.0.1"),
        ("203.0.113.9", ("127.0.0.1",), "203.0.113.9"),
        # The client wrote the left one itself.
        ("198.51.100.1, 203.0.113.9", ("127.0.0.1",), "203.0.113.9"),
        ("203.0.113.9, 10.0.0.2", ("127.0.0.1", "10.0.0.0/8"), "203.0.113.9"),
        ("10.0.0.3, 10.0.0.2", ("127.0.0.1", "10.0.0.0/8"), "10.0.0.3"),
        ("203.0.113.9, nonsense", ("127.0.0.1",), "127.0.0.1"),
        ("2001:DB8::1", ("127.0.0.1",), "2001:db8::1"),
        ("", ("127.0.0.1",), "127.0.0.1"),
    ],
)
def test_the_address_is_the_first_from_the_right_that_is_not_a_trusted_proxy(
    forwarded: str, trusted: tuple[str, ...], address: str
) -> None:
    request = asked(("X-Forwarded-For", forwarded))

    assert remote_address(request, Proxies.of(trusted)) == address


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2::5", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_who_holds_a_network_of_ipv6_is_counted_once(address: str, place: str) -> None:
    assert neighbourhood(address) == place


def test_a_proxy_network_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Proxies.of(["nonsense"])


def test_an_ipv4_proxy_is_trusted_on_a_socket_for_both_families() -> None:
    assert LOOPBACK.trusts("::ffff:127.0.0.1")
    assert not LOOPBACK.trusts("::ffff:10.0.0.1")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Cookie": "seat=1"},
        {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
    ],
)
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_foreign_page_is_refused_before_anything_else(
    headers: dict[str, str], transport: str
) -> None:
    path = f"/socket.io/?EIO=4&transport={transport}"
    async with (
        running_edge() as edge,
        aiohttp.ClientSession() as http,
        http.get(edge.url + path, headers=headers) as response,
    ):
        assert response.status == 403
        assert (await response.json())["code"] == 4
        assert edge.transport.rejections[Rejection.ORIGIN] == 1
        assert not response.headers.keys() & {"Access-Control-Allow-Origin", "Set-Cookie"}


async def test_sockets_behind_a_trusted_proxy_are_counted_by_the_clients_address() -> None:
    limits = TransportLimits(unauthenticated_per_address=1)
    async with (
        running_edge(limits, trusted_proxies=("127.0.0.1",)) as edge,
        aiohttp.ClientSession() as http,
    ):
        ada = {"X-Forwarded-For": "198.51.100.7, 203.0.113.1"}
        bob = {"X-Forwarded-For": "198.51.100.7, 203.0.113.2"}
        async with (
            http.ws_connect(edge.url + HANDSHAKE, headers=ada),
            http.ws_connect(edge.url + HANDSHAKE, headers=bob),
        ):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await http.ws_connect(edge.url + HANDSHAKE, headers=bob)
            assert refusal.value.status == 429
