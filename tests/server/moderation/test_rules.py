"""From a flag to its outcome."""

import pytest

from server import protocol as p
from server.errors import Code, Refusal
from server.interview.state import MOD, SHARED
from tests.support.history import ADA, BEN, CREATE, LUZ, MO, History, command_id, opened


def flagged() -> History:
    """Ben wrote three messages; Ada flagged the second."""
    history = opened()
    for text in ("one", "pay me outside", "three"):
        history.give(BEN, p.PostMessage(id=command_id(), text=text))
    history.give(
        ADA,
        p.FlagMessage(
            id=command_id(),
            message=history.state.seqs[SHARED] - 1,
            reason=p.FlagReason.PAYMENT_OUTSIDE,
            note="Look",
            before=1,
            after=0,
        ),
    )
    return history


def claimed() -> History:
    history = flagged()
    history.give(MO, p.ClaimCase(id=command_id(), interview=CREATE.id, case=1))
    return history


def decided(action: p.Action) -> History:
    history = claimed()
    history.give(
        MO,
        p.DecideCase(
            id=command_id(), interview=CREATE.id, case=1, action=action, explanation="Rule 3"
        ),
    )
    return history


def test_a_flag_freezes_its_window_and_gives_a_receipt() -> None:
    history = flagged()

    case = history.state.cases[1]
    assert [message.message for message in case.window] == [4, 5]
    assert case.accused == "freelancer"
    assert [type(n.event) for n in history.view(ADA).own] == [p.FlagReceived]


def test_the_reported_person_is_told_nothing_of_a_flag() -> None:
    before = opened()
    for text in ("one", "pay me outside", "three"):
        before.give(BEN, p.PostMessage(id=command_id(), text=text))

    after = flagged()

    assert after.cursor(BEN) == before.cursor(BEN)
    assert after.entries(BEN, len(before.told), live=True) == []


def test_the_frozen_state_survives_a_later_deletion() -> None:
    history = flagged()

    history.give(BEN, p.DeleteMessage(id=command_id(), message=5))

    assert history.state.cases[1].window[1].state is p.MessageState.KEPT


def test_a_deleted_message_can_be_flagged_with_all_its_versions() -> None:
    history = opened()
    history.give(BEN, p.PostMessage(id=command_id(), text="insult"))
    seq = history.state.seqs[SHARED]
    history.give(BEN, p.EditMessage(id=command_id(), message=seq, text="nothing"))
    history.give(BEN, p.DeleteMessage(id=command_id(), message=seq))

    history.give(ADA, p.FlagMessage(id=command_id(), message=seq, reason=p.FlagReason.OFFENSIVE))

    frozen = history.state.cases[1].window[-1]
    assert frozen.state is p.MessageState.DELETED
    assert [version.seq for version in frozen.versions] == [seq, seq + 1]


def test_nobody_flags_their_own_message_or_the_same_one_twice() -> None:
    history = flagged()
    again = p.FlagMessage(id=command_id(), message=5, reason=p.FlagReason.SCAM)

    with pytest.raises(Refusal) as own:
        history.give(BEN, again)
    with pytest.raises(Refusal) as twice:
        history.give(ADA, again)

    assert (own.value.code, twice.value.code) == (Code.NOT_ALLOWED, Code.ALREADY)


def test_a_claimed_case_is_its_claimers_until_it_is_released() -> None:
    history = claimed()
    luz_claims = p.ClaimCase(id=command_id(), interview=CREATE.id, case=1)
    with pytest.raises(Refusal) as taken:
        history.give(LUZ, luz_claims)
    assert taken.value.code is Code.CASE_TAKEN

    history.give(MO, p.ReleaseCase(id=command_id(), interview=CREATE.id, case=1))
    history.give(LUZ, luz_claims)

    assert history.state.cases[1].claimed_by == LUZ.person


def test_only_the_claimer_decides_and_only_once() -> None:
    decide = p.DecideCase(
        id=command_id(), interview=CREATE.id, case=1, action=p.Action.DISMISS, explanation=""
    )
    with pytest.raises(Refusal) as unclaimed:
        flagged().give(MO, decide)
    with pytest.raises(Refusal) as again:
        decided(p.Action.DISMISS).give(MO, decide)

    assert (unclaimed.value.code, again.value.code) == (Code.NOT_CLAIMED, Code.ALREADY)


def test_hiding_withdraws_the_message_for_both() -> None:
    history = decided(p.Action.HIDE)

    for reader in (ADA, BEN):
        message = next(item for item in history.view(reader).thread if item.seq == 5)
        assert isinstance(message, p.Message)
        assert (message.state, message.versions[-1].text) == (p.MessageState.HIDDEN, None)


def test_a_warning_reaches_the_person_concerned_and_nobody_else() -> None:
    history = decided(p.Action.WARN)

    assert [type(n.event) for n in history.view(BEN).own] == [p.Warned]
    assert [type(n.event) for n in history.view(ADA).own] == [p.FlagReceived, p.FlagAnswered]


@pytest.mark.parametrize("action", [p.Action.HIDE, p.Action.REMOVE, p.Action.END])
def test_whatever_is_done_the_person_concerned_reads_why_and_nobody_else_does(
    action: p.Action,
) -> None:
    history = decided(action)

    told = [
        (one.lane, one.event.action, one.text)
        for one in history.told
        if isinstance(one.event, p.Warned)
    ]

    assert told == [("person:freelancer", action, "Rule 3")]
    assert all(n.text != "Rule 3" for n in history.view(ADA).thread if isinstance(n, p.Notice))


def test_of_a_dismissed_case_the_person_concerned_never_learns() -> None:
    assert decided(p.Action.DISMISS).view(BEN).own == ()


def test_a_removed_person_can_do_nothing_here_any_more() -> None:
    history = decided(p.Action.REMOVE)

    with pytest.raises(Refusal) as refusal:
        history.give(BEN, p.PostMessage(id=command_id(), text="But"))

    assert refusal.value.code is Code.REMOVED


def test_ending_the_interview_closes_it_for_both() -> None:
    assert decided(p.Action.END).state.phase is p.Phase.ENDED


def test_a_dismissed_flag_changes_nothing_in_the_thread_and_is_answered() -> None:
    history = decided(p.Action.DISMISS)

    assert history.state.seqs[SHARED] == flagged().state.seqs[SHARED]
    answered = history.view(ADA).own[-1]
    assert isinstance(answered.event, p.FlagAnswered)
    assert answered.text == "Rule 3"


def test_the_moderator_lane_is_the_audit() -> None:
    history = decided(p.Action.HIDE)

    audit = [type(told.event) for told in history.told if told.lane == MOD]
    assert audit == [p.Flagged, p.CaseClaimed, p.CaseDecided]
