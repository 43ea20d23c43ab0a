"""The moderators' desk: the queue over all interviews, and the evidence of a claimed case."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from server.bus import Bus
from server.calls.rules import in_call
from server.clock import Clock
from server.errors import Code, Refusal
from server.interview.draft import Kept
from server.interview.room import Room
from server.interview.service import Interviews, unreachable
from server.interview.state import MOD, Actor, Case, body_field, evidence_field
from server.moderation.store import Inbox
from server.protocol import (
    Admitted,
    CallAccepted,
    CallDeparted,
    CallEnded,
    CallRang,
    CaseChanged,
    CaseClaimed,
    CaseDecided,
    CaseDetail,
    CaseNoted,
    CaseReleased,
    CaseStatus,
    CaseSummary,
    Evidence,
    Flagged,
    LookAtCase,
    PersonRemoved,
    Queue,
)
from server.storage import StoreError

DESK_CHANNEL: Final = "mod:desk"
"""Sharded channel of every case that changes."""
QUEUE_MAX: Final = 200
DECIDED_SHOWN_MS: Final = 7 * 24 * 3600 * 1000

_ABOUT_A_CASE: Final = (CaseClaimed, CaseReleased, CaseNoted, CaseDecided)
_CASE_EVENTS: Final = (Flagged, *_ABOUT_A_CASE)
_CALL_EVENTS: Final = (CallRang, CallAccepted, Admitted, CallDeparted, CallEnded, PersonRemoved)
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(CaseChanged).decode


class Desk:
    """What all moderators share; `tell` sends to every desk that is open."""

    def __init__(
        self,
        interviews: Interviews,
        inbox: Inbox,
        clock: Clock,
        tell: Callable[[CaseChanged], None],
        bus: Bus | None = None,
        out_of_step: Callable[[], None] = lambda: None,
    ) -> None:
        """With a `bus`, desks of all nodes hear of all cases; `out_of_step`: these may have not."""
        self._bus = bus
        self._out_of_step = out_of_step
        self._open = 0
        self._interviews = interviews
        self._inbox = inbox
        self._clock = clock
        self._tell = tell
        interviews.follow(_CASE_EVENTS, self._follow)
        interviews.follow(_CALL_EVENTS, self._follow_call)

    async def open(self) -> None:
        """One more desk is open on this node; from now on it hears of cases of all nodes."""
        self._open += 1
        if self._bus is not None:
            await self._bus.hear(DESK_CHANNEL, self._heard, self._out_of_step)

    def close(self) -> None:
        """One desk fewer."""
        self._open -= 1
        if self._bus is not None and not self._open:
            self._bus.drop(DESK_CHANNEL)

    def expect(self, interview: str) -> None:
        """A flag is on its way: the inbox hears of it before the record does. Raises `Refusal`."""
        try:
            self._inbox.expect(interview, self._clock.now_ms())
        except StoreError as error:
            raise unreachable(error) from error

    async def queue(self, actor: Actor) -> Queue:
        """Open and claimed cases, and those decided within a week; latest flag first."""
        cases: list[CaseSummary] = []
        try:
            for interview in await self._inbox.latest(QUEUE_MAX):
                found = await self._of(interview)
                cases += found
                if not found:
                    await self._inbox.forget(interview)
        except StoreError as error:
            raise unreachable(error) from error
        cases.sort(key=lambda case: case.at, reverse=True)
        return Queue(you=actor.person, now=self._clock.now_ms(), cases=tuple(cases))

    async def look(self, actor: Actor, question: LookAtCase) -> CaseDetail:
        """The frozen window of a case that this moderator claimed. Raises `Refusal`."""
        room = await self._interviews.room(question.interview)
        case = room.state.cases.get(question.case)
        if case is None:
            raise Refusal(Code.NOT_FOUND, "There is no such case.")
        if case.claimed_by != actor.person:
            raise Refusal(Code.NOT_CLAIMED, "Claim the case first to see what was reported.")
        texts = await self._interviews.texts(room.interview, _fields(case))
        return CaseDetail(
            ok=True,
            summary=summary(room, case),
            flagged=case.message,
            note=texts.get(body_field(MOD, case.seq), ""),
            evidence=tuple(_shown(case, frozen, texts) for frozen in case.window),
            notes=tuple(
                replace(note, text=texts.get(body_field(MOD, note.seq), "")) for note in case.notes
            ),
            explanation=texts.get(body_field(MOD, case.decided_seq), ""),
        )

    def _follow(self, room: Room, kept: Kept) -> None:
        """Tells the desks that a case stands differently."""
        if not kept.elsewhere:
            seq = kept.event.case if isinstance(kept.event, _ABOUT_A_CASE) else kept.seq
            self._changed(room, room.state.cases[seq])

    def _follow_call(self, room: Room, kept: Kept) -> None:
        """Tells the desks who of those whom a case is about is in a call, or not any more."""
        for case in () if kept.elsewhere else room.state.cases.values():
            if case.status is not CaseStatus.DECIDED:
                self._changed(room, case)

    def _changed(self, room: Room, case: Case) -> None:
        told = CaseChanged(summary=summary(room, case))
        self._tell(told)
        if self._bus is not None:
            # Comes back to this node too: to hear a case twice changes nothing.
            self._bus.publish(DESK_CHANNEL, _encode(told))

    def _heard(self, payload: bytes) -> None:
        self._tell(_decode(payload))

    async def _of(self, interview: str) -> list[CaseSummary]:
        try:
            room = await self._interviews.room(interview)
        except Refusal as refusal:
            if refusal.code is Code.NOT_FOUND:
                return []
            raise
        since = self._clock.now_ms() - DECIDED_SHOWN_MS
        return [
            summary(room, case)
            for case in room.state.cases.values()
            if case.status is not CaseStatus.DECIDED or case.decided_at > since
        ]


def summary(room: Room, case: Case) -> CaseSummary:
    """A case as a line of the queue: roles instead of names."""
    people = room.state.people
    return CaseSummary(
        interview=room.interview,
        case=case.seq,
        at=case.at,
        reason=case.reason,
        reporter=people[case.reporter].role,
        accused=people[case.accused].role,
        in_call=in_call(room.state.live_call(), case.accused) is not None,
        status=case.status,
        claimed_by=case.claimed_by,
        action=case.action,
    )


def _fields(case: Case) -> list[str]:
    frozen = [
        evidence_field(case.seq, version.seq)
        for message in case.window
        for version in message.versions
    ]
    notes = [note.seq for note in case.notes]
    return frozen + [body_field(MOD, seq) for seq in (case.seq, *notes, case.decided_seq)]


def _shown(case: Case, frozen: Evidence, texts: dict[str, str]) -> Evidence:
    return replace(
        frozen,
        versions=tuple(
            replace(version, text=texts.get(evidence_field(case.seq, version.seq)))
            for version in frozen.versions
        ),
    )
