"""A whole server for flow tests, and people who come to it over real sockets."""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from server.app import Foundation, foundation, serving
from server.config import Config
from server.identity.links import Place
from server.identity.sessions import cookie_name
from server.interview.lifecycle import CreateInterview
from server.interview.service import new_interview_id
from server.interview.state import Actor
from server.protocol import Role
from tests.support.sio import SioClient

Json = dict[str, Any]
OPERATOR_KEY = "the operator's key"
LANES = (
    *("shared", "mod", "side:client", "side:freelancer"),
    *("person:client", "person:client-2", "person:freelancer", "person:observer"),
)


def command_id() -> str:
    """A fresh command id."""
    return secrets.token_urlsafe(9)


class Seated:
    """Somebody at their seat (or at the desk), with what they were told so far."""

    def __init__(self, client: SioClient, cookie: str, auth: Json) -> None:
        self.client = client
        self.cookie = cookie
        self.auth = auth

    async def do(self, name: str, /, **fields: object) -> Json:
        """Gives a command with a fresh id; returns its acknowledgement, which must be `ok`."""
        answer = await self.attempt(name, **fields)
        assert answer["ok"] is True, answer
        return answer

    async def attempt(self, name: str, /, **fields: object) -> Json:
        """Gives a command with a fresh id; returns its acknowledgement, whatever it is."""
        return await self.client.call(name, {"id": command_id(), **fields})

    async def told(self, kind: str) -> Json:
        """The first entry of this event type that nobody has taken yet; waits for it."""
        message = await self.client.next(
            "entries", lambda m: any(e["event"]["type"] == kind for e in m["entries"])
        )
        entries = list(message["entries"])
        found: Json = next(e for e in entries if e["event"]["type"] == kind)
        entries.remove(found)
        if entries:  # several events of one tick come in one message
            self.client.events.insert(0, ("entries", {**message, "entries": entries}))
        return found

    async def snapshot(self) -> Json:
        """The snapshot that connecting brought."""
        return await self.client.next("snapshot")

    def heard(self) -> str:
        """All frames that came in, as one text: for what must not be in them."""
        return "\n".join(self.client.frames)


class Parley:
    """A running server with its own store."""

    def __init__(self, base: Foundation, address: str, http: aiohttp.ClientSession) -> None:
        self.base = base
        self.address = address
        self.http = http

    async def create(self, **fields: object) -> str:
        """An interview between Ada and Ben by video, unless said otherwise."""
        wanted = {"title": "Booking page", "format": "video", "client": "Ada", "freelancer": "Ben"}
        command = msgspec.convert({"id": new_interview_id(), **wanted, **fields}, CreateInterview)
        await self.base.interviews.create(Actor(person="operator", role=Role.OPERATOR), command)
        return command.id

    async def cookie(self, interview: str, seat: str) -> str:
        """A fresh session at a seat; `seat` is `moderator:<name>` where `interview` is empty."""
        return await self.redeemed(await self.base.links.make(_place(interview, seat)))

    async def session(self, interview: str, seat: str) -> str:
        """As `cookie`, for more people than links may be redeemed from one address."""
        token = await self.base.sessions.open(_place(interview, seat))
        return f"{cookie_name(interview, seat if interview else '', secure=False)}={token}"

    async def redeemed(self, token: str) -> str:
        """The Cookie header that redeeming a link's token brings."""
        async with self.http.post(
            f"{self.address}/api/sessions", json={"token": token}
        ) as response:
            assert response.status == 201, await response.text()
            return response.headers["Set-Cookie"].partition(";")[0]

    @asynccontextmanager
    async def seat(
        self,
        interview: str,
        seat: str,
        *,
        cursor: Json | None = None,
        cookie: str | None = None,
    ) -> AsyncIterator[Seated]:
        """Somebody connected to an interview."""
        auth: Json = {"interview": interview, "seat": seat}
        if cursor is not None:
            auth["cursor"] = cursor
        async with self._connected(cookie or await self.cookie(interview, seat), auth) as seated:
            yield seated

    @asynccontextmanager
    async def desk(self, name: str = "Mo", *, cookie: str | None = None) -> AsyncIterator[Seated]:
        """A moderator at the desk."""
        cookie = cookie or await self.cookie("", f"moderator:{name}")
        async with self._connected(cookie, {"desk": True}) as seated:
            yield seated

    @asynccontextmanager
    async def both(self, **fields: object) -> AsyncIterator[tuple[str, Seated, Seated]]:
        """An open interview with both sides connected: its id, Ada, Ben."""
        interview = await self.create(**fields)
        async with AsyncExitStack() as stack:
            ada = await stack.enter_async_context(self.seat(interview, "client"))
            ben = await stack.enter_async_context(self.seat(interview, "freelancer"))
            await ben.do("invitation:accept")
            await ada.told("interview:opened")
            yield interview, ada, ben

    @asynccontextmanager
    async def panel(
        self, **fields: object
    ) -> AsyncIterator[tuple[str, Seated, Seated, Seated, Seated]]:
        """As `both`, with two whom Ada invited: the interview's id, Ada, Ben, Bo beside Ada, and
        Ola, who observes.
        """
        async with self.both(**fields) as (interview, ada, ben), AsyncExitStack() as stack:
            invited = []
            for role, name in (("client", "Bo"), ("observer", "Ola")):
                await ada.do("person:invite", role=role, name=name)
                seat = (await ben.told("person:invited"))["event"]["seat"]
                invited.append(await stack.enter_async_context(self.seat(interview, seat)))
            yield interview, ada, ben, *invited  # type: ignore[misc]  # two of them

    async def download(self, interview: str, cookie: str, seat: str, kind: str = "json") -> str:
        """The transcript, as its reader gets it."""
        url = f"{self.address}/api/interviews/{interview}/{seat}/transcript.{kind}"
        async with self.http.get(url, headers={"Cookie": cookie}) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    @asynccontextmanager
    async def _connected(self, cookie: str, auth: Json) -> AsyncIterator[Seated]:
        host = urlsplit(self.address)
        origin = f"{host.scheme}://{host.netloc}"
        async with SioClient.connect(
            self.address, auth=auth, cookie=cookie, headers={"Origin": origin}
        ) as client:
            yield Seated(client, cookie, auth)


def _place(interview: str, seat: str) -> Place:
    role = Role.MODERATOR if not interview else Role(seat.partition("-")[0])
    return Place(actor=Actor(person=seat, role=role), interview=interview)


@asynccontextmanager
async def parley(data: Path, **settings: object) -> AsyncIterator[Parley]:
    """A server on a free port, in this loop."""
    config = Config.model_validate({"data": data, "port": 0, **settings})
    async with (
        foundation(config) as base,
        serving(base) as address,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        yield Parley(base, address, http)


def lines_of(transcript: str) -> list[Json]:
    """The record in a JSON transcript."""
    record: list[Json] = json.loads(transcript)["record"]
    return record


async def written(server: Parley, interview: str) -> Json:
    """Everything that the store holds of an interview."""
    record = server.base.record
    lanes = {lane: await record.read(interview, lane, 0, 10_000) for lane in LANES}
    return {"lanes": lanes, "done": await record.done(interview)}


def refusal_in(answer: Json) -> str:
    """The code of a refusal, which must come with a sentence."""
    assert answer["ok"] is False, answer
    assert re.fullmatch(
        r"[A-Z\d].* .*\.|[a-z:]+ cannot be (taken|read): .*\.", answer["message"]
    ), answer
    return str(answer["code"])


async def settled() -> None:
    """Lets everything run that is ready to run now."""
    for _ in range(5):
        await asyncio.sleep(0)
