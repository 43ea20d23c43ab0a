"""The load of `forwarding`, in a process of its own: people who talk, and what they measure.

`python -m bench.media_load SPECIFICATION`: a JSON object in (`Specification`), one out. Each
person sends 50 sound and 150 picture packets a second (at rate 1), with a report and a check now
and then as a browser does. Each packet carries the time it was sent at, which is subtracted from
the time at which the system put it into its receiver's socket: how late this process then reads
it is told apart.
"""

import asyncio
import json
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import getrandbits

import msgspec
import uvloop

from bench import janus
from bench.light_peer import Identity, LightPeer, Line, rtp
from signaling.rtcp import ReportBlock, write_receiver_report

SOUND = bytes(92)
PICTURE = bytes(1112)
STEP = 0.005
"""Seconds between two packets of a person at rate 1."""
PHASES = 5
"""Groups of people whose packets go out at different moments of a step."""


class Specification(msgspec.Struct, frozen=True):
    """What to do against which server."""

    target: str
    """`engine`, `least`, `pion`, `videocall` or `videoroom`."""
    address: str
    """Path of its Unix socket, or of Janus's WebSocket the URL."""
    server: int
    """Process number, for its CPU and memory."""
    people: int
    """How many in each call."""
    calls: int
    rate: int = 1
    seconds: float = 8.0
    storm: bool = False
    """Measure how long everybody takes to join at once, and send nothing."""


