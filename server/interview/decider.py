"""The decider as a whole: which file decides which command and folds which event.

`decide` and `evolve` are pure: no I/O, no clock, no await. The one write path around them is
`server/interview/room.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from server import protocol as p
from server.calls import intents, knocks
from server.calls import rules as calls
from server.errors import Code, Refusal
from server.interview import formats, lifecycle, messages, panel
from server.interview.state import SHARED, SIDE, Actor, Fact, Interview
from server.moderation import rules as moderation

Decide = Callable[[Interview, Actor, Any, p.Instant], list[Fact]]

DECIDERS: Final[Mapping[type, Decide]] = {
    lifecycle.CreateInterview: lifecycle.create,
    p.AcceptInvitation: lifecycle.accept,
    p.DeclineInvitation: lifecycle.decline,
    p.OpenInterview: lifecycle.open_interview,
    p.EndInterview: lifecycle.end,
    p.GiveName: lifecycle.give_name,
    p.TellZone: lifecycle.tell_zone,
    p.InvitePerson: panel.invite,
    p.RemovePerson: panel.remove,
    p.PostMessage: messages.post,
    p.EditMessage: messages.edit,
    p.DeleteMessage: messages.delete,
    p.ProposeFormat: formats.propose,
    p.AcceptFormat: formats.accept,
    p.DeclineFormat: formats.decline,
    p.RingCall: calls.ring,
    p.AcceptCall: calls.accept,
    p.DeclineCall: calls.decline,
    p.LeaveCall: knocks.leave,
    p.EndCall: calls.end,
    p.SetMedia: intents.set_media,
    p.MutePerson: intents.mute,
    p.KnockCall: knocks.knock,
    p.AdmitPerson: knocks.admit,
    p.HoldPerson: knocks.hold,
    p.RefusePerson: knocks.refuse,
    calls.NoteConnection: calls.note_connection,
    calls.ExpireCall: calls.expire,
    p.FlagMessage: moderation.flag,
    p.ClaimCase: moderation.claim,
    p.ReleaseCase: moderation.release,
    p.NoteCase: moderation.note,
    p.DecideCase: moderation.decide_case,
    p.Intervene: moderation.intervene,
}


class Gap(Exception):
    """An event does not follow the last one of its lane: read the record again."""


def decide(state: Interview, actor: Actor, command: object, now: p.Instant) -> list[Fact]:
    """The events that `command` brings about, or none.

    Raises:
        Refusal: the rules forbid it now.
    """
    decider = DECIDERS.get(type(command))
    if decider is None:
        raise Refusal(Code.UNKNOWN_COMMAND, "There is no such command.")
    if not state.seqs.get(SHARED) and not isinstance(command, lifecycle.CreateInterview):
        raise Refusal(Code.NOT_FOUND, "There is no such interview.")
    return decider(state, actor, command, now)


def evolve(
    state: Interview, lane: str, seq: int, event: p.RecordEvent, text: str | None = None
) -> Interview:
    """The state after the next event of a lane.

    `text` is what the event's text is to this reader; the deciding server passes none.

    Raises:
        Gap: `seq` is not the next of its lane.
    """
    last = state.seqs.get(lane, 0)
    if seq != last + 1:
        raise Gap(f"{lane}: {seq} does not follow {last}")
    folded = _fold(state, lane, seq, event, text)
    if not isinstance(event, SILENT):
        folded = _noticed(folded, p.Notice(lane=lane, seq=seq, event=event, text=text))
    return replace(folded, seqs=folded.seqs.set(lane, seq))


SILENT: Final = (
    p.MessagePosted,
    p.MessageEdited,
    p.MessageDeleted,
    p.MessageHidden,
    p.PersonNamed,
    p.ZoneTold,
    p.MediaSet,
    p.Flagged,
    p.CaseClaimed,
    p.CaseReleased,
    p.CaseNoted,
    p.CaseDecided,
    p.CaseIntervened,
)
"""Events without a line of their own: they are folded into what they change."""


def _noticed(state: Interview, notice: p.Notice) -> Interview:
    if notice.lane in (SHARED, SIDE):
        return state.with_item(notice.lane, notice)
    mine = (*state.own.get(notice.lane, ()), notice)
    return replace(state, own=state.own.set(notice.lane, mine))


def _fold(  # noqa: C901 - one line an event
    state: Interview, lane: str, seq: int, event: p.RecordEvent, text: str | None
) -> Interview:
    match event:
        case p.MessagePosted():
            return messages.posted(state, lane, seq, event, text)
        case p.MessageEdited():
            return messages.edited(state, lane, seq, event, text)
        case p.MessageDeleted() | p.MessageHidden():
            return messages.withdrawn(state, lane, event)
        case p.InterviewCreated():
            return lifecycle.created(state, event)
        case p.InvitationAccepted():
            return lifecycle.accepted(state, event)
        case p.InvitationDeclined():
            return lifecycle.declined(state, event)
        case p.InterviewOpened():
            return lifecycle.opened(state, event)
        case p.InterviewEnded():
            return lifecycle.ended(state, event)
        case p.PersonNamed():
            return lifecycle.named(state, event)
        case p.ZoneTold():
            return lifecycle.zone_told(state, event)
        case p.PersonRemoved():
            return panel.removed(state, event)
        case p.PersonInvited():
            return panel.invited(state, event)
        case p.FormatProposed():
            return formats.proposed(state, event)
        case p.FormatChanged():
            return formats.changed(state, event)
        case p.FormatDeclined():
            return formats.declined(state, event)
        case p.CallRang():
            return calls.rang(state, seq, event)
        case p.CallAccepted():
            return calls.accepted(state, event)
        case p.CallDeclined():
            return calls.declined(state, event)
        case p.CallDeparted():
            return calls.departed(state, event)
        case p.CallEnded():
            return calls.ended(state, event)
        case p.CallJoined() | p.CallLeft():
            return calls.joined(state, event)
        case p.MediaSet():
            return intents.media_set(state, event)
        case p.CallMuted():
            return intents.muted(state, event)
        case p.Knocked():
            return knocks.knocked(state, event)
        case p.Admitted():
            return knocks.admitted(state, event)
        case p.KnockHeld() | p.KnockRefused():
            return knocks.answered(state, seq, event, text)
        case p.KnockWithdrawn():
            return knocks.withdrawn(state, event)
        case p.Flagged():
            return moderation.flagged(state, seq, event)
        case p.CaseClaimed():
            return moderation.claimed(state, event)
        case p.CaseReleased():
            return moderation.released(state, event)
        case p.CaseNoted():
            return moderation.noted(state, seq, event)
        case p.CaseDecided():
            return moderation.decided(state, seq, event)
        case p.CaseIntervened() | p.FlagReceived() | p.FlagAnswered() | p.Warned():
            return state


EMPTY: Final = Interview()
"""The state of a record without events."""
