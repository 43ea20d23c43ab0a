"""The load of `messages`: peers that speak the wire's bytes, and two ways to make them talk.

A peer writes frames that were made before, masked with zeros (which RFC 6455 allows), and only
counts what comes back: the generator must not be what is measured.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from statistics import median
from typing import cast

from typing_extensions import override

TEXT = "x" * 120
PING = b"2"
SETTLED_WITHIN = 30.0


@dataclass(frozen=True)
class Place:
    """How one peer gets in, and what it says."""

    path: str
    greeting: bytes | None
    """The frame with which it takes its seat; None where there is none."""
    message: Callable[[int, str], bytes]
    """The text of message number n with this command id."""
    acked: bytes
    """How an acknowledgement begins."""
    told: bytes
    """What occurs once in every message that somebody gets."""
    copies: int = 1
    """How many get it: the other one; the product tells the author too, for the place it got."""
    cookie: str = ""


@dataclass
class Tally:
    """What was counted in one window."""

    acks: int = 0
    told: int = 0
    refused: int = 0
    waits: list[float] = field(default_factory=list)

    @property
    def p50_ms(self) -> float:
        return round(median(self.waits) * 1000, 2) if self.waits else 0.0

    @property
    def p99_ms(self) -> float:
        ordered = sorted(self.waits)
        return round(ordered[len(ordered) * 99 // 100] * 1000, 2) if ordered else 0.0


def masked(payload: bytes) -> bytes:
    """Return one masked text frame."""
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Peer(asyncio.Protocol):
    """One client with at most one message under way."""

    numbers = count()

    def __init__(self, place: Place, tally: Tally) -> None:
        self.place = place
        self.tally = tally
        self.seated = asyncio.get_running_loop().create_future()
        self.on_ack: Callable[[Peer], None] | None = None
        self.busy = False
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._data = b""
        self._upgraded = False
        self._names = f"{random.getrandbits(64):016x}"

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        wire = self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        cookie = f"Cookie: {self.place.cookie}\r\nOrigin: http://bench\r\n"
        wire.write(
            f"GET {self.place.path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\n{cookie if self.place.cookie else ''}"
            f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if not self.seated.done():
            self.seated.set_exception(ConnectionError(f"closed: {self._data[:300]!r}"))

    @override
    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self._upgraded:
            head, found, rest = self._data.partition(b"\r\n\r\n")
            if not found:
                return
            if b" 101 " not in head:
                raise ConnectionError(head.decode())
            self._upgraded, self._data = True, rest
            if self.place.greeting is None:
                self.seated.set_result(None)
        position = 0
        while (frame := self._frame_at(position)) is not None:
            start, position = frame
            self._got(self._data[start:position])
        self._data = self._data[position:]

    def _frame_at(self, position: int) -> tuple[int, int] | None:
        data = self._data
        if len(data) - position < 2:
            return None
        size, start = data[position + 1], position + 2
        if size == 126:
            size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
        elif size == 127:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        return (start, start + size) if start + size <= len(data) else None

    def _got(self, payload: bytes) -> None:
        place = self.place
        if payload.startswith(place.acked):
            self.tally.waits.append(time.perf_counter() - self._sent_at)
            self.tally.acks += 1
            self.tally.refused += b'"ok":false' in payload
            self.busy = False
            if self.on_ack is not None:
                self.on_ack(self)
        elif payload == PING:
            self.write(b"3")
        elif not self.seated.done():
            if payload.startswith(b"0"):
                assert place.greeting is not None
                self.write(place.greeting)
            elif payload.startswith(b"40"):
                self.seated.set_result(None)
            elif payload.startswith(b"44"):
                self.seated.set_exception(ConnectionError(payload.decode()))
        else:
            self.tally.told += payload.count(place.told)

    def write(self, payload: bytes) -> None:
        assert self._transport is not None
        self._transport.write(masked(payload))

    def talk(self) -> None:
        """Send one message."""
        number = next(self.numbers)
        self.busy = True
        self._sent_at = time.perf_counter()
        self.write(self.place.message(number, f"{self._names}-{number}"))

    def close(self) -> None:
        assert self._transport is not None
        self._transport.abort()


async def join(port: int, places: list[Place]) -> list[Peer]:
    """Seat a peer at each place, a few at a time."""
    loop, peers, tally = asyncio.get_running_loop(), [], Tally()
    for start in range(0, len(places), 10):
        batch = []
        for place in places[start : start + 10]:
            make = lambda place=place: Peer(place, tally)  # noqa: E731
            _, peer = await loop.create_connection(make, "127.0.0.1", port)
            batch.append(peer)
        await asyncio.wait_for(asyncio.gather(*(peer.seated for peer in batch)), 10)
        peers += batch
    return peers


def recount(peers: list[Peer]) -> Tally:
    """Start a new tally for all."""
    tally = Tally()
    for peer in peers:
        peer.tally = tally
    return tally


async def settled(peers: list[Peer], tally: Tally) -> None:
    """Wait until all that was sent has arrived; stop if the servers did something else.

    A window's own counts differ by what is under way at its ends, which has no bound on a busy
    machine.
    """
    copies = peers[0].place.copies
    until = asyncio.get_running_loop().time() + SETTLED_WITHIN
    while any(peer.busy for peer in peers) or tally.told != copies * tally.acks:
        if asyncio.get_running_loop().time() > until:
            break
        await asyncio.sleep(0.05)
    if tally.refused or not tally.waits or tally.told != copies * tally.acks:
        raise SystemExit(f"not what was asked for: {replace(tally, waits=[])}")


class OpenLoop:
    """So many messages a second, whether or not the earlier ones were answered."""

    def __init__(self, peers: list[Peer], per_second: int) -> None:
        self._peers, self._gap = peers, 1 / per_second
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.time()
        self._turn = 0
        self._timer = self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        while self._next <= now:
            self._next += self._gap
            for _ in self._peers:
                self._turn = (self._turn + 1) % len(self._peers)
                if not self._peers[self._turn].busy:
                    self._peers[self._turn].talk()
                    break
        self._timer = self._loop.call_at(self._next, self._tick)

    def stop(self) -> None:
        self._timer.cancel()


class Saturated:
    """Every peer sends its next message as soon as the last one was acknowledged."""

    def __init__(self, peers: list[Peer]) -> None:
        self._peers = peers
        for peer in peers:
            peer.on_ack = Peer.talk
            peer.talk()

    def stop(self) -> None:
        for peer in self._peers:
            peer.on_ack = None
