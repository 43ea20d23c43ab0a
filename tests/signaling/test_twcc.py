"""Transport-wide feedback, read back by a reader written from the draft."""

import random
from struct import unpack_from

from hypothesis import given
from hypothesis import strategies as st

from signaling.twcc import LARGEST_SPAN, MOST_ARRIVALS, REFERENCE, TICK, Arrivals

MS = 1_000_000


def read(packet: bytes) -> dict[int, int | None]:
    """Sequence number -> arrival in ticks, None for those reported lost."""
    assert packet[1] == 205
    assert packet[0] & 0x1F == 15
    assert len(packet) == 4 + 4 * int(unpack_from("!H", packet, 2)[0])
    base, count = unpack_from("!HH", packet, 12)
    reference = int.from_bytes(packet[16:19], "big")
    at, symbols = 20, list[int]()
    while len(symbols) < count:
        (chunk,) = unpack_from("!H", packet, at)
        at += 2
        if chunk & 0x8000 == 0:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
        else:
            assert chunk & 0x4000, "one-bit vectors are not written"
            symbols += [chunk >> (12 - 2 * place) & 3 for place in range(7)]
    arrivals: dict[int, int | None] = {}
    now = reference * (REFERENCE // TICK)
    for offset, symbol in enumerate(symbols[:count]):
        if symbol == 0:
            arrivals[(base + offset) & 0xFFFF] = None
            continue
        now += packet[at] if symbol == 1 else unpack_from("!h", packet, at)[0]
        at += symbol
        arrivals[(base + offset) & 0xFFFF] = now
    return arrivals


@given(
    st.integers(0, 0xFFFF),
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(-5 * MS, 300 * MS)), min_size=1, max_size=120
    ),
)
def test_every_arrival_is_told_and_every_hole(base: int, steps: list[tuple[int, int]]) -> None:
    arrivals, sequence, at = Arrivals(), base, 10**12
    sent: dict[int, int] = {}
    for step, wait in steps:
        sequence, at = (sequence + step) & 0xFFFF, at + wait
        arrivals.seen[sequence] = at
        sent[sequence] = at // TICK

    (packet,) = arrivals.reports(1, 2)

    told = read(packet)
    assert {number: when for number, when in told.items() if when is not None} == sent
    assert len(told) == sum(step for step, _ in steps[1:]) + 1


def test_a_report_begins_where_the_last_one_ended() -> None:
    arrivals = Arrivals()
    arrivals.seen |= {1: MS, 2: 2 * MS}
    arrivals.reports(1, 2)
    arrivals.seen |= {5: 9 * MS}

    (packet,) = arrivals.reports(1, 2)

    assert read(packet) == {3: None, 4: None, 5: 9 * MS // TICK}


@given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 40), min_size=2, max_size=6))
def test_reports_of_packets_that_all_came_follow_on_each_other(base: int, sizes: list[int]) -> None:
    arrivals, sequence, at = Arrivals(), base, 10**12
    for size in sizes:
        sent: dict[int, int | None] = {}
        for _ in range(size):
            sequence, at = (sequence + 1) & 0xFFFF, at + 5 * MS
            arrivals.seen[sequence] = at
            sent[sequence] = at // TICK

        (packet,) = arrivals.reports(1, 2)

        assert read(packet) == sent


@given(
    st.integers(0, 0xFFFF),
    st.integers(1, MOST_ARRIVALS),
    st.integers(1, LARGEST_SPAN),
    st.randoms(use_true_random=False),
)
def test_a_burst_is_told_in_as_many_reports_as_fit_datagrams(
    base: int, came: int, span: int, luck: random.Random
) -> None:
    arrivals, at = Arrivals(), 10**12
    came = min(came, span)
    sent: dict[int, int] = {}
    for offset in luck.sample(range(span), came):
        at += luck.randrange(5 * MS)
        arrivals.seen[(base + offset) & 0xFFFF] = at
        sent[(base + offset) & 0xFFFF] = at // TICK

    told: dict[int, int | None] = {}
    for packet in arrivals.reports(1, 2):
        assert len(packet) <= 1200
        told |= read(packet)

    assert {number: when for number, when in told.items() if when is not None} == sent


def test_nothing_new_is_no_report() -> None:
    arrivals = Arrivals()
    assert arrivals.reports(1, 2) == []
    arrivals.seen |= {7: MS}
    arrivals.reports(1, 2)

    arrivals.seen |= {6: 2 * MS}

    assert arrivals.reports(1, 2) == []


def test_a_jump_too_large_to_report_starts_anew() -> None:
    arrivals = Arrivals()
    arrivals.seen |= {1: MS, 1 + LARGEST_SPAN: 2 * MS}
    assert arrivals.reports(1, 2) == []
    arrivals.seen |= {9000: 3 * MS}

    (packet,) = arrivals.reports(1, 2)

    assert list(read(packet)) == [9000]


@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 10**13)), max_size=50))
def test_no_arrivals_make_the_writer_fail(seen: list[tuple[int, int]]) -> None:
    arrivals = Arrivals()
    arrivals.seen |= dict(seen)

    assert all(len(packet) % 4 == 0 for packet in arrivals.reports(1, 2))
