"""Somebody's media in a call of the whole server, packet by packet: who sent what, and who got it.

Real ICE, DTLS and SRTP through the server's port (`bench/light_peer.py`); each packet names its
sender, what it is of, and its number. Counterpart of `tests/support/caller.py`, which is a browser.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bench.light_peer import Identity, LightPeer, Line, rtp
from tests.signaling.support import (
    AUDIO_SSRC,
    REPAIR_SSRC,
    SCREEN_SOUND_SSRC,
    SCREEN_SSRC,
    VIDEO_SSRC,
    spare,
)
from tests.support.parley import Json, Seated
from tests.support.sio import TIMEOUT_S

LINES = {
    "microphone": ("audio", AUDIO_SSRC),
    "camera": ("video", VIDEO_SSRC),
    "screen": ("video", SCREEN_SSRC),
    "screen's sound": ("audio", SCREEN_SOUND_SSRC),
}
THIRD = {"a third sound": ("audio", 6000), "a third picture": ("video", 7000)}
"""What no client of ours sends."""
_NAMED = re.compile(rb"from ([a-z0-9-]+): ([a-z' ]+), (\d+);")


class Panelist:
    """One device of one person, with lines for three others and a screen, or even more to send."""

    def __init__(
        self,
        seated: Seated,
        *,
        generation: int = 1,
        third: bool = False,
        offering: Callable[[str], str] = str,
    ) -> None:
        self.seated = seated
        self.seat: str = seated.auth["seat"]
        self.got: dict[tuple[str, str], list[int]] = {}
        """The numbers of the packets received, by whose they are and what they are of."""
        self.sent: Counter[str] = Counter()
        self._generation = generation
        self._offering = offering
        self._peer = LightPeer(
            Identity(),
            [
                Line("audio", ssrc=AUDIO_SSRC),
                Line("video", ssrc=VIDEO_SSRC, repair_ssrc=REPAIR_SSRC),
                *spare(4),
                Line("audio", "sendonly", ssrc=SCREEN_SOUND_SSRC),
                Line("video", "sendonly", ssrc=SCREEN_SSRC),
                *(Line(kind, "sendonly", ssrc=ssrc) for kind, ssrc in THIRD.values() if third),
            ],
        )
        self._peer.on_rtp = self._receive

    async def offer(self) -> Json:
        """The server's answer to our offer, or its refusal."""
        sdp = self._offering(self._peer.description())
        offer = {"generation": self._generation, "sdp": sdp}
        return await self.seated.client.call("call:offer", offer)

    async def connect(self) -> str:
        """Joins the call with media; the SDP answer."""
        answer = await self.offer()
        assert answer["ok"] is True, answer
        await self._peer.connect(answer["sdp"])
        return str(answer["sdp"])

    def send(self, *sources: str) -> None:
        """One packet of each."""
        for source in sources:
            kind, ssrc = (LINES | THIRD)[source]
            self.sent[source] += 1
            number = self.sent[source]
            payload = f"media from {self.seat}: {source}, {number};".encode()
            transport = self.sent.total()
            self._peer.send(rtp(kind, ssrc, number, number * 960, payload, transport=transport))

    def last_of(self, seat: str, source: str = "microphone") -> int:
        """The number of the newest packet of somebody that came; 0 before any."""
        return max(self.got.get((seat, source), [0]))

    def close(self) -> None:
        self._peer.close()

    def _receive(self, packet: memoryview) -> None:
        named = _NAMED.search(bytes(packet))
        assert named is not None, bytes(packet)
        seat, source, number = (part.decode() for part in named.groups())
        self.got.setdefault((seat, source), []).append(int(number))


async def reaches(speaker: Panelist, *listeners: Panelist, source: str = "microphone") -> None:
    """Lets `speaker` send until a packet sent from now on is with all of them."""
    since = speaker.sent[source]
    async with asyncio.timeout(TIMEOUT_S):
        while any(each.last_of(speaker.seat, source) <= since for each in listeners):
            speaker.send(source)
            await asyncio.sleep(0.01)


@asynccontextmanager
async def panelist(
    seated: Seated,
    *,
    generation: int = 1,
    third: bool = False,
    offering: Callable[[str], str] = str,
) -> AsyncIterator[Panelist]:
    """A device that is closed in the end; `offering` turns its offer into that of another kind."""
    one = Panelist(seated, generation=generation, third=third, offering=offering)
    try:
        yield one
    finally:
        one.close()
