"""Hundreds of hostile sessions leave nothing behind: no task, socket, member, room or object."""

import asyncio
import gc
import json
import logging
import random
from collections import Counter
from urllib.parse import urlsplit

import psutil
import pytest
from structlog.testing import capture_logs

from server.audience import Member
from server.transport import Connection
from tests.support.counts import count
from tests.support.edge import BINARY, CLOSE, HANDSHAKE, PING, TEXT, RawPeer
from tests.support.examples import ABSENT
from tests.support.parley import Json, Parley
from tests.support.valkey import eventually

SESSIONS = count(500, full=10_000)
AT_ONCE = 15  # below what one address may have open without a seat

BEFORE_CONNECT = [
    b"",
    b"4",
    b"40{",
    b'40{"interview":"../..","seat":"x"}',
    b"40/elsewhere,",
    b'42["message:post",{}]',
    b"41",
    b"1",
    b"5",
    b"9" * 3000,
    b"40" + b"[" * 3000,
    b"x" * 5000,
    b"451-[]",
    b"\xff\xfe",
]
AFTER_CONNECT = [
    b'420["message:post",{"id":"x"}]',
    b'42["connect",{}]',
    b'42["disconnect"]',
    b"42" + b"[" * 3000,
    b'4299999999999["message:post",{}]',
    b"42",
    b'42["record:sync",{}]' * 2,
    b'421["record:sync",{}]',
    b"40",
    b"41",
    b'451-["message:post",{"_placeholder":true,"num":0}]',
    b'42["typing:set",{"typing":true}]',
    b'42["mark:set",{"delivered":9007199254740991,"read":1}]',
    b"3" * 100,
    b"\xff\xfe",
]


class Hostile:
    """Sessions of one server, each different, each the same when it is run again."""

    def __init__(self, server: Parley, interview: str, cookie: str, desk: str) -> None:
        self.place = urlsplit(server.address)
        self.origin = server.address
        seat = {"interview": interview, "seat": "client"}
        self.auths: list[tuple[str, Json]] = [
            (cookie, seat),
            (cookie, {**seat, "cursor": {"shared": 1, "mod": 5}}),
            (desk, {"desk": True}),
            (cookie, {"interview": ABSENT, "seat": "client"}),
        ]

    async def session(self, number: int) -> None:
        """One visit; it ends by the server's hand or by vanishing, never politely."""
        luck = random.Random(number)
        cookie, auth = self.auths[number % len(self.auths)]
        reader, writer = await asyncio.open_connection(self.place.hostname, self.place.port)
        try:
            if number % 10 == 0:
                writer.write(luck.randbytes(luck.randint(1, 4000)))
                return
            writer.write(self._handshake(cookie))
            if number % 10 == 1:
                return
            await reader.readuntil(b"\r\n\r\n")
            peer = RawPeer(reader, writer)
            if number % 3 == 0:
                self._garbage(peer, luck, BEFORE_CONNECT)
                return
            peer.write(b"40" + json.dumps(auth).encode())
            if number % 3 == 1:
                return  # vanishes while the server looks for the seat
            await self._seated(peer)
            self._garbage(peer, luck, AFTER_CONNECT)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()

    def _handshake(self, cookie: str) -> bytes:
        return (
            f"GET {HANDSHAKE} HTTP/1.1\r\nHost: {self.place.netloc}\r\nUpgrade: websocket\r\n"
            f"Origin: {self.origin}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        ).encode()

    async def _seated(self, peer: RawPeer) -> None:
        opcode, payload = await peer.read()
        while opcode != CLOSE and not payload.startswith(b"4"):
            opcode, payload = await peer.read()

    def _garbage(self, peer: RawPeer, luck: random.Random, choices: list[bytes]) -> None:
        for _ in range(luck.randint(1, 6)):
            match luck.randint(0, 9):
                case 0:
                    peer.write(luck.randbytes(luck.randint(0, 300)), BINARY)
                case 1:
                    peer.write(b"", PING)
                case 2:
                    peer.writer.write(luck.randbytes(50))
                case _:
                    peer.write(luck.choice(choices), TEXT)


def standing(server: Parley) -> Counter[str]:
    """What there is now of everything that a session could leave behind."""
    live = server.base.interviews.live()
    kinds = Counter(
        type(thing).__name__
        for thing in gc.get_objects()
        if isinstance(thing, (Member, Connection, asyncio.Task))
    )
    return kinds + Counter(
        {
            "rooms": len(live),
            "members": sum(room.members for room in live),
            "descriptors": psutil.Process().num_fds(),
            "threads": psutil.Process().num_threads(),
        }
    )


@pytest.mark.timeout(count(300, full=900))
async def test_hostile_sessions_leave_nothing_behind_and_disturb_nobody(
    server: Parley, caplog: pytest.LogCaptureFixture
) -> None:
    async with server.both() as (interview, ada, ben):
        desk = await server.cookie("", "moderator:Mo")
        hostile = Hostile(server, interview, ada.cookie, desk)
        await visits(hostile, range(100))
        await until_gone(server, standing(server) & EXPECTED)
        before = standing(server)
        objects = len(gc.get_objects())

        with capture_logs() as told:
            await visits(hostile, range(100, 100 + SESSIONS))
        said = await ada.do("message:post", text="Still here")
        heard = await ben.told("message:posted")
        await until_gone(server, before)
        grown = len(gc.get_objects()) - objects

    assert heard["seq"] == said["seq"] == 4
    assert [line for line in told if line["log_level"] in ("warning", "error")] == []
    assert [line.message for line in caplog.records if line.levelno >= logging.WARNING] == []
    assert grown < SESSIONS, f"{grown} objects more after {SESSIONS} sessions"


EXPECTED = Counter({"Member": 2, "Connection": 2, "members": 2})


async def visits(hostile: Hostile, numbers: range) -> None:
    """Runs these sessions, a few at a time."""
    for first in range(0, len(numbers), AT_ONCE):
        await asyncio.gather(*map(hostile.session, numbers[first : first + AT_ONCE]))


async def until_gone(server: Parley, before: Counter[str]) -> None:
    """Waits until nothing is left that was not there before."""

    def more() -> str:
        gc.collect()
        now = standing(server)
        return ", ".join(f"{now[k]} {k}, not {n}" for k, n in before.items() if now[k] > n)

    await eventually(more)
