"""Who gets in: links, cookies, origins, bodies. Every refusal has a code and changes nothing."""

import json
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from typing_extensions import override

from server import protocol as p
from server.app import secret_of
from server.clock import Clock
from server.identity.links import LIFETIME_MS, Links, Place
from server.identity.sessions import cookie_name
from server.identity.store import IdentityStore
from server.interview.service import new_interview_id
from server.interview.state import Actor
from server.rest import PER_ADDRESS
from tests.support.examples import ABSENT
from tests.support.parley import OPERATOR_KEY, Json, Parley, refusal_in, written
from tests.support.sio import ConnectRefused, SioClient

EVIL = "https://evil.example"


def links_of(server: Parley, *, secret: bytes | None = None, clock: Clock | None = None) -> Links:
    """Makes links for the server's own store, perhaps with another key or another time."""
    store = IdentityStore(server.base.store)
    return Links(secret or secret_of(server.base.config), store, clock or Clock())


def client_of(interview: str) -> Place:
    return Place(actor=Actor(person="client", role=p.Role.CLIENT), interview=interview)


async def redeem(server: Parley, token: object, **headers: str) -> tuple[int, Json]:
    url = f"{server.address}/api/sessions"
    async with server.http.post(url, json={"token": token}, headers=headers) as response:
        assert "Set-Cookie" not in response.headers or response.status == 201
        return response.status, await response.json()


async def refused_at_connect(server: Parley, auth: Json, cookie: str | None) -> ConnectRefused:
    with pytest.raises(ConnectRefused) as refused:
        async with SioClient.connect(server.address, auth=auth, cookie=cookie):
            pass
    return refused.value


class LongAgo(Clock):
    """A clock that stands a link's whole life in the past."""

    @override
    def now_ms(self) -> int:
        return super().now_ms() - LIFETIME_MS - 1000


# ---------------------------------------------------------------- links


async def test_a_token_that_is_not_good_opens_nothing_and_never_tells_why(server: Parley) -> None:
    place = client_of(await server.create())
    links = server.base.links
    revoked = await links.make(place)
    await links.revoke(revoked)
    good = await links.make(place)
    claims = jwt.decode(good, OctKey.import_key(secret_of(server.base.config))).claims
    head, body, signature = good.split(".")
    tokens = {
        "expired": await links_of(server, clock=LongAgo()).make(place),
        "revoked": revoked,
        "forged": await links_of(server, secret=b"another server's key, quite long").make(place),
        "never handed out": jwt.encode(
            {"alg": "HS256"},
            {**claims, "jti": "unknown"},
            OctKey.import_key(secret_of(server.base.config)),
        ),
        "of another role": f"{head}.{body[:-4]}AAAA.{signature}",
        "cut": good[:-3],
        "without signature": f"{head}.{body}.",
        "empty": "",
        "not a token": "hello world",
        "not ASCII": "🔑" * 20,
        "long": "x" * 999,
    }

    got = {why: await redeem(server, token) for why, token in tokens.items()}
    still_good = await redeem(server, good)

    assert {
        why: (status, refusal_in(body)) for why, (status, body) in got.items()
    } == dict.fromkeys(tokens, (403, "link_invalid"))
    assert len({body["message"] for _, body in got.values()}) == 1
    assert still_good[0] == 201


async def test_a_used_link_says_so_and_a_reusable_one_goes_on(server: Parley) -> None:
    place = client_of(await server.create())
    once = await server.base.links.make(place)
    often = await server.base.links.make(place, reusable=True)

    first, second = [await redeem(server, once) for _ in range(2)]
    again = [(await redeem(server, often))[0] for _ in range(3)]

    assert first[0] == 201
    assert (second[0], refusal_in(second[1])) == (403, "link_used")
    assert again == [201] * 3


async def test_a_link_of_another_interview_or_seat_opens_only_its_own(server: Parley) -> None:
    mine, other = await server.create(), await server.create()
    cookie = await server.cookie(other, "client")
    token = cookie.partition("=")[2]
    bent = f"{cookie_name(mine, 'client', secure=False)}={token}"
    beside = f"{cookie_name(other, 'freelancer', secure=False)}={token}"
    desk = f"{cookie_name('', '', secure=False)}={token}"
    seat = {"interview": mine, "seat": "client"}

    refusals = {
        "no cookie": await refused_at_connect(server, seat, None),
        "another interview's cookie": await refused_at_connect(server, seat, cookie),
        "its token under our name": await refused_at_connect(server, seat, bent),
        "the other seat": await refused_at_connect(
            server, {"interview": other, "seat": "freelancer"}, beside
        ),
        "the desk": await refused_at_connect(server, {"desk": True}, desk),
        "an absent interview": await refused_at_connect(
            server, {"interview": ABSENT, "seat": "client"}, cookie
        ),
        "an absent seat": await refused_at_connect(
            server, {"interview": other, "seat": "observer"}, cookie
        ),
        "an empty cookie": await refused_at_connect(
            server, seat, f"{cookie_name(mine, 'client', secure=False)}="
        ),
    }

    assert {why: refused.code for why, refused in refusals.items()} == dict.fromkeys(
        refusals, "not_signed_in"
    )
    assert len({refused.message for refused in refusals.values()}) == 1


