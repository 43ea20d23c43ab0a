"""Two people in aiortc, the honest independent client, talk through the engine."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import (
    AudioStreamTrack,
    MediaStreamError,
    MediaStreamTrack,
    VideoStreamTrack,
)

from signaling import (
    Engine,
    InvalidSdp,
    Kind,
    PeerConnected,
    PeerDisconnected,
    Reason,
    TracksChanged,
    TrackStarted,
)
from tests.signaling.support import Running, eventually


class Caller:
    """A real client: it encodes and decodes."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTrack(AudioStreamTrack())
        self.connection.addTrack(VideoStreamTrack())
        self.decoded: Counter[str] = Counter()
        self.readers: list[asyncio.Task[None]] = []
        self.connection.on("track", self._on_track)

    def _on_track(self, track: MediaStreamTrack) -> None:
        self.readers.append(asyncio.create_task(self._read(track)))

    async def _read(self, track: MediaStreamTrack) -> None:
        with suppress(MediaStreamError):
            while True:
                await track.recv()
                self.decoded[track.kind] += 1

    async def join(self, engine: Engine, name: str, generation: int = 1) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp
        answer = engine.answer("call", name, offer, generation)
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return answer

    async def connected(self) -> None:
        """Wait until the client says so: aiortc cannot be closed while it connects."""
        await eventually(
            lambda: "" if self.connection.connectionState == "connected" else "not connected"
        )

    async def close(self) -> None:
        await self.connected()
        await self.connection.close()
        for reader in self.readers:
            reader.cancel()
        await asyncio.gather(*self.readers, return_exceptions=True)


async def test_two_people_decode_each_others_sound_and_picture_without_a_second_offer(
    running: Running,
) -> None:
    ada, bob = Caller(), Caller()

    await ada.join(running.engine, "ada")
    await bob.join(running.engine, "bob")

    for caller in (ada, bob):
        await eventually(
            lambda caller=caller: (  # type: ignore[misc]
                ""
                if min(caller.decoded["audio"], caller.decoded["video"]) >= 10
                else f"decoded only {caller.decoded}"
            ),
        )
    assert not [event for event in running.events if isinstance(event, TracksChanged)]
    assert {PeerConnected("call", name) for name in ("ada", "bob")} <= set(running.events)
    assert TrackStarted("call", "ada", Kind.VIDEO) in running.events
    await ada.close()
    await bob.close()


async def test_a_browser_that_closes_is_reported_at_once(running: Running) -> None:
    ada = Caller()
    await ada.join(running.engine, "ada")
    await ada.connected()

    await ada.close()

    closed = PeerDisconnected("call", "ada", Reason.CLOSED)
    await eventually(lambda: "" if closed in running.events else f"only {running.events}")


async def test_statistics_say_who_publishes_what_and_how_it_arrives(running: Running) -> None:
    ada, bob = Caller(), Caller()
    await ada.join(running.engine, "ada")
    await bob.join(running.engine, "bob")
    await eventually(
        lambda: "" if bob.decoded["video"] >= 5 and ada.decoded["video"] >= 5 else "no picture yet",
    )

    statistics = running.engine.statistics("call")

    names = [each.peer for each in statistics.peers]
    assert names == ["ada", "bob"]
    assert all(each.connected for each in statistics.peers)
    kinds = {each.kind: each for each in statistics.peers[0].publishes}
    assert set(kinds) == set(Kind)
    assert kinds[Kind.VIDEO].packets >= 5
    assert kinds[Kind.VIDEO].lost == 0
    assert [each.source for each in statistics.peers[0].receives] == ["bob", "bob"]
    await ada.close()
    await bob.close()


async def test_an_older_offer_of_the_same_connection_is_refused(running: Running) -> None:
    ada = Caller()
    await ada.join(running.engine, "ada", generation=2)
    await ada.connected()

    with pytest.raises(InvalidSdp):
        running.engine.answer("call", "ada", ada.connection.localDescription.sdp, 1)

    await ada.close()


async def test_an_unknown_call_has_empty_statistics_and_can_be_left(running: Running) -> None:
    running.engine.leave("nowhere", "nobody")
    running.engine.end("nowhere")

    assert running.engine.statistics("nowhere").peers == ()
