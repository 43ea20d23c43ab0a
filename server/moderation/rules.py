"""Cases: a flag freezes its evidence, a moderator claims, notes and decides.

Nothing about a flag is in the shared lane, which the reported person reads. Nor does a reporter
learn how many cases there are: who flags back would see that they were flagged before. What they
are told is numbered by their own lane.
"""

from msgspec.structs import replace

from server.calls.intents import muting
from server.calls.rules import departing, require_in_call
from server.errors import Code, Refusal
from server.interview.lifecycle import ending
from server.interview.panel import removing
from server.interview.state import (
    MOD,
    MODERATOR,
    SHARED,
    Actor,
    Case,
    Fact,
    Interview,
    own_lane,
    tidy,
)
from server.protocol import (
    Action,
    CallEnd,
    CaseClaimed,
    CaseDecided,
    CaseIntervened,
    CaseNote,
    CaseNoted,
    CaseReleased,
    CaseStatus,
    ClaimCase,
    DecideCase,
    Evidence,
    FlagAnswered,
    Flagged,
    FlagMessage,
    FlagReceived,
    Instant,
    Intervene,
    Measure,
    Message,
    MessageHidden,
    MessageState,
    NoteCase,
    ReleaseCase,
    Source,
    Warned,
)


def flag(state: Interview, actor: Actor, command: FlagMessage, now: Instant) -> list[Fact]:
    """Freezes the message and its window, also after the interview is over."""
    reporter = state.person(actor)
    message = state.message(command.message)
    if message.by == reporter.seat:
        raise Refusal(Code.NOT_ALLOWED, "This is your own message. You can edit or delete it.")
    if any(_same_open(case, reporter.seat, message.seq) for case in state.cases.values()):
        raise Refusal(Code.ALREADY, "You flagged this message; a moderator has not decided yet.")
    window = _window(state, message.seq, command.before, command.after)
    case, lane = state.next_seq(MOD), own_lane(reporter.seat)
    flagged = Flagged(
        by=reporter.seat,
        at=now,
        message=message.seq,
        reason=command.reason,
        accused=message.by,
        window=window,
    )
    receipt = FlagReceived(
        by=MODERATOR,
        at=now,
        case=state.next_seq(lane),
        message=message.seq,
        reason=command.reason,
        after=state.seqs.get(SHARED, 0),
    )
    copies = tuple((case, version.seq) for frozen in window for version in frozen.versions)
    return [
        Fact(lane, receipt),
        Fact(MOD, flagged, text=tidy(command.note), copies=copies),
    ]


def flagged(state: Interview, seq: int, event: Flagged) -> Interview:
    case = Case(
        seq=seq,
        at=event.at,
        reason=event.reason,
        message=event.message,
        reporter=event.by,
        accused=event.accused,
        window=event.window,
    )
    return _with(state, case)


def claim(state: Interview, actor: Actor, command: ClaimCase, now: Instant) -> list[Fact]:
    case = _case(state, command.case)
    if case.status is CaseStatus.CLAIMED and case.claimed_by == actor.person:
        return []
    if case.status is CaseStatus.CLAIMED:
        raise Refusal(Code.CASE_TAKEN, "Another moderator is working on this case.")
    if case.status is CaseStatus.DECIDED:
        raise Refusal(Code.ALREADY, "This case is decided already.")
    return [Fact(MOD, CaseClaimed(by=actor.person, at=now, case=case.seq))]


def claimed(state: Interview, event: CaseClaimed) -> Interview:
    case = replace(state.cases[event.case], status=CaseStatus.CLAIMED, claimed_by=event.by)
    return _with(state, case)


def release(state: Interview, actor: Actor, command: ReleaseCase, now: Instant) -> list[Fact]:
    case = claimed_case(state, actor, command.case)
    return [Fact(MOD, CaseReleased(by=actor.person, at=now, case=case.seq))]


def released(state: Interview, event: CaseReleased) -> Interview:
    return _with(state, replace(state.cases[event.case], status=CaseStatus.OPEN, claimed_by=""))


def note(state: Interview, actor: Actor, command: NoteCase, now: Instant) -> list[Fact]:
    case = claimed_case(state, actor, command.case)
    text = tidy(command.text)
    if not text:
        raise Refusal(Code.EMPTY, "The note is empty.")
    return [Fact(MOD, CaseNoted(by=actor.person, at=now, case=case.seq), text=text)]


def noted(state: Interview, seq: int, event: CaseNoted) -> Interview:
    case = state.cases[event.case]
    written = CaseNote(seq=seq, by=event.by, at=event.at, text="")
    return _with(state, replace(case, notes=(*case.notes, written)))


