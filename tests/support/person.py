"""Somebody who writes and reads through crashes: sends again until told, comes back by cursor.

This is what the browser's client promises, in a few lines, and it keeps a history of itself.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Self

import aiohttp

from tests.support.checker import WITHDRAWN, Place, Sent, deletion_of, edit_of
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

    async def write(self, text: str) -> int:
        """Sends a message until it is acknowledged, always under the same command id; its seq."""
        return await self._keep(Sent(self.name, text, sent=_now()), "message:post", text=text)

    async def edit(self, message: int, text: str) -> None:
        """Changes a message of one's own, likewise."""
        one = Sent(self.name, edit_of(message, text), sent=_now(), message=message)
        await self._keep(one, "message:edit", message=message, text=text)

    async def delete(self, message: int) -> None:
        """Deletes a message of one's own, likewise."""
        one = Sent(self.name, deletion_of(message), sent=_now(), message=message)
        await self._keep(one, "message:delete", message=message)

    async def _keep(self, one: Sent, name: str, **fields: object) -> int:
        self.sent.append(one)
        gone = ("not_found",) if one.message is not None else ()
        answer = await self.give(name, {"id": command_id(), **fields}, final=gone)
        if not answer["ok"]:
            return 0  # what it changes was lost, as its own place will show
        seq: int = answer["seq"]
        self.sent[-1] = replace(one, acked=_now(), seq=seq)
        self.acked += 1
        return seq

    async def give(self, name: str, command: Json, *, final: Sequence[str] = ()) -> Json:
        """Sends a command until it is accepted, or refused so; returns its acknowledgement."""
        while True:
            answer = await self._attempt(name, command)
            if answer["ok"] or answer["code"] in final:
                return answer
            assert answer["code"] in LATER, answer
            await _patience(answer)

    async def _attempt(self, name: str, command: Json) -> Json:
        client = await self.connected()
        try:
            answer = await client.call(name, command)
        except Disconnected:
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
            known, last = set(places), places[-1].seq if places else 0
            places += [
                place
                for place in _of_snapshot(told)
                if place.seq > last or (place not in known and place.text != WITHDRAWN)
            ]
        elif name == "entries":
            places += [_of_entry(entry) for entry in told["entries"] if entry["lane"] == "shared"]


def _of_snapshot(told: Json) -> list[Place]:
    """Of a deleted message a snapshot tells neither the words nor where it was deleted."""
    thread = told["view"]["thread"]
    deleted = sum(item.get("state") == "deleted" for item in thread)
    seqs = {item["seq"] for item in thread}
    found = {seq: Place(seq, None) for seq in seqs}
    for item in thread:
        for number, version in enumerate(item.get("versions", ())):
            text = version["text"]
            if text is None:  # also of a message that is being deleted right now
                text = WITHDRAWN
            elif number > 0:
                text = edit_of(item["seq"], text)
            found[version["seq"]] = Place(version["seq"], text)
    missing = sorted(set(range(1, told["cursor"]["shared"] + 1)) - found.keys())
    if len(missing) == deleted:  # else it is a gap
        found |= {seq: Place(seq, WITHDRAWN) for seq in missing}
    return [place for _, place in sorted(found.items())]


def _of_entry(entry: Json) -> Place:
    seq, event, text = entry["seq"], entry["event"], entry.get("text", WITHDRAWN)
    match event["type"]:
        case "message:posted":
            return Place(seq, text)
        case "message:edited":
            return Place(seq, text if text == WITHDRAWN else edit_of(event["message"], text))
        case "message:deleted":
            return Place(seq, deletion_of(event["message"]))
        case _:
            return Place(seq, None)


async def _patience(refusal: Json) -> None:
    await asyncio.sleep(max(RETRY_S, refusal.get("retryAfterMs", 0) / 1000))


def _now() -> float:
    return asyncio.get_running_loop().time()
