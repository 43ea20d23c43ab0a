"""What the engine's tests share: an engine on a free port, light peers in it, and waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.light_peer import Identity, LightPeer, Line, rtp
from signaling import Engine, EngineEvent, rtcp
from signaling.rtp import U16, U32
from tests.support.sio import TIMEOUT_S

AUDIO_SSRC = 1000
VIDEO_SSRC = 2000
REPAIR_SSRC = 3000
SCREEN_SSRC = 4000
SCREEN_SOUND_SSRC = 5000
SSRCS = {"audio": AUDIO_SSRC, "video": VIDEO_SSRC, "screen": SCREEN_SSRC}


@dataclass
class Running:
    """An engine and everything it has told."""

    engine: Engine
    events: list[EngineEvent]
    peers: list[LightPeer] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@asynccontextmanager
async def running_engine(
    host: str = "127.0.0.1", silent_after: float = 10.0
) -> AsyncIterator[Running]:
    """Run an engine on a free port, and demand that nothing has gone wrong inside it."""
    events: list[EngineEvent] = []
    engine = Engine(host=host, port=0, on_event=events.append, silent_after=silent_after)
    await engine.start()
    running = Running(engine, events)
    try:
        yield running
        assert engine.counters.faults == 0
    finally:
        for peer in running.peers:
            peer.close()
        for task in running.tasks:
            task.cancel()
        await asyncio.gather(*running.tasks, return_exceptions=True)
        await engine.close()


async def eventually(complaint: Callable[[], str], within: float = TIMEOUT_S) -> None:
    """Wait until there is no complaint any more; fail with the last one."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while text := complaint():
        assert loop.time() < deadline, text
        await asyncio.sleep(0.01)


async def handled(engine: Engine, *people: "Person") -> None:
    """Wait until the engine has dealt with all that these people have sent, in order.

    Each sends an empty datagram last, which the engine counts and drops.
    """
    for person in people:
        await _handled(engine, person)
    # What it passed on lies in the receivers' sockets: one look at them.
    for _ in range(2):
        await asyncio.sleep(0)


async def _handled(engine: Engine, person: "Person") -> None:
    before = engine.counters.unknown_kind
    person.peer.send_raw(b"")
    await eventually(lambda: "" if engine.counters.unknown_kind > before else person.name)


@dataclass
class Person:
    """A light peer in a call, and the packets it has received."""

    name: str
    peer: LightPeer
    answer: str
    received: list[bytes] = field(default_factory=list)
    control: list[bytes] = field(default_factory=list)
    sequence: dict[str, int] = field(default_factory=dict)

    def talk(self, kind: str = "audio", payload: bytes = b"media") -> int:
        """Send the next packet of a kind; its sequence number."""
        number = self.sequence.get(kind, 0) + 1
        self.sequence[kind] = number
        self.peer.send(
            rtp(
                "audio" if kind == "audio" else "video",
                SSRCS[kind],
                number,
                number * 960,
                payload,
                transport=sum(self.sequence.values()),
            )
        )
        return number

    def numbers(self) -> list[int]:
        """The sequence numbers received, in order of arrival."""
        return [int(U16.unpack_from(packet, 2)[0]) for packet in self.received]

    def ssrcs(self) -> set[int]:
        """The SSRCs received."""
        return {int(U32.unpack_from(packet, 8)[0]) for packet in self.received}


def bitrates_told(person: Person) -> list[int | None]:
    """What somebody was told by REMB, in bits per second."""
    return [
        rtcp.remb_bitrate(packet, at + 12, end)
        for packet in person.control
        for kind, format_, at, end in rtcp.packets(packet, len(packet))
        if (kind, format_) == (rtcp.Type.PAYLOAD_FEEDBACK, rtcp.REMB)
    ]


TALKING = (Line("audio", ssrc=AUDIO_SSRC), Line("video", ssrc=VIDEO_SSRC, repair_ssrc=REPAIR_SSRC))


def spare(pairs: int) -> list[Line]:
    """Lines on which somebody can receive more people."""
    return [Line(kind, "recvonly") for _ in range(pairs) for kind in ("audio", "video")]


async def enter(
    running: Running,
    name: str,
    *,
    call: str = "call",
    spares: int = 0,
    identity: Identity | None = None,
    generation: int = 1,
    host: str = "127.0.0.1",
    offering: Callable[[str], str] = str,
) -> Person:
    """Join a call with sound and picture, and connect; `offering` turns the offer into another."""
    peer = LightPeer(identity or Identity(), [*TALKING, *spare(spares)], host)
    running.peers.append(peer)
    answer = running.engine.answer(call, name, offering(peer.description()), generation)
    person = Person(name, peer, answer)
    peer.on_rtp = lambda packet: person.received.append(bytes(packet))
    peer.on_rtcp = lambda packet: person.control.append(bytes(packet))
    await peer.connect(answer)
    return person


async def pair(running: Running) -> tuple[Person, Person]:
    """Ada and Bob in a call, in which she has heard him."""
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")
    bob.talk()
    await eventually(lambda: "" if ada.received else "ada hears nothing")
    ada.received.clear()
    return ada, bob
