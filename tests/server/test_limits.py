"""Rate limits: what GCRA admits, and what the bounded table forgets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.limits import Allowance, Gcra, Rate


def test_a_burst_is_admitted_and_the_next_is_told_how_long_to_wait() -> None:
    allowance = Allowance(Rate(per_second=10, burst=3))

    waits = [allowance.take(100.0) for _ in range(4)]

    assert waits == [0, 0, 0, 100]


def test_whoever_waits_as_told_is_admitted() -> None:
    allowance = Allowance(Rate(per_second=3, burst=1))
    assert allowance.take(0.0) == 0

    wait_ms = allowance.take(0.0)

    assert allowance.take(wait_ms / 1000) == 0


def test_several_cells_are_taken_together_or_not_at_all() -> None:
    allowance = Allowance(Rate(per_second=10, burst=10))

    waits = [allowance.take(0.0, 8), allowance.take(0.0, 8), allowance.take(0.6, 8)]

    assert waits == [0, 600, 0]
    assert allowance.take(0.6) == 100


def test_what_is_given_back_can_be_taken_again() -> None:
    allowance = Allowance(Rate(per_second=1, burst=2))
    assert allowance.take(0.0) == 0

    for _ in range(5):
        assert allowance.take(0.0) == 0
        allowance.give_back()

    assert [allowance.take(0.0), allowance.take(0.0)] == [0, 1000]


def test_a_refused_take_costs_nothing() -> None:
    allowance = Allowance(Rate(per_second=1, burst=1))
    assert allowance.take(0.0) == 0

    for _ in range(100):
        assert allowance.take(0.5) > 0

    assert allowance.take(1.0) == 0


@given(
    rate=st.floats(0.1, 1000),
    burst=st.integers(1, 100),
    gaps=st.lists(st.floats(0, 2), max_size=200),
)
def test_no_sequence_of_takes_gets_more_than_the_burst_and_the_rate(
    rate: float, burst: int, gaps: list[float]
) -> None:
    allowance = Allowance(Rate(per_second=rate, burst=burst))
    now, admitted = 0.0, 0

    for gap in gaps:
        now += gap
        admitted += allowance.take(now) == 0

    assert admitted <= burst + now * rate + 1


def test_keys_do_not_share_their_allowance() -> None:
    table = Gcra(Rate(per_second=1, burst=1))

    assert table.take("ada", 0.0) == 0
    assert table.take("bob", 0.0) == 0
    assert table.take("ada", 0.0) == 1000


def test_a_flood_of_keys_does_not_grow_the_table_nor_free_a_key_in_use() -> None:
    table = Gcra(Rate(per_second=0.001, burst=1), keys=10)
    table.take("busy", 0.0)

    for number in range(1000):
        table.take(number, 1.0)
        assert table.take("busy", 1.0) > 0

    assert len(table) == 10


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_rate_that_admits_nothing_is_refused(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="A rate needs"):
        Rate(per_second, burst)
