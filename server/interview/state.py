"""An interview's folded state: what the deciders ask, and what becomes a reader's view.

Counterpart: `server/interview/decider.py`, which folds events into it. Texts are not here while
the server decides (they lie in the store's body hash); a reader's fold carries those it may see.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec
from immutables import Map
from msgspec.structs import replace

from server.errors import Code, Refusal
from server.interview.thread import Thread
from server.protocol import (
    Action,
    Call,
    CallPhase,
    CaseNote,
    CaseStatus,
    Event,
    Evidence,
    FlagReason,
    Format,
    Instant,
    Knock,
    Message,
    MessagePosted,
    MessageState,
    Notice,
    Person,
    Phase,
    Proposal,
    RecordEvent,
    Role,
    View,
)

SHARED = "shared"
SIDE = "side:client"
"""What the people of the client's side say among themselves: a thread of its own."""
MOD = "mod"
SYSTEM = "system"
MODERATOR = "moderator"
"""How a moderator is named outside the moderator lane."""

# Names of their own: an enum's attribute is slow to look up.
_CLOSED: Final = (Phase.DECLINED, Phase.ENDED)
_KEPT: Final = MessageState.KEPT
MARKS: Final = 4
"""On a letter of a name; Vietnamese takes two, Hebrew with its accents three."""
_JOINERS: Final = "\u200c\u200d"
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164"
    "\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Fillers and selectors, which Unicode counts as letters and marks."""
# Cyrillic, Greek and Armenian letters that look like these Latin ones (Unicode TR39, confusables).
_LENT: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜаԁеһіјӏорсѕухѵԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳονιαρυγϲ" + "ՍՕօոսհց",
    "ABESIJKMHOPCTYXQWadehijlopcsyxvqw" + "ABEZHIKMNOPTYXCjoviapuyc" + "UOonuhg",
)
_RANK = {Format.TEXT: 0, Format.AUDIO: 1, Format.VIDEO: 2}


def own_lane(seat: str) -> str:
    """The lane that only the person in this seat reads."""
    return f"person:{seat}"


def includes(agreed: Format, wanted: Format) -> bool:
    """Whether meeting in `agreed` allows `wanted`."""
    return _RANK[wanted] <= _RANK[agreed]


class Actor(msgspec.Struct, frozen=True, gc=False):
    """Who gives a command: a seat, `moderator:<name>`, `operator` or `system`."""

    person: str
    role: Role


class Fact(msgspec.Struct, frozen=True, gc=False):
    """An event that a decider wants in a lane, with its text and the body fields to copy."""

    lane: str
    event: Event
    text: str = ""
    copies: tuple[tuple[int, int], ...] = ()
    """Frozen texts: (case seq, version seq) of the shared lane, copied within the same append."""


class Case(msgspec.Struct, frozen=True, gc=False):
    """A flag and what became of it."""

    seq: int
    at: Instant
    reason: FlagReason
    message: int
    reporter: str
    accused: str
    window: tuple[Evidence, ...]
    status: CaseStatus = CaseStatus.OPEN
    claimed_by: str = ""
    action: Action | None = None
    notes: tuple[CaseNote, ...] = ()
    decided_seq: int = 0
    decided_at: Instant = 0


class Interview(msgspec.Struct, frozen=True, gc=False):
    """Everything that was folded from the lanes of one record."""

    title: str = ""
    format: Format = Format.TEXT
    phase: Phase = Phase.INVITED
    created_at: Instant = 0
    starts_at: Instant | None = None
    opened_at: Instant | None = None
    closed_at: Instant | None = None
    minutes: int = 0
    met_at: Instant | None = None
    people: Map[str, Person] = Map()
    zones: Map[str, str] = Map()
    proposal: Proposal | None = None
    call: Call | None = None
    fence: int = 0
    """The highest number of a node that carried this call; lower ones have no say any more."""
    knock: bool = False
    waiting: tuple[Knock, ...] = ()
    thread: Thread = Thread()
    side: Thread = Thread()
    own: Map[str, tuple[Notice, ...]] = Map()
    cases: Map[int, Case] = Map()
    seqs: Map[str, int] = Map()

    def next_seq(self, lane: str) -> int:
        """The seq that the next event of this lane gets."""
        return self.seqs.get(lane, 0) + 1

    @property
    def closed(self) -> bool:
        return self.phase in _CLOSED

    def person(self, actor: Actor) -> Person:
        """The participant behind `actor`; refuses whoever has no seat here or was removed."""
        found = self.people.get(actor.person)
        if found is None:
            raise Refusal(Code.NOT_ALLOWED, "You have no seat in this interview.")
        if found.removed:
            raise Refusal(Code.REMOVED, "You were removed from this interview.")
        return found

    def writer(self, actor: Actor) -> Person:
        """As `person`, and may change the record now: the interview is not over, the name given."""
        found = self.person(actor)
        if self.phase in _CLOSED:
            raise Refusal(Code.CLOSED, "This interview is over. You can still read it.")
        if not found.name:
            raise Refusal(Code.NAME_NEEDED, "Say who you are first: the other side sees the name.")
        return found

    def message(self, seq: int, lane: str = SHARED) -> Message:
        """The message of this seq in a thread; refuses if there is none."""
        found = (self.side if lane == SIDE else self.thread).get(seq)
        if not isinstance(found, Message):
            raise Refusal(Code.NOT_FOUND, "There is no such message here.")
        return found

    def with_item(self, lane: str, item: Message | Notice) -> "Interview":
        """With this at its place in the thread of a lane."""
        if lane == SIDE:
            return replace(self, side=self.side.set(item))
        return replace(self, thread=self.thread.set(item))

    def speakers(self) -> list[Person]:
        """Who may speak here: everybody but observers and those who were removed."""
        return [
            person
            for person in self.people.values()
            if person.role is not Role.OBSERVER and not person.removed
        ]

    def live_call(self) -> Call | None:
        """The call that rings or goes on, if any."""
        call = self.call
        return call if call is not None and call.phase is not CallPhase.ENDED else None


