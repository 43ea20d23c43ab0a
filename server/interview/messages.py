"""Messages: what may be said in an interview, and what it changes."""

from typing import Final

from msgspec.structs import replace

from server.errors import Code, Refusal
from server.interview.state import SHARED, SIDE, Actor, Fact, Interview, clean
from server.protocol import (
    DeleteMessage,
    EditMessage,
    Instant,
    Message,
    MessageDeleted,
    MessageEdited,
    MessageHidden,
    MessagePosted,
    MessageState,
    PostMessage,
    Role,
    Version,
)

VERSIONS_MAX: Final = 50
"""Texts of one message, all of which every reader and every case carries along."""

_KEPT: Final = MessageState.KEPT  # a name of its own: an enum's attribute is slow to look up


def post(state: Interview, actor: Actor, command: PostMessage, now: Instant) -> list[Fact]:
    """A message joins the thread from the invitation until the interview is over."""
    state.writer(actor)
    lane = _lane(actor, side=command.side)
    if command.reply_to is not None and state.message(command.reply_to, lane).state is not (
        MessageState.KEPT
    ):
        raise Refusal(Code.NOT_FOUND, "The message that you answer is no longer there.")
    event = MessagePosted(by=actor.person, at=now, reply_to=command.reply_to)
    return [Fact(lane, event, text=clean(command.text))]


def posted(
    state: Interview, lane: str, seq: int, event: MessagePosted, text: str | None
) -> Interview:
    message = Message(
        seq=seq,
        by=event.by,
        at=event.at,
        reply_to=event.reply_to,
        state=_KEPT,
        versions=(Version(seq=seq, at=event.at, text=text),),
    )
    return state.with_item(lane, message)


def edit(state: Interview, actor: Actor, command: EditMessage, now: Instant) -> list[Fact]:
    """Only the author edits, and only what is still there; the earlier texts stay readable."""
    lane = _lane(actor, side=command.side)
    message = _own_kept(state, actor, command.message, lane)
    if len(message.versions) >= VERSIONS_MAX:
        raise Refusal(Code.NOT_ALLOWED, "This message was changed too often. Write a new one.")
    event = MessageEdited(by=actor.person, at=now, message=command.message)
    return [Fact(lane, event, text=clean(command.text))]


def edited(
    state: Interview, lane: str, seq: int, event: MessageEdited, text: str | None
) -> Interview:
    message = state.message(event.message, lane)
    kept = text if message.state is MessageState.KEPT else None
    version = Version(seq=seq, at=event.at, text=kept)
    return state.with_item(lane, replace(message, versions=(*message.versions, version)))


def delete(state: Interview, actor: Actor, command: DeleteMessage, now: Instant) -> list[Fact]:
    """The author takes a message back; taking it back twice is once."""
    lane = _lane(actor, side=command.side)
    message = state.message(command.message, lane)
    if message.by == actor.person and message.state is MessageState.DELETED:
        return []
    _own_kept(state, actor, command.message, lane)
    return [Fact(lane, MessageDeleted(by=actor.person, at=now, message=command.message))]


def withdrawn(state: Interview, lane: str, event: MessageDeleted | MessageHidden) -> Interview:
    """A deleted or hidden message keeps its place and loses its texts."""
    message = state.message(event.message, lane)
    why = MessageState.DELETED if isinstance(event, MessageDeleted) else MessageState.HIDDEN
    silent = tuple(replace(version, text=None) for version in message.versions)
    return state.with_item(lane, replace(message, state=why, versions=silent))


def _lane(actor: Actor, *, side: bool) -> str:
    if not side:
        return SHARED
    if actor.role is not Role.CLIENT:
        raise Refusal(Code.NOT_ALLOWED, "Only the client's side has a thread of its own.")
    return SIDE


def _own_kept(state: Interview, actor: Actor, seq: int, lane: str) -> Message:
    state.writer(actor)
    message = state.message(seq, lane)
    if message.by != actor.person:
        raise Refusal(Code.NOT_ALLOWED, "Only its author can change a message.")
    match message.state:
        case MessageState.KEPT:
            return message
        case MessageState.DELETED:
            raise Refusal(Code.ALREADY, "You deleted this message; it cannot be changed any more.")
        case MessageState.HIDDEN:
            raise Refusal(Code.NOT_ALLOWED, "A moderator hid this message; it cannot be changed.")
