"""A narrow way to the only other person: what whoever sends there is held to."""

from struct import Struct

from signaling import rtcp
from signaling.answer import Chosen
from signaling.downlink import FREE, LEAST, Downlink
from signaling.events import Kind
from signaling.rtcp import ReportBlock
from signaling.rtp import U32
from signaling.sdp import Codec
from signaling.slot import Slot
from signaling.stream import UNLIMITED, Extensions, Feedback
from signaling.track import Track
from tests.signaling.support import (
    VIDEO_SSRC,
    Person,
    Running,
    bitrates_told,
    enter,
    eventually,
    handled,
)

SENDER_REPORT = Struct("!BBHIIIIII")
SENT = 1_000_000
"""Bits a second that go to the receiver."""


def bob_line(bob: Person) -> int:
    """The SSRC of the line on which somebody gets pictures."""
    return int(U32.unpack_from(bob.received[-1], 8)[0])


class Way:
    """A receiver's line, which reports once a second."""

    def __init__(self) -> None:
        codec = Codec(96, "VP8", "VP8", 90_000, 1, (), frozenset())
        self.downlink = Downlink()
        self._slot = Slot(
            Kind.VIDEO, "0", (1, 2), Chosen(codec, None, None, (), ()), lambda _packet: None
        )
        self._slot.track = Track(1, Extensions(), Feedback(), Kind.VIDEO, "VP8")
        self._slot.track.bitrate = SENT
        self._reports = 0

    def reports(self, lost: float, round_trip: float, seconds: int = 1) -> int | None:
        """What the sender is held to after so many reports of a share lost, and of seconds."""
        for _ in range(seconds):
            self._reports += 1
            self._slot.reported = ReportBlock(1, int(lost * 256), 0, self._reports, 0, 0, 0)
            self._slot.round_trip = round_trip
            self.downlink.judge([self._slot])
        return self.downlink.limit


def test_a_way_that_carries_everything_holds_nothing_back() -> None:
    assert Way().reports(lost=0, round_trip=0.04, seconds=60) is None


def test_loss_alone_holds_nothing_back() -> None:
    assert Way().reports(lost=0.2, round_trip=0.04, seconds=60) is None


def test_waiting_alone_holds_nothing_back_for_it_may_be_the_other_direction() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04, seconds=5)

    assert way.reports(lost=0, round_trip=0.5, seconds=10) is None


def test_loss_while_packets_wait_holds_the_sender_below_what_arrives() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04, seconds=5)

    limit = way.reports(lost=0.6, round_trip=0.5, seconds=2)

    assert limit is not None
    assert limit < 0.4 * SENT


def test_a_way_that_never_carries_enough_leaves_room_for_sound() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04, seconds=5)

    assert way.reports(lost=0.9, round_trip=0.5, seconds=10) == LEAST


def test_the_sender_may_send_more_from_second_to_second_and_is_free_in_the_end() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04, seconds=5)
    held = way.reports(lost=0.6, round_trip=0.5, seconds=2)

    later = way.reports(lost=0, round_trip=0.04, seconds=10)
    assert held is not None
    assert later is not None
    assert held < later < FREE
    assert way.reports(lost=0, round_trip=0.04, seconds=60) is None


def test_a_report_counts_once() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04)
    held = way.reports(lost=0.6, round_trip=0.5, seconds=2)

    way.downlink.judge([way._slot])

    assert way.downlink.limit == held


def test_a_longer_path_is_no_congestion_for_long() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04, seconds=5)

    way.reports(lost=0.03, round_trip=0.14, seconds=100)
    way.reports(lost=0, round_trip=0.14, seconds=100)

    assert way.reports(lost=0.03, round_trip=0.14, seconds=2) is None


def test_a_single_bad_second_holds_nothing_back_for_a_machine_may_have_been_busy() -> None:
    way = Way()
    way.reports(lost=0, round_trip=0.04, seconds=5)

    assert way.reports(lost=0.6, round_trip=0.5) is None
    assert way.reports(lost=0, round_trip=0.04) is None
    assert way.reports(lost=0.6, round_trip=0.5) is None


async def test_the_only_other_one_is_told_and_freed_when_a_third_comes(running: Running) -> None:
    ada = await enter(running, "ada", spares=1)
    bob = await enter(running, "bob", spares=1)
    report = SENDER_REPORT.pack(0x80, rtcp.Type.SENDER_REPORT, 6, VIDEO_SSRC, 0, 1 << 16, 0, 0, 0)
    highest = 0

    def congested() -> str:
        nonlocal highest
        ada.talk("video", bytes(1000))
        if not bob.received or len(bitrates_told(ada)):
            return "" if bitrates_told(ada) else "nothing sent yet"
        highest += 1
        # Of a report that came long ago, as if the answer had waited.
        lost = ReportBlock(bob_line(bob), 128 if highest > 20 else 0, 0, highest, 0, 1, 0)
        bob.peer.send_rtcp(rtcp.write_receiver_report(1, [lost]))
        return "not told"

    ada.talk("video")
    await handled(running.engine, ada)
    ada.peer.send_rtcp(report)
    await eventually(congested)
    assert (bitrates_told(ada)[-1] or 0) < FREE
    assert not bitrates_told(bob)

    await enter(running, "cy", spares=1)
    await eventually(lambda: "" if (bitrates_told(ada)[-1] or 0) > FREE else "still held")


def test_a_sender_who_was_held_is_told_each_second_for_a_report_may_be_lost() -> None:
    feedback = Feedback()
    told = []
    for limit in (None, LEAST, LEAST, None, None):
        feedback.hold(limit)
        told.append(feedback.take_bitrate())

    assert told == [None, LEAST, LEAST, UNLIMITED, UNLIMITED]
