"""The history checker's every verdict, proven by a fault put in on purpose."""

from dataclasses import replace

import pytest

from tests.support.checker import (
    WITHDRAWN,
    History,
    Place,
    Sent,
    Verdict,
    deletion_of,
    edit_of,
)

GREETING = Sent("ada", "hello", sent=1.0, acked=2.0, seq=2)
QUESTION = Sent("ada", "when?", sent=3.0, acked=4.0, seq=3)
ANSWER = Sent("ben", "on Monday", sent=5.0, acked=6.0, seq=4)
UNHEARD = Sent("ben", "or Tuesday", sent=7.0)

CREATED = Place(1, None)
PLACES = [CREATED, Place(2, "hello"), Place(3, "when?"), Place(4, "on Monday")]
SENT = [GREETING, QUESTION, ANSWER, UNHEARD]


EDITED = Sent("ada", edit_of(3, "when then?"), sent=6.1, acked=6.2, seq=5, message=3)
DELETED = Sent("ben", deletion_of(4), sent=6.3, acked=6.4, seq=6, message=4)
CHANGED = [GREETING, QUESTION, ANSWER, EDITED, DELETED]
CHANGES = [*PLACES, Place(5, EDITED.text), Place(6, DELETED.text)]
LATE = [*CHANGES[:3], Place(4, WITHDRAWN), CHANGES[4], Place(6, WITHDRAWN)]
"""What a snapshot tells of it."""


def verdicts(sent: list[Sent], **readers: list[Place]) -> set[Verdict]:
    return {fault.verdict for fault in History(sent, readers).faults()}


def test_a_history_without_a_fault_gets_no_verdict() -> None:
    assert verdicts(SENT, ada=PLACES, ben=PLACES) == set()


def test_an_unacknowledged_message_may_be_there_or_not() -> None:
    assert verdicts(SENT, ada=[*PLACES, Place(5, "or Tuesday")]) == set()


def test_changes_have_their_places_too_and_a_snapshot_need_not_tell_what_was_deleted() -> None:
    assert verdicts(CHANGED, ada=CHANGES, ben=LATE) == set()


def test_messages_under_way_at_the_same_time_may_stand_in_any_order() -> None:
    together = [replace(QUESTION, acked=9.0), replace(ANSWER, sent=3.5, seq=None)]

    for first, second in (("when?", "on Monday"), ("on Monday", "when?")):
        asked = [replace(together[0], seq=None), together[1]]
        assert verdicts(asked, ada=[CREATED, Place(2, first), Place(3, second)]) == set()


ADA_BACKWARDS = [CREATED, Place(2, "when?"), Place(3, "hello"), Place(4, "on Monday")]
BEN_TOO_EARLY = [CREATED, Place(2, "hello"), Place(3, "on Monday"), Place(4, "when?")]
UNPLACED = [replace(one, seq=None) for one in SENT]


@pytest.mark.parametrize(
    ("sent", "readers", "expected"),
    [
        pytest.param(SENT, {"ada": PLACES[:-1]}, {Verdict.LOST}, id="lost at the end"),
        pytest.param(
            UNPLACED,
            {"ada": [CREATED, Place(2, "hello"), Place(3, "on Monday")]},
            {Verdict.LOST},
            id="lost without a trace",
        ),
        pytest.param(SENT, {"ada": [*PLACES, Place(5, "hello")]}, {Verdict.DOUBLED}, id="doubled"),
        pytest.param(
            SENT,
            {"ada": [*PLACES, Place(5, "or Tuesday")], "ben": [*PLACES, Place(5, None)]},
            {Verdict.FORKED},
            id="two readers differ",
        ),
        pytest.param(
            [replace(ANSWER, seq=7), GREETING, QUESTION],
            {"ada": PLACES},
            {Verdict.FORKED},
            id="an acknowledgement named another place",
        ),
        pytest.param(
            UNPLACED,
            {"ada": ADA_BACKWARDS},
            {Verdict.REORDERED, Verdict.INVERTED},
            id="a sender's own order",
        ),
        pytest.param(
            SENT,
            {"ada": [PLACES[0], PLACES[1], PLACES[3], PLACES[2]]},
            {Verdict.REORDERED, Verdict.GAP},
            id="told backwards",
        ),
        pytest.param(
            SENT, {"ada": [*PLACES, PLACES[-1]]}, {Verdict.REORDERED, Verdict.DOUBLED}, id="twice"
        ),
        pytest.param(UNPLACED, {"ada": BEN_TOO_EARLY}, {Verdict.INVERTED}, id="inverted"),
        pytest.param(
            SENT,
            {"ada": [PLACES[0], PLACES[1], PLACES[2]], "ben": PLACES[:2] + PLACES[3:]},
            {Verdict.GAP, Verdict.LOST},
            id="a gap after a resume",
        ),
        pytest.param(CHANGED, {"ada": CHANGES[:4]}, {Verdict.LOST}, id="changes lost"),
        pytest.param(
            CHANGED,
            {"ada": [*CHANGES, Place(7, EDITED.text), Place(8, DELETED.text)]},
            {Verdict.DOUBLED},
            id="changes doubled",
        ),
        pytest.param(
            CHANGED,
            {"ada": CHANGES, "ben": [*CHANGES[:4], Place(5, None), CHANGES[5]]},
            {Verdict.FORKED, Verdict.LOST},
            id="an edit that one reader has otherwise",
        ),
        pytest.param(
            [*CHANGED, replace(EDITED, text=edit_of(3, "or when?"), sent=6.5, acked=6.6, seq=5)],
            {"ada": [*CHANGES[:4], Place(5, edit_of(3, "or when?")), CHANGES[5]]},
            {Verdict.LOST, Verdict.INVERTED},
            id="an edit in the place of another",
        ),
        pytest.param(
            [*CHANGED[:-1], replace(DELETED, seq=None)],
            {"ada": [*CHANGES[:2], Place(3, DELETED.text), Place(4, "when?"), Place(5, "x")]},
            {Verdict.LOST, Verdict.FORKED, Verdict.INVERTED},
            id="a deletion before what was said before it",
        ),
        pytest.param(
            CHANGED[:-1],
            {"ada": LATE},
            {Verdict.LOST},
            id="withdrawn although nobody deleted it",
        ),
        pytest.param([UNHEARD], {"ada": PLACES[1:]}, {Verdict.GAP}, id="a gap at the beginning"),
    ],
)
def test_an_injected_fault_gets_its_verdict_and_no_other(
    sent: list[Sent], readers: dict[str, list[Place]], expected: set[Verdict]
) -> None:
    assert verdicts(sent, **readers) == expected


def test_every_verdict_is_proven_here() -> None:
    marks = test_an_injected_fault_gets_its_verdict_and_no_other.pytestmark  # type: ignore[attr-defined]
    proven = {verdict for case in marks[0].args[1] for verdict in case.values[2]}

    assert proven == set(Verdict)