async def test_a_browser_may_have_as_many_seats_as_it_keeps_cookies(server: Parley) -> None:
    interview = await server.create()
    mine = await server.cookie(interview, "freelancer")
    name, _, token = mine.partition("=")
    others = [f"__Host-{name[:-1]}{chr(ord('a') + n % 26)}={token}" for n in range(179)]
    cookies = "; ".join([*others, mine])

    await server.download(interview, cookies, "freelancer")
    async with server.seat(interview, "freelancer", cookie=cookies) as ben:
        seen = await ben.snapshot()

    assert seen["view"]["title"] == "Booking page"


async def test_a_session_without_a_record_finds_no_interview(server: Parley) -> None:
    gone = new_interview_id()
    cookie = await server.cookie(gone, "client")

    refused = await refused_at_connect(server, {"interview": gone, "seat": "client"}, cookie)

    assert refused.code == "not_found"


@pytest.mark.parametrize(
    "auth",
    [
        {},
        {"desk": 1},
        {"desk": True, "more": 1},
        {"interview": "../../etc", "seat": "client"},
        {"interview": ABSENT, "seat": "Client"},
        {"interview": ABSENT, "seat": "client", "cursor": {"shared": -1}},
        {"interview": ABSENT, "seat": "client", "cursor": {"moon": 1}},
        {"interview": ABSENT, "seat": "client", "cursor": [1]},
        {"interview": ABSENT},
        {"interview": ABSENT, "seat": "client", "token": "x"},
    ],
    ids=json.dumps,
)
async def test_a_malformed_auth_is_refused_before_anything_is_asked(
    server: Parley, auth: Json
) -> None:
    refused = await refused_at_connect(server, auth, None)

    assert refused.code == "malformed"
    assert refused.message


# ---------------------------------------------------------------- origins


@pytest.mark.parametrize("origin", [EVIL, "null", "", "http://127.0.0.1:1"])
async def test_a_foreign_page_neither_posts_nor_opens_a_socket(server: Parley, origin: str) -> None:
    place = client_of(await server.create())
    token = await server.base.links.make(place)

    posted = await redeem(server, token, Origin=origin)
    with pytest.raises(aiohttp.WSServerHandshakeError) as socket:
        async with SioClient.open(server.address, headers={"Origin": origin}):
            pass
    unused = await redeem(server, token, Origin=server.address)

    assert (posted[0], refusal_in(posted[1])) == (403, "foreign_origin")
    assert socket.value.status == 403
    assert unused[0] == 201


async def test_cookies_without_an_origin_are_no_page_of_ours(server: Parley) -> None:
    interview = await server.create()
    cookie = await server.cookie(interview, "client")
    token = await server.base.links.make(client_of(interview))

    posted = await redeem(server, token, Cookie=cookie)
    with pytest.raises(aiohttp.WSServerHandshakeError) as socket:
        async with SioClient.open(server.address, headers={"Cookie": cookie}):
            pass

    assert (posted[0], refusal_in(posted[1])) == (403, "foreign_origin")
    assert socket.value.status == 403


# ---------------------------------------------------------------- bodies and addresses

NEW: Json = {"title": "Booking page", "format": "video"}
KEY = {"Authorization": f"Bearer {OPERATOR_KEY}"}


BODIES: dict[str, tuple[Callable[[], Json], tuple[int, str]]] = {
    "no JSON": (
        lambda: {"data": b"{", "headers": {"Content-Type": "application/json"}},
        (400, "malformed"),
    ),
    "no text": (
        lambda: {"data": b'{"title":"\xff"}', "headers": {"Content-Type": "application/json"}},
        (400, "malformed"),
    ),
    "no object": (lambda: {"json": [1]}, (400, "malformed")),
    "a form": (lambda: {"data": {"title": "x"}}, (400, "malformed")),
    "no type": (lambda: {"data": json.dumps(NEW).encode()}, (400, "malformed")),
    "an unknown field": (lambda: {"json": {**NEW, "seats": 9}}, (400, "malformed")),
    "no title": (lambda: {"json": {"format": "video"}}, (400, "malformed")),
    "an empty title": (lambda: {"json": {**NEW, "title": " "}}, (400, "empty")),
    "a long title": (lambda: {"json": {**NEW, "title": "x" * 121}}, (413, "too_large")),
    "an unknown format": (lambda: {"json": {**NEW, "format": "dance"}}, (400, "malformed")),
    "nesting without end": (
        lambda: {"data": b"[" * 9000, "headers": {"Content-Type": "application/json"}},
        (400, "malformed"),
    ),
    "an oversized body": (lambda: {"json": {**NEW, "note": "x" * 17_000}}, (413, "too_large")),
    "an oversized body of no told length": (
        lambda: {"data": _chunks(), "headers": {"Content-Type": "application/json"}},
        (413, "too_large"),
    ),
}


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(40):
        yield b" " * 1000