def clean(text: str) -> str:
    """The text as it is kept: NFC, without control characters, trimmed; refuses an empty one."""
    if text.isascii() and text.isprintable() and (kept := text.strip()):
        return kept
    kept = tidy(text)
    if not any(map(_shows, kept)):
        raise Refusal(Code.EMPTY, "There is nothing to send: the text is empty.")
    return kept


def tidy(text: str) -> str:
    """As `clean`, for texts that may be empty."""
    if text.isascii() and text.isprintable():
        return text.strip()
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "".join(c for c in normal if c in "\n\t" or unicodedata.category(c) != "Cc").strip()


def tidy_line(text: str) -> str:
    """A name or a title as it is kept: one line, and nothing that turns others around.

    Empty where nothing would be seen. The joiners stay: some scripts, and emoji, need them.
    """
    seen = (c for c in tidy(text) if c in _JOINERS or unicodedata.category(c) != "Cf")
    kept = " ".join("".join(_low("".join(seen))).split())
    return kept if any(map(_shows, kept)) else ""


def _low(text: str) -> Iterator[str]:
    """The text with at most `MARKS` on a letter: a tower of them covers what stands above it."""
    height = 0
    for character in text:
        height = height + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if height <= MARKS:
            yield character


def alike(one: str, other: str) -> bool:
    """Whether two names are the same to the eye, also with letters that other scripts lend."""
    seen, others = _seen(one), _seen(other)
    if seen.casefold() == others.casefold():
        return True
    return seen.translate(_LENT).casefold() == others.translate(_LENT).casefold()


def _seen(name: str) -> str:
    return "".join(filter(_shows, unicodedata.normalize("NFKC", name)))


def _shows(character: str) -> bool:
    # Not yet assigned (Cn) are the emoji of next year.
    kind = unicodedata.category(character)
    return (kind[0] not in "CZ" or kind == "Cn") and not _UNSEEN.match(character)


def body_field(lane: str, seq: int) -> str:
    """Where the text of an event lies in the body hash."""
    return f"{lane}/{seq}"


def evidence_field(case: int, version: int) -> str:
    """Where a frozen case keeps its own copy of a text."""
    return f"{MOD}/{case}/{version}"


def may_tell(state: Interview, lane: str, seq: int, event: RecordEvent | Event) -> bool:
    """Whether the text of this event may be told now to those who may read its lane."""
    if not event.digest:
        return False
    if lane not in (SHARED, SIDE):
        return True
    message = seq if isinstance(event, MessagePosted) else getattr(event, "message", seq)
    found = (state.side if lane == SIDE else state.thread).get(message)
    return not isinstance(found, Message) or found.state is _KEPT


def visible_fields(state: Interview, lanes: frozenset[str]) -> list[str]:
    """The body fields of all texts that a reader of these lanes may see now."""
    fields = _thread_fields(SHARED, state.thread)
    if SIDE in lanes:
        fields += _thread_fields(SIDE, state.side)
    for lane in lanes:
        fields += [body_field(lane, n.seq) for n in state.own.get(lane, ()) if n.event.digest]
    return fields


def _thread_fields(lane: str, thread: Iterable[Message | Notice]) -> list[str]:
    fields: list[str] = []
    for item in thread:
        if isinstance(item, Message):
            if item.state is MessageState.KEPT:
                fields += [body_field(lane, version.seq) for version in item.versions]
        elif item.event.digest:
            fields.append(body_field(lane, item.seq))
    return fields


def view(state: Interview, lanes: frozenset[str], texts: Mapping[str, str]) -> View:
    """The interview as a reader of these lanes sees it, `texts` being body field -> text."""
    thread = tuple(_with_text(SHARED, item, texts) for item in state.thread)
    side = state.side if SIDE in lanes else ()
    own = [_noted(n, texts) for lane in sorted(lanes) for n in state.own.get(lane, ())]
    return View(
        title=state.title,
        format=state.format,
        phase=state.phase,
        created_at=state.created_at,
        starts_at=state.starts_at,
        opened_at=state.opened_at,
        closed_at=state.closed_at,
        minutes=state.minutes,
        met_at=state.met_at,
        people=tuple(person for _, person in sorted(state.people.items())),
        zones=dict(sorted(state.zones.items())),
        proposal=state.proposal,
        call=state.call,
        knock=state.knock,
        waiting=tuple(_answered(knock, texts) for knock in state.waiting),
        thread=thread,
        side=tuple(_with_text(SIDE, item, texts) for item in side),
        own=tuple(own),
    )


def _with_text(lane: str, item: Message | Notice, texts: Mapping[str, str]) -> Message | Notice:
    if isinstance(item, Notice):
        return _noted(item, texts)
    if item.state is not MessageState.KEPT:
        return item
    versions = tuple(
        replace(v, text=texts.get(body_field(lane, v.seq), v.text)) for v in item.versions
    )
    return replace(item, versions=versions)


def _answered(knock: Knock, texts: Mapping[str, str]) -> Knock:
    word = knock.word
    if word is None:
        return knock
    text = texts.get(body_field(SHARED, word.seq), word.text)
    return replace(knock, word=replace(word, text=text))


def _noted(notice: Notice, texts: Mapping[str, str]) -> Notice:
    return replace(notice, text=texts.get(body_field(notice.lane, notice.seq), notice.text))
