"""The format: text, audio or video, changed only when both sides agree."""

from msgspec.structs import replace

from server.calls.rules import hang_up, limited_to
from server.errors import Code, Refusal
from server.interview.state import SHARED, Actor, Fact, Interview
from server.protocol import (
    AcceptFormat,
    CallEnd,
    DeclineFormat,
    Format,
    FormatChanged,
    FormatDeclined,
    FormatProposed,
    Instant,
    Proposal,
    ProposeFormat,
)


def propose(state: Interview, actor: Actor, command: ProposeFormat, now: Instant) -> list[Fact]:
    """Asks for a format. If the other side has just asked for the same one, that is agreement."""
    state.writer(actor)
    if command.format is state.format:
        raise Refusal(Code.ALREADY, f"You meet by {state.format} already.")
    open_one = state.proposal
    if open_one is not None and open_one.format is command.format:
        if _own(state, actor, open_one):
            return []
        return _change(state, actor, command.format, now)
    return [Fact(SHARED, FormatProposed(by=actor.person, at=now, format=command.format))]


def proposed(state: Interview, event: FormatProposed) -> Interview:
    return replace(state, proposal=Proposal(by=event.by, format=event.format))


def accept(state: Interview, actor: Actor, _: AcceptFormat, now: Instant) -> list[Fact]:
    state.writer(actor)
    if state.proposal is None:
        raise Refusal(Code.ALREADY, "There is no proposal any more.")
    if _own(state, actor, state.proposal):
        raise Refusal(Code.NOT_ALLOWED, "Your side proposed this; the other side answers.")
    return _change(state, actor, state.proposal.format, now)


def changed(state: Interview, event: FormatChanged) -> Interview:
    return replace(
        state,
        format=event.format,
        proposal=None,
        call=limited_to(state.live_call(), event.format) or state.call,
    )


def decline(state: Interview, actor: Actor, _: DeclineFormat, now: Instant) -> list[Fact]:
    state.writer(actor)
    if state.proposal is None:
        return []
    return [Fact(SHARED, FormatDeclined(by=actor.person, at=now))]


def declined(state: Interview, _: FormatDeclined) -> Interview:
    return replace(state, proposal=None)


def _own(state: Interview, actor: Actor, proposal: Proposal) -> bool:
    """Whether the actor's own side asks for this."""
    return state.people[proposal.by].role is actor.role


def _change(state: Interview, actor: Actor, wanted: Format, now: Instant) -> list[Fact]:
    facts = [Fact(SHARED, FormatChanged(by=actor.person, at=now, format=wanted))]
    if wanted is Format.TEXT:
        facts = [*hang_up(state, actor.person, CallEnd.HUNG_UP, now), *facts]
    return facts