async def test_a_body_that_cannot_be_taken_creates_nothing(server: Parley) -> None:
    got = {}
    for why, (request, _) in BODIES.items():
        sent = request()
        sent["headers"] = {**sent.get("headers", {}), **KEY}
        async with server.http.post(f"{server.address}/api/interviews", **sent) as response:
            got[why] = (response.status, refusal_in(await response.json()))

    assert got == {why: expected for why, (_, expected) in BODIES.items()}
    assert await server.base.record.registered() == []


@pytest.mark.parametrize("key", [None, "Bearer wrong", "Bearer ", "Basic abc", "Bearer é"])
async def test_creation_needs_the_operators_key(server: Parley, key: str | None) -> None:
    headers = {} if key is None else {"Authorization": key}

    url = f"{server.address}/api/interviews"
    async with server.http.post(url, json=NEW, headers=headers) as response:
        refused = refusal_in(await response.json())

    assert (response.status, refused) == (403, "not_allowed")
    assert await server.base.record.registered() == []


async def test_an_operators_system_makes_another_link_for_whoever_lost_theirs(
    server: Parley,
) -> None:
    url = f"{server.address}/api/interviews"
    async with server.http.post(url, json=NEW, headers=KEY) as response:
        made = await response.json()
    seat = f"{made['interview']}/freelancer"
    lost = made["links"]["freelancer"].partition("#")[2]
    await redeem(server, lost)

    async with server.http.post(f"{url}/{seat}/link", headers=KEY) as response:
        another = (response.status, (await response.json())["link"])
    async with server.http.post(f"{url}/{seat}/link") as response:
        stranger = (response.status, refusal_in(await response.json()))
    async with server.http.post(f"{url}/{ABSENT}/client/link", headers=KEY) as response:
        absent = (response.status, refusal_in(await response.json()))

    assert another[0] == 201
    assert (await redeem(server, lost))[0] == 403
    assert (await redeem(server, another[1].partition("#")[2]))[0] == 201
    assert stranger == (403, "not_allowed")
    assert absent == (404, "not_found")


async def test_too_many_attempts_are_told_when_to_come_back(server: Parley) -> None:
    got = [await redeem(server, "nonsense")]
    while got[-1][0] != 429:
        got.append(await redeem(server, "nonsense"))
    async with server.http.post(
        f"{server.address}/api/sessions", json={"token": "nonsense"}
    ) as response:
        retry_after = int(response.headers["Retry-After"])

    *let_in, _ = [status for status, _ in got]
    assert len(let_in) >= PER_ADDRESS.burst
    assert set(let_in) == {403}
    assert refusal_in(got[-1][1]) == "too_many"
    assert 0 < retry_after <= 6


async def test_an_office_behind_one_address_and_an_operators_system_are_not_held_up(
    server: Parley,
) -> None:
    created = []
    for _ in range(PER_ADDRESS.burst + 5):
        async with server.http.post(
            f"{server.address}/api/interviews", json=NEW, headers=KEY
        ) as response:
            created.append((response.status, await response.json()))
    tokens = [links["links"]["client"].partition("#")[2] for _, links in created]
    opened = [(await redeem(server, token))[0] for token in tokens]

    assert {status for status, _ in created} == {201}
    assert opened == [201] * len(tokens)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/nothing", (404, "not_found")),
        ("GET", f"/api/interviews/{ABSENT}/client/transcript.json", (401, "not_signed_in")),
        ("GET", f"/api/interviews/{ABSENT}/client/transcript.md", (401, "not_signed_in")),
        ("GET", "/api/interviews/%2e%2e/client/transcript.json", (404, "not_found")),
        ("GET", "/assets/", (404, "not_found")),
        ("GET", "/api/sessions", (405, "not_allowed")),
        ("DELETE", "/api/sessions", (405, "not_allowed")),
        ("PUT", "/api/interviews", (405, "not_allowed")),
    ],
)
async def test_an_address_without_anything_says_so_in_json(
    server: Parley, method: str, path: str, expected: tuple[int, str]
) -> None:
    async with server.http.request(method, server.address + path) as response:
        body = await response.json()

    assert (response.status, refusal_in(body)) == expected


async def test_a_foreign_seat_gets_no_transcript(server: Parley) -> None:
    mine, other = await server.create(), await server.create()
    cookie = await server.cookie(other, "client")
    token = cookie.partition("=")[2]
    before = await written(server, mine)
    got = []
    for interview, seat in ((mine, "client"), (other, "freelancer"), (ABSENT, "client")):
        bent = f"{cookie_name(interview, seat, secure=False)}={token}"
        for kind in ("json", "md"):
            url = f"{server.address}/api/interviews/{interview}/{seat}/transcript.{kind}"
            async with server.http.get(url, headers={"Cookie": f"{cookie}; {bent}"}) as response:
                got.append((response.status, await response.text()))

    assert {status for status, _ in got} == {401}
    assert len({text for _, text in got}) == 1
    assert await written(server, mine) == before
