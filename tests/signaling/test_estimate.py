"""The bandwidth estimate for senders without transport-wide feedback, on ways wide and narrow."""

from signaling.adapter import START, BandwidthEstimate

SECOND = 1_000_000_000
PACKET = 1200
"""Bytes."""


def told(carries: int, seconds: int) -> list[int]:
    """What a sender is told who sends as much as it may, on a way of so many bits per second."""
    estimate, bitrates = BandwidthEstimate(), [300_000]
    sent_at = arrived = 0
    while sent_at < seconds * SECOND:
        arrived = max(arrived, sent_at) + PACKET * 8 * SECOND // carries
        send_time = (sent_at << 18) // SECOND & 0xFFFFFF
        bitrate = estimate.add(arrived, send_time, PACKET, 1)
        if bitrate is not None:
            bitrates.append(bitrate)
        sent_at += PACKET * 8 * SECOND // bitrates[-1]
    return bitrates[1:]


def test_a_sender_may_begin_with_a_good_picture_and_rises_to_what_the_way_carries() -> None:
    bitrates = told(carries=5_000_000, seconds=20)

    assert START <= bitrates[0] < START * 1.01
    assert bitrates == sorted(bitrates)
    assert bitrates[-1] > 3_000_000


def test_a_narrow_way_brings_the_sender_down_to_what_it_carries() -> None:
    bitrates = told(carries=400_000, seconds=5)

    assert bitrates[0] >= START
    assert bitrates[-1] < 400_000