class Usage(msgspec.Struct, frozen=True):
    """What a process has used so far."""

    nanoseconds: int
    memory: int
    threads: int

    @classmethod
    def of(cls, process: int) -> "Usage":
        """CPU of all threads, resident bytes, number of threads."""
        root = Path(f"/proc/{process}")
        nanoseconds = 0
        for task in (root / "task").iterdir():
            with suppress(OSError):  # a thread may end meanwhile
                nanoseconds += int((task / "schedstat").read_text().split()[0])
        status = (root / "status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        memory = int(fields["VmRSS"].split()[0]) * 1024
        return cls(nanoseconds, memory, int(fields["Threads"]))


class Speaker:
    """A person who sends sound and picture."""

    def __init__(self, peer: LightPeer, ssrcs: tuple[int, int]) -> None:
        self.peer = peer
        self.ssrcs = ssrcs
        self.transport = 0
        self.sequences = [getrandbits(14), getrandbits(14)]
        self.sent = 0
        self.step = getrandbits(2)

    def talk(self) -> None:
        """Send the next packet: of four, one is sound."""
        self.step += 1
        video = self.step & 3 != 0
        self.sequences[video] += 1
        self.transport += 1
        self.sent += 1
        sequence = self.sequences[video]
        payload = time.time_ns().to_bytes(8, "big") + (PICTURE if video else SOUND)
        self.peer.send(
            rtp(
                "video" if video else "audio",
                self.ssrcs[video],
                sequence,
                sequence * (3000 if video else 960),
                payload,
                marker=video and self.step & 3 == 3,
                transport=self.transport,
            )
        )

    def report(self) -> None:
        """What a browser sends every second besides media."""
        block = ReportBlock(self.ssrcs[1], 0, 0, self.sequences[1], 0, 0, 0)
        self.peer.send_rtcp(write_receiver_report(self.ssrcs[1], [block]))
        for video, ssrc in enumerate(self.ssrcs):
            words = time.monotonic_ns() & (1 << 62), self.sequences[video] * 3000 & 0xFFFFFFFF
            self.peer.send_rtcp(
                b"\x80\xc8\x00\x06"
                + ssrc.to_bytes(4, "big")
                + words[0].to_bytes(8, "big")
                + words[1].to_bytes(4, "big")
                + bytes(8)
            )
        self.peer.send_raw(self.peer.check())


class Ears:
    """Everybody's received packets together."""

    def __init__(self) -> None:
        self.latencies = array("q")
        """Nanoseconds from a sender's stamp to the receiver's socket: the server's part."""
        self.waits = array("q")
        """Nanoseconds from there to this process: how late the load itself is."""
        self.counting = False

    def hear(self, peer: LightPeer, packet: memoryview) -> None:
        """Note how old a packet is."""
        if self.counting and packet[1] & 0x7F != 97:
            start = 12 + (4 + 4 * packet[15] if packet[0] & 0x10 else 0)
            sent = int.from_bytes(packet[start : start + 8], "big")
            self.latencies.append(peer.came - sent)
            self.waits.append(time.time_ns() - peer.came)


class Load:
    """All people of one run."""

    def __init__(self, spec: Specification) -> None:
        self.spec = spec
        self.identity = Identity()
        self.ears = Ears()
        self.speakers: list[Speaker] = []
        self.peers: list[LightPeer] = []
        self._api: janus.Api | None = None
        """Open until the end: with it Janus would end what it has set up."""

    async def close(self) -> None:
        """Hang up where there is a line to the server."""
        if self._api is not None:
            await self._api.close()

    def person(self, lines: list[Line], ssrcs: tuple[int, int] | None = None) -> LightPeer:
        """A new connection; one that sends when it has SSRCs."""
        # Others name the machine's own address as their candidate; that way is loopback too.
        ours = self.spec.target in ("engine", "least")
        host = "127.0.0.1" if ours else janus.own_address()
        peer = LightPeer(self.identity, lines, host)
        peer.on_rtp = partial(self.ears.hear, peer)
        self.peers.append(peer)
        if ssrcs is not None:
            self.speakers.append(Speaker(peer, ssrcs))
        return peer

    def speaker(self, direction: str, spares: int = 0) -> LightPeer:
        """A new connection that sends and, with spares, has lines to receive on."""
        ssrcs = getrandbits(31), getrandbits(31)
        lines = [
            Line("audio", direction, ssrcs[0]),
            Line("video", direction, ssrcs[1], getrandbits(31)),
        ]
        lines += [Line(kind, "recvonly") for _ in range(spares) for kind in ("audio", "video")]
        return self.person(lines, ssrcs)

    def listener(self) -> LightPeer:
        """A new connection that only receives: everybody else of a room."""
        others = self.spec.people - 1
        return self.person(
            [Line(kind, "recvonly") for _ in range(others) for kind in ("audio", "video")]
        )

    async def join(self) -> None:
        """Bring everybody into their calls."""
        match self.spec.target:
            case "engine" | "least" | "pion":
                await self._join_by_offers()
            case "videocall":
                api = self._api = await janus.Api.connect(self.spec.address)
                for number in range(self.spec.calls):
                    pair = self.speaker("sendrecv"), self.speaker("sendrecv")
                    await janus.call(api, number, *pair)
                    await asyncio.gather(*(peer.connect() for peer in pair))
            case _:
                api = self._api = await janus.Api.connect(self.spec.address)
                for number in range(self.spec.calls):
                    people = [
                        (self.speaker("sendonly"), self.listener()) for _ in range(self.spec.people)
                    ]
                    await janus.room(api, number + 1, people)

    async def _join_by_offers(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self.spec.address, limit=1 << 20)
        people = [
            (f"call{number}", f"person{place}", self.speaker("sendrecv", self.spec.people - 2))
            for number in range(self.spec.calls)
            for place in range(self.spec.people)
        ]
        connecting: list[asyncio.Task[None]] = []
        for call, name, peer in people:
            asked = {"call": call, "peer": name, "offer": peer.description()}
            writer.write(json.dumps(asked).encode() + b"\n")
            answer = json.loads(await reader.readline())["answer"]
            connecting.append(asyncio.create_task(peer.connect(answer)))
        await asyncio.gather(*connecting)
        writer.close()

    async def talk(self, seconds: float) -> None:
        """Everybody talks for so long, their packets spread over each step."""
        loop = asyncio.get_running_loop()
        groups = [self.speakers[phase::PHASES] for phase in range(PHASES)]
        slice_ = STEP / PHASES / self.spec.rate
        start, number = loop.time(), 0
        while (due := start + number * slice_) < start + seconds:
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            for speaker in groups[number % PHASES]:
                speaker.talk()
            if number % round(1 / slice_ / len(self.speakers)) == 0:
                self.speakers[
                    number
                    * len(self.speakers)
                    * round(slice_ * 1e6)
                    // 1_000_000
                    % len(self.speakers)
                ].report()
            number += 1


async def storm(load: Load) -> dict[str, float]:
    """How long people take who all join at once."""
    loop, before = asyncio.get_running_loop(), Usage.of(load.spec.server)
    start = loop.time()
    await load.join()
    took = loop.time() - start
    after = Usage.of(load.spec.server)
    slowest = max(peer.dtls_ended - peer.dtls_began for peer in load.peers)
    return {
        "join_ms": took * 1e3,
        "cpu_per_join_ms": (after.nanoseconds - before.nanoseconds) / len(load.peers) / 1e6,
        "slowest_dtls_ms": slowest * 1e3,
    }


async def forwarding(load: Load) -> dict[str, float]:
    """What forwarding costs, how long it takes, and what is lost."""
    spec, idle = load.spec, Usage.of(load.spec.server)
    await load.join()
    await load.talk(2)
    await asyncio.sleep(0.3)
    already, load.ears.counting = sum(each.sent for each in load.speakers), True
    before = Usage.of(spec.server)
    await load.talk(spec.seconds)
    after = Usage.of(spec.server)
    await asyncio.sleep(0.3)
    expected = (sum(each.sent for each in load.speakers) - already) * (spec.people - 1)
    ages, waits = sorted(load.ears.latencies), sorted(load.ears.waits)
    return {
        "us_per_packet": (after.nanoseconds - before.nanoseconds) / 1e3 / max(1, len(ages)),
        "packets_per_second": len(ages) / spec.seconds,
        "lost": expected - len(ages),
        "p50_ms": ages[len(ages) // 2] / 1e6,
        "p99_ms": ages[len(ages) * 99 // 100] / 1e6,
        "load_late_p99_ms": waits[len(waits) * 99 // 100] / 1e6,
        "mb_per_call": (after.memory - idle.memory) / spec.calls / 1e6,
        "threads": after.threads,
    }


def results(spec: Specification) -> Iterator[str]:
    """Run once; one JSON line."""

    async def run() -> dict[str, float]:
        load = Load(spec)
        try:
            return await (storm(load) if spec.storm else forwarding(load))
        finally:
            await load.close()

    yield json.dumps(uvloop.run(run()))


if __name__ == "__main__":
    for line in results(msgspec.json.decode(sys.argv[1], type=Specification)):
        print(line)
