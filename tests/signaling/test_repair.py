"""Loss: what receivers ask for again, what the engine asks for, and what senders are told."""

import asyncio
import re

import pytest
from pylibsrtp import Policy, Session

from bench.light_peer import RTX, VP8, rtp
from signaling import rtcp
from signaling.adapter import Address, raw_session
from signaling.answer import Chosen
from signaling.events import Kind
from signaling.rtp import U16, U32, read_head
from signaling.sdp import Codec
from signaling.slot import Slot
from signaling.stream import Extensions, Feedback, Packets
from signaling.track import LARGEST_RING, NACK_TRIES, RING, Track
from tests.signaling.support import (
    REPAIR_SSRC,
    VIDEO_SSRC,
    Person,
    Running,
    enter,
    eventually,
    handled,
)


def feedback(person: Person, type_: int, format_: int) -> list[bytes]:
    """The feedback messages of one kind that a person has received."""
    return [
        packet[at:end]
        for packet in person.control
        for kind, count, at, end in rtcp.packets(packet, len(packet))
        if (kind, count) == (type_, format_)
    ]


async def pair(running: Running) -> tuple[Person, Person]:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob")
    for _ in range(20):
        bob.talk("video")
    await eventually(lambda: "" if len(ada.received) == 20 else f"{len(ada.received)} of 20")
    return ada, bob


async def test_a_nack_is_answered_from_the_ring_in_a_stream_of_its_own(running: Running) -> None:
    ada, _ = await pair(running)
    media = next(iter(ada.ssrcs()))

    ada.peer.send_rtcp(rtcp.write_nack(1, media, [5, 6, 20]))

    await eventually(lambda: "" if len(ada.received) == 23 else f"{len(ada.received)} of 23")
    repaired = ada.received[20:]
    assert [packet[1] & 0x7F for packet in repaired] == [RTX] * 3
    assert media not in {int(U32.unpack_from(packet, 8)[0]) for packet in repaired}
    start = 20  # header, extension of one word
    assert [int(U16.unpack_from(packet, start)[0]) for packet in repaired] == [5, 6, 20]
    assert [packet[start + 2 :] for packet in repaired] == [b"media"] * 3


async def test_what_is_not_in_the_ring_is_not_sent(running: Running) -> None:
    ada, _ = await pair(running)

    ada.peer.send_rtcp(rtcp.write_nack(1, next(iter(ada.ssrcs())), [5000]))
    ada.peer.send_rtcp(rtcp.write_nack(1, 12345, [5]))
    await handled(running.engine, ada)

    assert len(ada.received) == 20


