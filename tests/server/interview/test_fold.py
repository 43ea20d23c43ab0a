"""A snapshot and the events after it are a fresh snapshot, for every reader and every history."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from server import protocol as p
from server.interview.decider import evolve
from server.interview.state import MOD, SHARED, SIDE, Actor, own_lane
from tests.support.history import ADA, BEN, BO, OLA, fold, random_history

readers = st.sampled_from((ADA, BEN, BO, OLA))
randoms = st.integers(min_value=0, max_value=2**32).map(random.Random)


@settings(max_examples=60, deadline=None)
@given(chance=randoms, reader=readers, live=st.booleans())
def test_a_snapshot_and_the_events_after_it_are_a_fresh_snapshot(
    chance: random.Random, reader: Actor, live: bool
) -> None:
    history = random_history(chance, 40)
    cut = chance.randint(1, len(history.told))
    earlier = history.upto(cut)

    folded = fold(
        earlier.view(reader), earlier.cursor(reader), history.entries(reader, cut, live=live)
    )

    assert folded == history.view(reader)


@settings(max_examples=40, deadline=None)
@given(chance=randoms)
def test_lanes_fold_to_the_same_state_in_whatever_order_they_are_read(
    chance: random.Random,
) -> None:
    history = random_history(chance, 40)
    lanes = [SHARED, MOD, SIDE, *(own_lane(seat) for seat in history.state.people)]
    chance.shuffle(lanes)

    again = type(history)().state
    for lane in sorted(lanes, key=lambda lane: lane != SHARED):
        for told in history.told:
            if told.lane == lane:
                again = evolve(again, told.lane, told.seq, told.event)

    assert again == history.state


@settings(max_examples=40, deadline=None)
@given(chance=randoms, reader=readers)
def test_no_text_of_a_withdrawn_message_is_in_a_snapshot(
    chance: random.Random, reader: Actor
) -> None:
    history = random_history(chance, 60)

    for item in history.view(reader).thread:
        if isinstance(item, p.Message) and item.state is not p.MessageState.KEPT:
            assert [version.text for version in item.versions] == [None] * len(item.versions)
