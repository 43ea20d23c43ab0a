"""The transcript as a download: JSON for programs, Markdown for people.

Both hold what this reader may see now: hidden, deleted and private things are absent.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from server import protocol as p
from server.interview.draft import Kept
from server.interview.state import MODERATOR, body_field
from server.record.chain import salt, unsalted

FORMAT: Final = "parley-transcript-1"


class Line(p.Wire, frozen=True, kw_only=True, omit_defaults=True):
    """An event with its exact bytes as a string, so that the chain of hashes can be checked.

    `salt` (hex) stands before the text in what the event's digest was made of.
    """

    lane: str
    seq: int
    hash: str
    event: str
    text: str | None = None
    salt: str = ""


class Transcript(p.Wire, frozen=True, kw_only=True):
    """The JSON download."""

    format: str
    interview: str
    reader: str
    exported_at: int
    view: p.View
    record: tuple[Line, ...]
    heads: tuple[p.SignedHead, ...]


def to_json(
    interview: str,
    reader: str,
    now: int,
    view: p.View,
    kept: Iterable[Kept],
    bodies: Mapping[str, bytes],
    heads: Iterable[p.SignedHead],
) -> bytes:
    """The transcript as JSON, indented. `bodies` are the salted texts that the reader may see."""
    whole = Transcript(
        format=FORMAT,
        interview=interview,
        reader=reader,
        exported_at=now,
        view=view,
        record=tuple(_line(one, bodies.get(body_field(one.lane, one.seq))) for one in kept),
        heads=tuple(heads),
    )
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)


def _line(one: Kept, body: bytes | None) -> Line:
    return Line(
        lane=one.lane,
        seq=one.seq,
        hash=one.hash.hex(),
        event=one.data.decode(),
        text=None if body is None else unsalted(body),
        salt="" if body is None else salt(body).hex(),
    )


def to_markdown(view: p.View, now: int) -> str:
    """The transcript as Markdown, times in UTC."""
    names = {person.seat: person.name or str(person.role) for person in view.people}
    head = [
        f"# {view.title}",
        "",
        *(f"- {_who(person)}" for person in view.people),
        f"- Format: {view.format}",
        f"- State: {view.phase}",
        f"- Written out on {_time(now)} UTC; all times are UTC",
        "",
    ]
    lines = [line for item in view.thread for line in _item(item, names)]
    aside = [line for item in view.side for line in _item(item, names)]
    if aside:
        lines += ["", "## Only for your side", "", *aside]
    private = [line for notice in view.own for line in _item(notice, names)]
    if private:
        lines += ["", "## Only for you", "", *private]
    return "\n".join([*head, *lines]).rstrip() + "\n"


def _who(person: p.Person) -> str:
    guest = " (guest)" if person.guest else ""
    removed = " (removed)" if person.removed else ""
    return f"{str(person.role).capitalize()}: {person.name or 'not yet named'}{guest}{removed}"


def _item(item: p.Message | p.Notice, names: Mapping[str, str]) -> list[str]:
    if isinstance(item, p.Notice):
        told = [f"*{_time(item.event.at)} {_sentence(item.event, names)}*", ""]
        return [*told, *_quoted(item.text)] if item.text else told
    author = names.get(item.by, item.by)
    match item.state:
        case p.MessageState.DELETED:
            return [f"**{author}** {_time(item.at)} (message deleted by its author)", ""]
        case p.MessageState.HIDDEN:
            return [f"**{author}** {_time(item.at)} (message hidden by a moderator)", ""]
        case p.MessageState.KEPT:
            edited = " (edited)" if len(item.versions) > 1 else ""
            text = item.versions[-1].text or ""
            return [f"**{author}** {_time(item.at)}{edited}", "", *_quoted(text)]


def _quoted(text: str) -> list[str]:
    """What somebody wrote, line by line: none of it can pass for a line of the transcript."""
    return [*(f"> {line}" for line in text.split("\n")), ""]


def _sentence(event: p.RecordEvent, names: Mapping[str, str]) -> str:  # noqa: C901 - one line an event
    who = names.get(event.by, event.by)
    match event:
        case p.InterviewCreated():
            return "The interview was created"
        case p.InvitationAccepted():
            return f"{who} accepted the invitation"
        case p.InvitationDeclined():
            return f"{who} declined the invitation"
        case p.InterviewOpened():
            return "The interview was opened"
        case p.InterviewEnded():
            return f"{who} ended the interview"
        case p.PersonInvited():
            joins = "to observe" if event.role is p.Role.OBSERVER else "to their side"
            return f"{who} invited {names.get(event.seat, event.seat)} {joins}"
        case p.PersonRemoved():
            remover = "a moderator" if event.by == MODERATOR else who
            return f"{names.get(event.seat, event.seat)} was removed by {remover}"
        case p.FormatProposed():
            return f"{who} proposed to meet by {event.format}"
        case p.FormatChanged():
            return f"Agreed to meet by {event.format}"
        case p.FormatDeclined():
            return "The proposed format was declined"
        case p.CallRang():
            return f"{who} called ({event.media})"
        case p.CallAccepted():
            return f"{who} answered the call"
        case p.CallDeclined():
            return f"{who} did not answer the call"
        case p.CallDeparted() if event.by != event.seat:
            return f"{names.get(event.seat, event.seat)} was taken out of the call by a moderator"
        case p.CallDeparted():
            return f"{who} hung up"
        case p.CallMuted():
            muter = "a moderator" if event.by == MODERATOR else who
            return f"{names.get(event.seat, event.seat)}'s {event.kind} was switched off by {muter}"
        case p.Knocked():
            return f"{who} knocked"
        case p.Admitted():
            return f"{who} let {names.get(event.seat, event.seat)} in"
        case p.KnockHeld():
            return f"{who} asked {names.get(event.seat, event.seat)} to wait"
        case p.KnockRefused():
            return f"{who} answered {names.get(event.seat, event.seat)}: not now"
        case p.KnockWithdrawn():
            return f"{who} waits no longer"
        case p.CallJoined():
            return f"{names.get(event.seat, event.seat)} joined the call"
        case p.CallLeft():
            return f"{names.get(event.seat, event.seat)} left the call"
        case p.CallEnded():
            return f"The call ended ({str(event.reason).replace('_', ' ')})"
        case p.FlagReceived():
            return f"You flagged message {event.message} ({str(event.reason).replace('_', ' ')})"
        case p.FlagAnswered():
            return f"A moderator decided on your flag ({event.action})"
        case p.Warned():
            return f"A moderator decided about your message {event.message} ({event.action})"
        case _:
            return type(event).__name__


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
