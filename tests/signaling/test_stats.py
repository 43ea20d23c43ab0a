"""What statistics say of a track and of a line, beside what the RFCs and plain counting say."""

import random

import pytest

from bench.light_peer import rtp
from signaling import rtcp
from signaling.events import Kind
from signaling.rtp import read_head
from signaling.stream import Extensions, Feedback, Packets
from signaling.track import Track
from tests.signaling.support import AUDIO_SSRC, Running, enter, eventually, handled

SECOND = 1_000_000_000
CLOCKS = {Kind.AUDIO: 48_000, Kind.VIDEO: 90_000}


class Source:
    """A track, and the packets that come to it at given times."""

    def __init__(self, kind: Kind) -> None:
        self.kind, self.packets = kind, Packets()
        self.track = Track(1, Extensions(audio_level=1), Feedback(), kind)

    def come(
        self, number: int, timestamp: int, now: int, *, size: int = 5, marker: bool = False
    ) -> int:
        """The next packet; its size in bytes."""
        packet = rtp(self.kind, 1, number, timestamp, bytes(size), marker=marker)
        self.packets.received.view[: len(packet)] = packet
        head = read_head(self.packets.received.view)
        self.track.receive(self.packets, head, len(packet), now)
        return len(packet)


@pytest.mark.parametrize("kind", list(Kind))
def test_jitter_is_that_of_rfc_3550_in_the_units_of_the_codecs_clock(kind: Kind) -> None:
    source, clock, luck = Source(kind), CLOCKS[kind], random.Random(3550)
    frame = clock // 50
    wanted, before = 0.0, 0.0

    for number in range(1, 200):
        now = 10**12 + number * SECOND // 50 + luck.randrange(30_000_000)
        # A picture takes several packets: those of one frame are sent one after another.
        if kind is Kind.VIDEO:
            source.come(2 * number, number * frame, now)
        source.come(2 * number + 1, number * frame, now, marker=True)
        transit = now * clock / SECOND - number * frame
        if number > 1:
            wanted += (abs(transit - before) - wanted) / 16
        before = transit

    assert source.track.jitter == pytest.approx(wanted, rel=1e-6)
    assert source.track.report(10**13).jitter == int(wanted)


def test_bitrate_is_what_came_in_the_last_second() -> None:
    source, now = Source(Kind.VIDEO), 10**12
    source.track.count(now)
    came = sum(source.come(number, 0, now, size=1000) for number in range(100))

    source.track.count(now + SECOND)
    assert source.track.bitrate == came * 8
    source.track.count(now + 3 * SECOND)
    assert source.track.bitrate == 0


def test_loss_is_counted_over_wraps_and_told_as_a_fraction_of_the_last_report() -> None:
    source, now = Source(Kind.AUDIO), 10**12
    for number in range(65_500, 65_600):
        if number % 4:
            source.come(number, number * 960, now)

    report = source.track.report(now)

    assert (report.highest_sequence, report.packets_lost) == (65_599, 24)
    assert report.fraction_lost == 24 * 256 // 99
    assert source.track.packets == 75
    for number in range(65_600, 65_610):
        source.come(number, number * 960, now)
    assert source.track.report(now).fraction_lost == 0


def test_the_level_is_what_the_packets_say_and_silence_when_none_have_come_since() -> None:
    source = Source(Kind.AUDIO)
    for number in range(1, 60):
        source.come(number, number * 960, 10**12)

    assert (source.track.take_level(), source.track.take_level()) == (30, 127)


async def test_a_line_tells_what_its_receiver_reports_of_it(running: Running) -> None:
    ada, bob = await enter(running, "ada"), await enter(running, "bob")
    bob.talk()
    await handled(running.engine, bob)
    (line,) = ada.ssrcs()
    ntp = (0x1234_5678_9ABC_DEF0).to_bytes(8, "big")
    bob.peer.send_rtcp(b"\x80\xc8\0\6" + AUDIO_SSRC.to_bytes(4, "big") + ntp + bytes(12))
    await handled(running.engine, bob)
    assert ada.control

    block = rtcp.ReportBlock(line, 64, 7, 1, 960, last_sr=0x5678_9ABC, delay=0)
    ada.peer.send_rtcp(rtcp.write_receiver_report(1, [block]))
    await handled(running.engine, ada)

    told = next(
        each
        for each in running.engine.statistics("call").peers[0].receives
        if each.kind is Kind.AUDIO
    )
    assert (told.source, told.fraction_lost, told.packets_lost) == ("bob", 0.25, 7)
    assert told.jitter == pytest.approx(0.02)
    assert told.round_trip is not None
    await eventually(
        lambda: (
            (
                ""
                if running.engine.statistics("call").peers[1].publishes[0].bitrate
                else "no bitrate yet"
            )
            if bob.talk()
            else ""
        )
    )
    assert running.engine.statistics("call").peers[1].publishes[0].audio_level < 127
