"""The history checker's every verdict, proven by a fault put in on purpose."""

from dataclasses import replace

import pytest

from tests.support.checker import History, Place, Sent, Verdict

GREETING = Sent("ada", "hello", sent=1.0, acked=2.0, seq=2)
QUESTION = Sent("ada", "when?", sent=3.0, acked=4.0, seq=3)
ANSWER = Sent("ben", "on Monday", sent=5.0, acked=6.0, seq=4)
UNHEARD = Sent("ben", "or Tuesday", sent=7.0)

CREATED = Place(1, None)
PLACES = [CREATED, Place(2, "hello"), Place(3, "when?"), Place(4, "on Monday")]
SENT = [GREETING, QUESTION, ANSWER, UNHEARD]


def verdicts(sent: list[Sent], **readers: list[Place]) -> set[Verdict]:
    return {fault.verdict for fault in History(sent, readers).faults()}


def test_a_history_without_a_fault_gets_no_verdict() -> None:
    assert verdicts(SENT, ada=PLACES, ben=PLACES) == set()


def test_an_unacknowledged_message_may_be_there_or_not() -> None:
    assert verdicts(SENT, ada=[*PLACES, Place(5, "or Tuesday")]) == set()


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