def decide_case(state: Interview, actor: Actor, command: DecideCase, now: Instant) -> list[Fact]:
    """The decision, what it does, and the word to the reporter, all in one step."""
    case = claimed_case(state, actor, command.case)
    text = tidy(command.explanation)
    answer = FlagAnswered(
        by=MODERATOR,
        at=now,
        case=_number_told(state, case),
        action=command.action,
        after=state.seqs.get(SHARED, 0),
    )
    return [
        Fact(
            MOD,
            CaseDecided(by=actor.person, at=now, case=case.seq, action=command.action),
            text=text,
        ),
        *_effects(state, case, command.action, text, now),
        Fact(own_lane(case.reporter), answer, text=text),
    ]


def decided(state: Interview, seq: int, event: CaseDecided) -> Interview:
    case = replace(
        state.cases[event.case],
        status=CaseStatus.DECIDED,
        claimed_by=event.by,
        action=event.action,
        decided_seq=seq,
        decided_at=event.at,
    )
    return _with(state, case)


def claimed_case(state: Interview, actor: Actor, seq: int) -> Case:
    """The case, if this moderator has claimed it and has not decided yet."""
    case = _case(state, seq)
    if case.status is CaseStatus.DECIDED:
        raise Refusal(Code.ALREADY, "This case is decided already.")
    if case.claimed_by != actor.person:
        raise Refusal(Code.NOT_CLAIMED, "Claim the case first: only its claimer decides.")
    return case


def _effects(state: Interview, case: Case, action: Action, text: str, now: Instant) -> list[Fact]:
    """The word to the accused, then what changes; neither, if that is so already."""
    effects = _changes(state, case, action, now)
    if not effects and action is not Action.WARN:
        return []
    after = state.seqs.get(SHARED, 0)
    told = Warned(by=MODERATOR, at=now, message=case.message, after=after, action=action)
    return [Fact(own_lane(case.accused), told, text=text), *effects]


def _changes(state: Interview, case: Case, action: Action, now: Instant) -> list[Fact]:
    match action:
        case Action.DISMISS | Action.WARN:
            return []
        case Action.HIDE:
            if state.message(case.message).state is not MessageState.KEPT:
                return []
            return [Fact(SHARED, MessageHidden(by=MODERATOR, at=now, message=case.message))]
        case Action.REMOVE:
            if state.people[case.accused].removed:
                return []
            return removing(state, case.accused, MODERATOR, "", now)
        case Action.END:
            return [] if state.closed else ending(state, MODERATOR, "", now)


def intervene(state: Interview, actor: Actor, command: Intervene, now: Instant) -> list[Fact]:
    """What cannot wait for the decision. Everybody sees that a moderator did it; not about what."""
    case = claimed_case(state, actor, command.case)
    require_in_call(state, case.accused)
    done = CaseIntervened(by=actor.person, at=now, case=case.seq, measure=command.measure)
    return [Fact(MOD, done), *_measure(state, case.accused, command.measure, now)]


def _measure(state: Interview, seat: str, measure: Measure, now: Instant) -> list[Fact]:
    match measure:
        case Measure.MUTE:
            return [fact for kind in Source for fact in muting(state, MODERATOR, seat, kind, now)]
        case Measure.EJECT:
            return departing(state, seat, MODERATOR, CallEnd.REMOVED, now)


def _number_told(state: Interview, case: Case) -> int:
    """The number on the reporter's receipt: those of a message come in the order of its cases."""
    alike = (case.reporter, case.message)
    cases = sorted(c.seq for c in state.cases.values() if (c.reporter, c.message) == alike)
    receipts = [
        notice.event.case
        for notice in state.own.get(own_lane(case.reporter), ())
        if isinstance(notice.event, FlagReceived) and notice.event.message == case.message
    ]
    return receipts[cases.index(case.seq)]


def _window(state: Interview, seq: int, before: int, after: int) -> tuple[Evidence, ...]:
    """The flagged message between its neighbours, as they stand now."""
    messages = [item.seq for item in state.thread if isinstance(item, Message)]
    at = messages.index(seq)
    return tuple(
        _frozen(state, state.message(s)) for s in messages[max(0, at - before) : at + after + 1]
    )


def _frozen(state: Interview, message: Message) -> Evidence:
    return Evidence(
        message=message.seq,
        by=state.people[message.by].role,
        at=message.at,
        state=message.state,
        versions=tuple(replace(version, text=None) for version in message.versions),
    )


def _same_open(case: Case, reporter: str, message: int) -> bool:
    same = (case.reporter, case.message) == (reporter, message)
    return same and case.status is not CaseStatus.DECIDED


def _case(state: Interview, seq: int) -> Case:
    found = state.cases.get(seq)
    if found is None:
        raise Refusal(Code.NOT_FOUND, "There is no such case.")
    return found


def _with(state: Interview, case: Case) -> Interview:
    return replace(state, cases=state.cases.set(case.seq, case))
