"""An independent WebRTC client (aiortc's own) that talks in a call and counts what it hears."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiortc
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack

from tests.support.parley import Seated
from tests.support.sio import TIMEOUT_S


class Caller:
    """Somebody's browser in a call."""

    def __init__(self, seated: Seated, configuration: aiortc.RTCConfiguration) -> None:
        self.seated = seated
        self.pc = aiortc.RTCPeerConnection(configuration)
        self.pc.addTrack(AudioStreamTrack())
        self.heard = asyncio.Event()
        self._listening: list[asyncio.Task[None]] = []
        self.pc.on("track", self._track)

    def _track(self, track: MediaStreamTrack) -> None:
        loop = asyncio.get_running_loop()
        self._listening.append(loop.create_task(self._listen(track), name="listen"))

    async def _listen(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                await track.recv()
                self.heard.set()
        except MediaStreamError:
            return

    async def connect(self) -> None:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        answer = await self.seated.client.call(
            "call:offer", {"generation": 1, "sdp": self.pc.localDescription.sdp}
        )
        assert answer["ok"] is True, answer
        await self.pc.setRemoteDescription(
            aiortc.RTCSessionDescription(sdp=answer["sdp"], type="answer")
        )

    async def hears(self) -> None:
        """Wait for sound that arrives from now on."""
        self.heard.clear()
        await asyncio.wait_for(self.heard.wait(), TIMEOUT_S)

    async def close(self) -> None:
        await self.pc.close()
        for task in self._listening:
            task.cancel()
        if self._listening:
            await asyncio.wait(self._listening)


async def in_call(ada: Seated, ben: Seated, media: str = "audio") -> None:
    """Ada rings and Ben accepts; both have been told."""
    await ada.do("call:ring", media=media)
    await ben.told("call:rang")
    await ben.do("call:accept")
    await ada.told("call:accepted")


async def hear_each_other(*callers: Caller) -> None:
    """All connect, and hear somebody."""
    await asyncio.gather(*(caller.connect() for caller in callers))
    async with asyncio.timeout(TIMEOUT_S):
        await asyncio.gather(*(caller.heard.wait() for caller in callers))


@asynccontextmanager
async def calling(
    seated: Seated, configuration: aiortc.RTCConfiguration | None = None
) -> AsyncIterator[Caller]:
    """Somebody who closes their media in the end."""
    caller = Caller(seated, configuration or aiortc.RTCConfiguration(iceServers=[]))
    try:
        yield caller
    finally:
        await caller.close()
