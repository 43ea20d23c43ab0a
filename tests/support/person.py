"""Somebody who writes and reads through crashes: sends again until told, comes back by cursor.

This is what the browser's client promises, in a few lines, and it keeps a history of itself.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Self

import aiohttp

from tests.support.checker import Place, Sent
from tests.support.parley import Json, command_id
from tests.support.sio import ConnectRefused, Disconnected, SioClient

RETRY_S = 0.05
"""What a client waits before it tries again, unless it was told for how long."""
LATER = ("store_down", "store_full", "busy", "too_many")
"""Refusals after which the same command is sent again."""

_UNANSWERED: Json = {"ok": False, "code": "store_down"}


class Person:
    """One seat of one interview, on one socket at a time."""

    def __init__(
        self,
        name: str,
        interview: str,
        seat: str,
        cookie: str,
        address: Callable[[], Awaitable[str]],
    ) -> None:
        self.name = name
        self.auth: Json = {"interview": interview, "seat": seat}
        self.cookie = cookie
        self.sent: list[Sent] = []
        self.acked = 0
        """How many of them were acknowledged."""
        self.reconnected = 0
        self.refused: list[str] = []
        """Codes of the refusals that were met and got over."""
        self.reachable = address
        # Everybody comes from an address of their own, where a proxy on this machine is trusted.
        self._from = {"X-Forwarded-For": str(IPv4Address(random.randrange(10 << 24, 11 << 24)))}
        self._client: SioClient | None = None
        self._stack = AsyncExitStack()
        self._told: list[Place] = []
        self._folded = 0
        """How many of the socket's frames are in it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()

    @property
    def places(self) -> list[Place]:
        """The shared lane as this person was told it, over all connections."""
        if self._client is not None:
            frames = self._client.frames[self._folded :]
            self._folded += len(frames)
            fold(self._told, frames)
        return self._told

    async def connected(self) -> SioClient:
        """The socket; a new one from the cursor on, when the last is gone."""
        while self._client is None or self._client.ended.is_set():
            await self.leave()
            auth = self.auth
            if self._told:
                auth = {**auth, "cursor": {"shared": self._told[-1].seq}}
            try:
                self._client = await self._stack.enter_async_context(
                    SioClient.connect(
                        await self.reachable(), auth=auth, cookie=self.cookie, headers=self._from
                    )
                )
                self.reconnected += 1
            except (OSError, aiohttp.ClientError, aiohttp.WSMessageTypeError, Disconnected):
                await asyncio.sleep(RETRY_S)
            except ConnectRefused as refused:
                if refused.code not in LATER:
                    raise
                self.refused.append(refused.code)
                await _patience(refused.data)
        return self._client

    async def leave(self) -> None:
        """Closes the socket, without a goodbye to what is under way, and keeps what it told."""
        _ = self.places
        self._client, self._folded = None, 0
        await self._stack.aclose()

    async def write(self, text: str) -> None:
        """Sends a message until it is acknowledged, always under the same command id."""
        command = {"id": command_id(), "text": text}
        one = Sent(self.name, text, sent=_now())
        self.sent.append(one)
        answer = await self.give("message:post", command)
        self.sent[-1] = replace(one, acked=_now(), seq=answer["seq"])
        self.acked += 1

    async def give(self, name: str, command: Json) -> Json:
        """Sends a command until it is accepted; returns its acknowledgement."""
        while True:
            answer = await self._attempt(name, command)
            if answer["ok"]:
                return answer
            assert answer["code"] in LATER, answer
            await _patience(answer)

    async def _attempt(self, name: str, command: Json) -> Json:
        client = await self.connected()
        try:
            answer = await client.call(name, command)
        except (Disconnected, ConnectionError):
            return _UNANSWERED
        if not answer["ok"]:
            self.refused.append(answer["code"])
        return answer

    def behind(self, head: int) -> str:
        """What is still missing up to `head`."""
        last = self.places[-1].seq if self.places else 0
        return "" if last >= head else f"{self.name} has {last} of {head}"


def fold(places: list[Place], frames: list[str]) -> None:
    """Adds what these frames told. A snapshot repeats what was told; entries may not."""
    for frame in frames:
        if not frame.startswith("42"):
            continue
        name, told = json.loads(frame[2:])
        if name == "snapshot":
            known = set(places)
            places += [place for place in _of_snapshot(told) if place not in known]
        elif name == "entries":
            places += _of_entries(told)


def _of_snapshot(told: Json) -> list[Place]:
    return [
        Place(item["seq"], item["versions"][0]["text"] if item["kind"] == "message" else None)
        for item in told["view"]["thread"]
    ]


def _of_entries(told: Json) -> list[Place]:
    return [
        Place(
            entry["seq"], entry.get("text") if entry["event"]["type"] == "message:posted" else None
        )
        for entry in told["entries"]
        if entry["lane"] == "shared"
    ]


async def _patience(refusal: Json) -> None:
    await asyncio.sleep(max(RETRY_S, refusal.get("retryAfterMs", 0) / 1000))


def _now() -> float:
    return asyncio.get_running_loop().time()