def test_a_packet_is_asked_for_again_when_its_repair_is_overdue() -> None:
    track, packets = Track(VIDEO_SSRC, Extensions(), Feedback(), Kind.VIDEO), Packets()
    round_trip, now = 120_000_000, 10**12

    def come(number: int, *, repaired: bool = False) -> None:
        packet = rtp("video", VIDEO_SSRC, number, number * 960, b"media")
        packets.received.view[: len(packet)] = packet
        if repaired:
            track.recover(packets, number, len(packet), now)
        else:
            track.receive(packets, read_head(packets.received.view), len(packet), now)

    come(1)
    for number in range(3, 103, 2):
        come(number)
        now += round_trip
        come(number - 1, repaired=True)
    come(103)

    assert track.still_missing(now + round_trip) == []
    assert track.still_missing(now + round_trip * 3 // 2 + 1_000_000) == [102]
    assert track.still_missing(now + round_trip * 2) == []


def test_the_ring_grows_with_the_rate_and_keeps_what_is_in_it() -> None:
    track, packets, first = Track(VIDEO_SSRC, Extensions(), Feedback(), Kind.VIDEO), Packets(), 300
    asked = RING[Kind.VIDEO]

    def come(numbers: range) -> None:
        for number in numbers:
            packet = rtp("video", VIDEO_SSRC, number, number * 960, b"media")
            packets.received.view[: len(packet)] = packet
            head = read_head(packets.received.view)
            track.receive(packets, head, len(packet), number * 3_000_000)

    come(range(first))
    track.count(10**9)
    assert track.recent(first - asked) is not None

    come(range(first, 2 * first))
    assert track.recent(2 * first - asked - 1) is not None
    assert track.recent(first - asked) is None

    for start in range(2 * first, 6_000, 1_000):  # a thousand in a second are not all kept
        come(range(start, start + 1_000))
        track.count(10**9)
    assert sum(track.recent(number) is not None for number in range(7_000)) == LARGEST_RING


async def test_a_gap_is_asked_for_at_once_and_a_few_times_more(running: Running) -> None:
    _, bob = await pair(running)

    bob.sequence["video"] += 2
    bob.talk("video")

    def asked() -> list[list[int]]:
        packets = feedback(bob, rtcp.Type.TRANSPORT_FEEDBACK, rtcp.NACK)
        return [list(rtcp.nacked(each, 12, len(each))) for each in packets]

    await eventually(lambda: "" if asked() else "nothing asked for")
    assert asked()[0] == [21, 22]
    await eventually(lambda: "" if len(asked()) == NACK_TRIES else f"asked {len(asked())} times")


async def test_a_retransmission_fills_the_gap_for_everybody_once(running: Running) -> None:
    ada, bob = await pair(running)
    bob.sequence["video"] += 1
    bob.talk("video")
    await eventually(lambda: "" if ada.numbers()[-1] == 22 else f"{ada.numbers()[-1]}")
    packet = rtp("video", VIDEO_SSRC, 21, 21 * 960, (21).to_bytes(2, "big") + b"lost and found")
    packet[1] = RTX
    packet[2:4] = (7).to_bytes(2, "big")
    packet[8:12] = REPAIR_SSRC.to_bytes(4, "big")

    bob.peer.send(packet)
    packet[2:4] = (8).to_bytes(2, "big")
    bob.peer.send(packet)

    await eventually(lambda: "" if 21 in ada.numbers() else "the gap is open")
    await handled(running.engine, bob)
    found = [each for each in ada.received if each.endswith(b"lost and found")]
    assert len(found) == 1
    assert int(U16.unpack_from(found[0], 2)[0]) == 21
    statistics = running.engine.statistics("call").peers[1].publishes[-1]
    assert (statistics.lost, statistics.recovered) == (0, 1)


async def test_a_key_frame_is_asked_for_when_somebody_joins_and_at_most_twice_a_second(
    running: Running,
) -> None:
    ada, bob = await pair(running)
    media = next(iter(ada.ssrcs()))
    await eventually(
        lambda: "" if feedback(bob, rtcp.Type.PAYLOAD_FEEDBACK, rtcp.PLI) else "no key frame asked"
    )
    before = len(feedback(bob, rtcp.Type.PAYLOAD_FEEDBACK, rtcp.PLI))

    for _ in range(50):
        ada.peer.send_rtcp(rtcp.write_pli(1, media))
    await asyncio.sleep(0.7)

    asked = len(feedback(bob, rtcp.Type.PAYLOAD_FEEDBACK, rtcp.PLI)) - before
    assert 1 <= asked <= 2


async def test_every_packet_is_in_the_transport_wide_feedback(running: Running) -> None:
    _, bob = await pair(running)

    def told() -> list[tuple[int, int]]:
        packets = feedback(bob, rtcp.Type.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_WIDE)
        return [(U16.unpack_from(each, 12)[0], U16.unpack_from(each, 14)[0]) for each in packets]

    await eventually(lambda: "" if sum(count for _, count in told()) >= 20 else f"{told()}")
    assert told()[0][0] == 1


async def test_reports_of_a_sender_reach_the_receiver_under_the_receivers_ssrc(
    running: Running,
) -> None:
    ada, bob = await pair(running)
    report = b"\x80\xc8\x00\x06" + VIDEO_SSRC.to_bytes(4, "big") + bytes(range(1, 21))

    bob.peer.send_rtcp(report)

    def reports() -> list[bytes]:
        return [each for each in ada.control if each[1] == rtcp.Type.SENDER_REPORT]

    await eventually(lambda: "" if reports() else "no report came")
    assert reports()[0][4:8] == ada.received[0][8:12]
    assert reports()[0][8:] == report[8:]


async def test_the_sender_hears_of_loss_in_receiver_reports(running: Running) -> None:
    _, bob = await pair(running)
    bob.sequence["video"] += 20
    bob.talk("video")

    def blocks() -> list[rtcp.ReportBlock]:
        return [
            block
            for packet in bob.control
            for kind, _, at, end in rtcp.packets(packet, len(packet))
            if kind == rtcp.Type.RECEIVER_REPORT
            for block in rtcp.report_blocks(packet, at + 8, end)
        ]

    await eventually(lambda: "" if any(b.packets_lost for b in blocks()) else f"{blocks()}")
    block = next(each for each in blocks() if each.packets_lost)
    assert (block.ssrc, block.packets_lost) == (VIDEO_SSRC, 20)
    assert block.fraction_lost > 0


@pytest.mark.parametrize("kind", [Kind.AUDIO, Kind.VIDEO])
async def test_what_was_kept_from_everybody_is_not_sent_again_either(
    running: Running, kind: Kind
) -> None:
    ada, bob = await enter(running, "ada"), await enter(running, "bob")
    for silent in (False, True, False):
        running.engine.silence("call", "bob", kind, silent=silent)
        for _ in range(5):
            bob.talk(str(kind), payload=b"kept back" if silent else b"told")
        await handled(running.engine, bob)
        for ssrc in ada.ssrcs():
            ada.peer.send_rtcp(rtcp.write_nack(1, ssrc, list(range(20))))
        await handled(running.engine, ada)

    assert any(b"told" in packet for packet in ada.received)
    assert not any(b"kept back" in packet for packet in ada.received)


async def test_what_was_sent_before_somebody_came_is_not_sent_again_to_them(
    running: Running,
) -> None:
    bob, _ = await enter(running, "bob"), await enter(running, "ada")
    for _ in range(5):
        bob.talk(payload=b"before")
    await handled(running.engine, bob)
    cy = await enter(running, "cy")
    lines = {int(ssrc) for ssrc in re.findall(r"a=ssrc:(\d+)", cy.answer)}

    def ask() -> None:
        for ssrc in lines:
            cy.peer.send_rtcp(rtcp.write_nack(1, ssrc, list(range(20))))

    ask()
    await handled(running.engine, cy)
    for _ in range(5):
        bob.talk(payload=b"after")
    await handled(running.engine, bob)
    ask()
    await handled(running.engine, cy)

    assert any(b"after" in packet for packet in cy.received)
    assert not any(b"before" in packet for packet in cy.received)


async def test_padding_that_probes_for_bandwidth_repairs_nothing(running: Running) -> None:
    ada, bob = await enter(running, "ada"), await enter(running, "bob")
    for number in (65_535, 65_537):
        bob.sequence["video"] = number - 1
        bob.talk("video")
    probe = rtp("video", REPAIR_SSRC, 7, 960, bytes(9) + b"\x0a")
    probe[0] |= 0x20
    probe[1] = RTX
    repair = rtp("video", REPAIR_SSRC, 8, 960, b"\0\0found" + b"\0\0\3")
    repair[0] |= 0x20
    repair[1] = RTX

    bob.peer.send(probe)
    bob.peer.send(repair)
    await handled(running.engine, bob)

    assert ada.numbers() == [65_535, 1, 0]
    assert ada.received[2].endswith(b"found")
    assert not ada.received[2][0] & 0x20


class Line:
    """A slot that keeps what it sends, as plain packets."""

    def __init__(self) -> None:
        codec = Codec(VP8, "VP8", "VP8", 90_000, 1, (), frozenset())
        chosen = Chosen(codec, None, None, (), ())
        self.slot = Slot(Kind.VIDEO, "0", (1, 2), chosen, lambda _packet: None)
        self.sent: list[tuple[int, int]] = []
        """Sequence number and timestamp of each packet."""
        key = Policy(
            key=bytes(28),
            ssrc_type=Policy.SSRC_ANY_OUTBOUND,
            srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
        )
        key.allow_repeat_tx, key.window_size = True, 1024  # as aiortc's
        self.slot.session = raw_session(Session(key))
        self.slot.send = self._send

    def _send(self, packet: bytes | memoryview, _address: Address) -> None:
        self.sent.append((U16.unpack_from(packet, 2)[0], U32.unpack_from(packet, 4)[0]))


class Source:
    """A track that packets come to at given times."""

    def __init__(self, line: Line | None = None) -> None:
        self.packets = Packets()
        self.track = Track(VIDEO_SSRC, Extensions(), Feedback(), Kind.VIDEO)
        if line is not None:
            self.track.add(line.slot)

    def come(self, number: int, now: int, *, timestamp: int | None = None) -> None:
        """A frame of one packet; at 90 kHz, unless `timestamp` says otherwise."""
        at = now * 9 // 100_000 if timestamp is None else timestamp
        packet = rtp("video", VIDEO_SSRC, number, at & 0xFFFFFFFF, b"media", marker=True)
        self.packets.received.view[: len(packet)] = packet
        head = read_head(self.packets.received.view)
        self.track.receive(self.packets, head, len(packet), now)


def test_after_a_pause_another_source_goes_on_at_the_time_that_has_passed() -> None:
    line, now = Line(), 10**12
    first = Source(line)
    first.come(1, now)
    minute = 60_000_000_000

    line.slot.detach(now + minute)
    second = Source(line)
    second.come(700, now + 2 * minute, timestamp=5)

    (_, before), (_, after) = line.sent
    assert ((after - before) & 0xFFFFFFFF) == pytest.approx(120 * 90_000, abs=2)


def test_a_straggler_from_before_a_change_of_source_never_takes_a_number_again() -> None:
    line, now = Line(), 10**12
    first = Source(line)
    for number in range(1, 11):
        first.come(number, now)
    second = Source()
    second.come(100, now)
    second.come(104, now)
    line.slot.detach(now)
    second.track.add(line.slot)

    for number in range(105, 105 + 1_000):
        second.come(number, now)
    for number in (101, 102, 103):
        second.come(number, now)

    numbers = [number for number, _ in line.sent]
    assert numbers == list(range(1, 11 + 1_000))
