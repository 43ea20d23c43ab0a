"""The forgettable things of one interview between nodes: presence, typing, marks, a word to a seat.

Each node tells only what it sees itself, and nothing once the store says that nobody else listens:
whoever comes asks, and is answered. Counterpart: `server/interview/ephemera.py`,
which joins the words of all nodes.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec

from server.bus import Bus
from server.interview.ephemera import WORD_LASTS, Ephemera
from server.protocol import Heard, Mark, PresenceState, Renegotiate, Typing

REFRESH: Final = WORD_LASTS / 3


class Word(msgspec.Struct, frozen=True, tag=True):
    """Whom a node sees, and how; `asks` for the others' words."""

    node: str
    seats: dict[str, PresenceState]
    asks: bool


class Typed(msgspec.Struct, frozen=True, tag=True):
    """Somebody on that node writes, or stopped."""

    node: str
    told: Typing


class Marked(msgspec.Struct, frozen=True, tag=True):
    """Somebody on that node received or read more."""

    node: str
    seat: str
    mark: Mark


class SeatTold(msgspec.Struct, frozen=True, tag=True):
    """Something for every connection of one seat, wherever it is."""

    node: str
    seat: str
    told: Renegotiate | Heard


Whisper = Word | Typed | Marked | SeatTold

_encode: Final = msgspec.msgpack.Encoder().encode
_decoder: Final[msgspec.msgpack.Decoder[Whisper]] = msgspec.msgpack.Decoder(Whisper)


def now_channel(interview: str) -> str:
    """Sharded channel of what is told and forgotten."""
    return f"{{{interview}}}:now"


def tell_elsewhere(bus: Bus, interview: str, seat: str, told: Renegotiate) -> None:
    """Tell a seat's connections on all other nodes."""
    bus.publish(now_channel(interview), _encode(SeatTold(bus.node, seat, told)))


class Whispers:
    """What one node tells and hears of one interview while it has people in it."""

    def __init__(
        self,
        bus: Bus,
        interview: str,
        ephemera: Ephemera,
        on_whisper: Callable[[Typed | Marked | SeatTold], None],
    ) -> None:
        self._bus = bus
        self._channel = now_channel(interview)
        self._ephemera = ephemera
        self._on_whisper = on_whisper
        self._loop = asyncio.get_running_loop()
        self._refresh: asyncio.TimerHandle | None = None
        self._alone = True
        """Until it listens itself: whoever hears a word must be able to answer."""
        self._heard_so_far = 0
        self._closed = False

    async def begin(self) -> None:
        """Listen, then ask who else is there; nothing of it once closed."""
        if self._closed:
            return
        await self._bus.hear(self._channel, self._heard, self._ask)
        self._ask()

    def close(self) -> None:
        """Listen no more; the last word lasts for a while, as an absence does."""
        self.presence()
        self._closed = True
        self._bus.drop(self._channel)
        if self._refresh is not None:
            self._refresh.cancel()

    def presence(self) -> None:
        """Tell the other nodes whom this one sees, and go on telling it."""
        if self._alone or self._closed:
            return
        self._say_word(asks=False)
        if self._refresh is not None:
            self._refresh.cancel()
        self._refresh = self._loop.call_later(REFRESH, self.presence)

    def typing(self, told: Typing) -> None:
        if not self._alone:
            self._say(Typed(self._bus.node, told))

    def mark(self, seat: str, mark: Mark) -> None:
        if not self._alone:
            self._say(Marked(self._bus.node, seat, mark))

    def tell(self, seat: str, told: Heard) -> None:
        """Tell a seat's connections on other nodes."""
        if not self._alone:
            self._say(SeatTold(self._bus.node, seat, told))

    def _ask(self) -> None:
        if not self._closed:
            self._alone = False
            self._say_word(asks=True)

    def _say_word(self, *, asks: bool) -> None:
        seats: Mapping[str, PresenceState] = self._ephemera.seen_here
        self._say(Word(self._bus.node, dict(seats), asks))

    def _say(self, whisper: Whisper) -> None:
        self._bus.publish(
            self._channel, _encode(whisper), partial(self._counted, self._heard_so_far)
        )

    def _counted(self, heard_so_far: int, listeners: int) -> None:
        # A count may come after the word of somebody who came after it was taken.
        if heard_so_far == self._heard_so_far:
            self._alone = listeners <= 1

    def _heard(self, payload: bytes) -> None:
        whisper = _decoder.decode(payload)
        if whisper.node == self._bus.node:
            return
        self._alone = False
        self._heard_so_far += 1
        if isinstance(whisper, Word):
            new = self._ephemera.hear(whisper.node, whisper.seats)
            if whisper.asks or new:
                self.presence()
        else:
            self._on_whisper(whisper)
