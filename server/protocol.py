"""The wire: every command, event and message that crosses the Socket.IO edge, as tagged structs.

`web/src/protocol.gen.ts` and `docs/protocol.md` are written from this file by `server/generate.py`;
the docstrings here are their text. Shape is checked here; meaning in the deciders
(`server/interview/`, `server/moderation/`).

A *command* (`…:verb`) asks; its acknowledgement is `Done` or `Refused`. An *event* (`…:past`) is
what the record keeps. A *signal* is neither: it is forgotten after it was told.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

VERSION = 1
TEXT_MAX = 4000
NOTE_MAX = 1000
NAME_MAX = 60
SEATS_MAX = 8
"""People of one interview at the same time, moderators aside."""
SDP_MAX = 64_000
HEIGHT_MAX = 16_384
WINDOW_MAX = 20
"""Messages before and after a flagged one that a reporter may show to a moderator."""

CommandId = Annotated[str, Meta(min_length=8, max_length=64)]
Text = Annotated[str, Meta(max_length=TEXT_MAX)]
Note = Annotated[str, Meta(max_length=NOTE_MAX)]
Name = Annotated[str, Meta(max_length=NAME_MAX)]
Title = Annotated[str, Meta(max_length=120)]
Sdp = Annotated[str, Meta(max_length=SDP_MAX)]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Instant = int
"""Milliseconds since 1970-01-01T00:00Z, by the server's clock."""
InterviewId = Annotated[str, Meta(pattern=r"^[a-z2-7]{16}$")]
Minutes = Annotated[int, Meta(ge=0, le=1440)]
Zone = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
"""A time zone by its IANA name, such as `Europe/Lisbon`."""
SeatId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Lane = Annotated[
    str, Meta(pattern=r"^(shared|mod|side:(client|freelancer)|person:[a-z][a-z0-9-]{0,30})$")
]


class Role(StrEnum):
    """What somebody is in an interview; `operator` and `system` act without a seat.

    The client's side may be several people. An observer reads, watches and listens: everybody is
    told that they are there, and nothing ever comes from them.
    """

    CLIENT = "client"
    FREELANCER = "freelancer"
    OBSERVER = "observer"
    MODERATOR = "moderator"
    OPERATOR = "operator"
    SYSTEM = "system"


class Format(StrEnum):
    """How the two sides agreed to meet; each includes those before it."""

    TEXT = "text"
    AUDIO = "audio"
    VIDEO = "video"


class Phase(StrEnum):
    """Where an interview stands. `declined` and `ended` are closed: reading only."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    OPEN = "open"
    DECLINED = "declined"
    ENDED = "ended"


class FlagReason(StrEnum):
    """The rule that a reporter says was broken."""

    PAYMENT_OUTSIDE = "payment_outside"
    OFFENSIVE = "offensive"
    HARASSMENT = "harassment"
    SCAM = "scam"
    CONFIDENTIALITY = "confidentiality"
    OTHER = "other"


class Action(StrEnum):
    """What a moderator decides about a case."""

    DISMISS = "dismiss"
    WARN = "warn"
    HIDE = "hide"
    REMOVE = "remove"
    END = "end"


class Screen(StrEnum):
    """What others get of somebody's screen. Several people may share theirs at the same time."""

    OFF = "off"
    LIVE = "live"
    FROZEN = "frozen"
    """The picture of the moment in which it was frozen, and no sound."""
    BLANK = "blank"
    """Nothing for now: neither picture nor sound."""


class CallEnd(StrEnum):
    """Why a call is over."""

    HUNG_UP = "hung_up"
    DECLINED = "declined"
    MISSED = "missed"
    CANCELLED = "cancelled"
    LOST = "lost"  # nobody has been connected for a minute
    ALONE = "alone"  # for a minute, nobody but one person was in it
    REMOVED = "removed"
    INTERVIEW_ENDED = "interview_ended"


class Source(StrEnum):
    """What somebody sends to a call."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"


class Measure(StrEnum):
    """What a moderator does at once, before deciding: everything that the accused sends is off
    until they switch it on again, or they are taken out of the call and not let in again.
    """

    MUTE = "mute"
    EJECT = "eject"


class Wire(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
    gc=False,  # what is frozen and was read from bytes cannot hold itself
):
    """Base of all that crosses the wire: frozen, camelCase, no unknown field."""


# ---------------------------------------------------------------- commands


class Command(Wire, frozen=True, kw_only=True, tag_field="type"):
    """Asks for something. The same `id` sent again gets the first outcome and does nothing more."""

    id: CommandId


class AcceptInvitation(Command, frozen=True, tag="invitation:accept"):
    """The freelancer accepts. Without a later `startsAt` the interview opens at once."""


class DeclineInvitation(Command, frozen=True, tag="invitation:decline"):
    """The freelancer declines, with or without a reason for the client to read."""

    reason: Note = ""


class OpenInterview(Command, frozen=True, tag="interview:open"):
    """Either participant opens an accepted interview."""


class EndInterview(Command, frozen=True, tag="interview:end"):
    """A participant ends the interview: from now on it can only be read."""

    reason: Note = ""


class GiveName(Command, frozen=True, tag="person:name"):
    """A guest says who they are, once, before anything else."""

    name: Name


class TellZone(Command, frozen=True, tag="person:zone"):
    """Says by which clock one lives, so that everybody can see both local times."""

    zone: Zone


class InvitePerson(Command, frozen=True, tag="person:invite"):
    """Somebody of the client's side gives a seat to a colleague (`client`) or an `observer`.

    Everybody sees it. Without a name the person gives one, as a guest. See `link:make`.
    """

    role: Role
    name: Name = ""


class RemovePerson(Command, frozen=True, tag="person:remove"):
    """Somebody of the client's side takes back a seat that their side gave with `person:invite`.

    Everybody reads the reason, if any.
    """

    seat: SeatId
    reason: Note = ""


class PostMessage(Command, frozen=True, tag="message:post"):
    """A message for the thread, in the Markdown subset, perhaps in reply to another.

    With `side` it goes to the lane that only the client's side reads, and `replyTo` names a message
    there.
    """

    text: Text
    reply_to: Seq | None = None
    side: bool = False


class EditMessage(Command, frozen=True, tag="message:edit"):
    """The author gives a message another text; the earlier ones stay readable."""

    message: Seq
    text: Text
    side: bool = False


class DeleteMessage(Command, frozen=True, tag="message:delete"):
    """The author takes a message back; a tombstone remains."""

    message: Seq
    side: bool = False


class FlagMessage(Command, frozen=True, tag="message:flag"):
    """Shows a message, with a window of its neighbours, to the moderators.

    Nobody in the thread learns of it. The reporter gets a receipt, and later the outcome.
    """

    message: Seq
    reason: FlagReason
    note: Note = ""
    before: Annotated[int, Meta(ge=0, le=WINDOW_MAX)] = 5
    after: Annotated[int, Meta(ge=0, le=WINDOW_MAX)] = 5


class ProposeFormat(Command, frozen=True, tag="format:propose"):
    """Asks the other side to meet in another format. A new proposal replaces one's own old one."""

    format: Format


class AcceptFormat(Command, frozen=True, tag="format:accept"):
    """Agrees to the other side's proposal. Any one of a side speaks for it."""


class DeclineFormat(Command, frozen=True, tag="format:decline"):
    """Answers "not now" to the other side's proposal, or takes one's own side's back."""


class RingCall(Command, frozen=True, tag="call:ring"):
    """Rings everybody but observers; `media` may not go beyond the agreed format.

    Where people knock, only the client's side rings, and nobody has to answer: the call is open at
    once, and the client's side may join it. Where there is a call already, this answers or joins.
    """

    media: Format


class AcceptCall(Command, frozen=True, tag="call:accept"):
    """Answers the ringing call, or joins the one that goes on."""


class DeclineCall(Command, frozen=True, tag="call:decline"):
    """Declines the ringing call. It is over when nobody of the other side is left to answer."""

    reason: Note = ""


class LeaveCall(Command, frozen=True, tag="call:leave"):
    """Hangs up; a caller who hangs up while it rings cancels, and who knocked need not wait.

    It ends the call for two people; of more, the others go on.
    """


class EndCall(Command, frozen=True, tag="call:end"):
    """Ends the call for everybody in it: by the client's side, or by whoever is alone in it."""


class MutePerson(Command, frozen=True, tag="call:mute"):
    """Somebody of the client's side switches off what a person in the call sends.

    It is no gag: that person may switch it on again by `call:media`.
    """

    seat: SeatId
    kind: Source


class KnockCall(Command, frozen=True, tag="call:knock"):
    """Asks to be let into the call, there being one or not: the client's side is told."""


class AdmitPerson(Command, frozen=True, tag="call:admit"):
    """Lets in who knocked, for as long as the call lasts. Begins the call if there is none."""

    seat: SeatId


class HoldPerson(Command, frozen=True, tag="call:hold"):
    """Asks who knocked for patience, perhaps with a word; as often as needed."""

    seat: SeatId
    text: Note = ""


class RefusePerson(Command, frozen=True, tag="call:refuse"):
    """Answers "not now" to who knocked, perhaps with a word. They may knock again."""

    seat: SeatId
    text: Note = ""


class Held(StrEnum):
    """What is held back: the picture alone, or the sound as well."""

    PICTURE = "picture"
    SOUND = "sound"


class PauseWhy(StrEnum):
    """Whose connection a pause is owed to. `chosen`: nobody's, the person asked for it. `codec`:
    nobody's, the browser has none in common with the call.
    """

    OWN = "own"
    THEIRS = "theirs"
    CHOSEN = "chosen"
    CODEC = "codec"


class Pause(Wire, frozen=True, kw_only=True):
    """What somebody's browser holds back for a while of what the person has switched on."""

    held: Held
    why: PauseWhy


class SetMedia(Command, frozen=True, tag="call:media"):
    """Says whether one's microphone and camera are meant to be on, what becomes of one's screen,
    and what the browser holds back of microphone and camera for now (null: nothing); shown to
    everybody, and kept. Camera and screen need a call by video.
    """

    microphone: bool
    camera: bool
    screen: Screen = Screen.OFF
    pause: Pause | None = None


class CaseCommand(Command, frozen=True, kw_only=True):
    """A moderator's command about one case of one interview."""

    interview: InterviewId
    case: Seq


class ClaimCase(CaseCommand, frozen=True, tag="case:claim"):
    """Takes a case: until it is released, only the claimer sees its evidence and decides."""


class ReleaseCase(CaseCommand, frozen=True, tag="case:release"):
    """Gives a claimed case back to the queue."""


class NoteCase(CaseCommand, frozen=True, tag="case:note"):
    """Adds a note that only moderators read."""

    text: Note


class DecideCase(CaseCommand, frozen=True, tag="case:decide"):
    """Closes a claimed case. The reporter reads `explanation`, and so does the accused, unless the
    case is dismissed: then they never learn of it.
    """

    action: Action
    explanation: Note = ""


class Intervene(CaseCommand, frozen=True, tag="case:intervene"):
    """Acts on the accused's part in the call that goes on, while the case is claimed."""

    measure: Measure


# ---------------------------------------------------------------- events (the record)


class Event(Wire, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """What happened. `by` is a seat, `moderator:<name>`, `operator` or `system`.

    `digest` is SHA-256(salt || text), in hex, of a text that belongs to the event; the text itself
    travels beside the event and only to those who may read it now.
    """

    by: str
    at: Instant
    digest: str = ""


class MessageState(StrEnum):
    """Whether a message's texts may be told: only those of a kept one are."""

    KEPT = "kept"
    DELETED = "deleted"
    HIDDEN = "hidden"


class Version(Wire, frozen=True, kw_only=True):
    """One text of a message. `text` is null where this reader may not see it."""

    seq: Seq
    at: Instant
    text: str | None


class Evidence(Wire, frozen=True, kw_only=True):
    """A message as it stood when it was flagged, with all its texts, also of a deleted one."""

    message: Seq
    by: Role
    at: Instant
    state: MessageState
    versions: tuple[Version, ...]


class Invited(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A seat as the invitation made it. Without a name the person gives one, as a guest."""

    seat: str
    role: Role
    name: str = ""


class InterviewCreated(Event, frozen=True, tag="interview:created"):
    """The first event: the freelancer is invited. The text, if any, is the client's note.

    `knock`: who is not of the client's side is let into a call before they are in it. `minutes`:
    how long it is meant to take; 0: nobody said. Nothing ends by itself when they are over.
    """

    title: str
    format: Format
    seats: tuple[Invited, ...]
    starts_at: Instant | None = None
    knock: bool = False
    minutes: int = 0


class InvitationAccepted(Event, frozen=True, tag="invitation:accepted"):
    """The freelancer accepted."""


class InvitationDeclined(Event, frozen=True, tag="invitation:declined"):
    """The freelancer declined; the text, if any, is the reason."""


class InterviewOpened(Event, frozen=True, tag="interview:opened"):
    """The interview began."""


class InterviewEnded(Event, frozen=True, tag="interview:ended"):
    """The interview is over and read-only; the text, if any, is the reason."""


class PersonNamed(Event, frozen=True, tag="person:named"):
    """A guest said who they are."""

    seat: str
    name: str


class ZoneTold(Event, frozen=True, tag="person:zoned"):
    """Somebody's browser said by which clock they live."""

    seat: str
    zone: str


class PersonInvited(Event, frozen=True, tag="person:invited"):
    """The client's side gave somebody a seat."""

    seat: str
    role: Role
    name: str = ""


class PersonRemoved(Event, frozen=True, tag="person:removed"):
    """A moderator, or the side that invited them, removed somebody: they can neither write nor
    read here any more, and are out of the call. The text, if any, is the reason.
    """

    seat: str


class MessagePosted(Event, frozen=True, tag="message:posted"):
    """A message joined the thread; its seq is its name. The text is beside it."""

    reply_to: Seq | None = None


class MessageEdited(Event, frozen=True, tag="message:edited"):
    """Its author gave a message another text."""

    message: Seq


class MessageDeleted(Event, frozen=True, tag="message:deleted"):
    """Its author took a message back: its texts are not told again."""

    message: Seq


class MessageHidden(Event, frozen=True, tag="message:hidden"):
    """A moderator hid a message: its texts are not told again."""

    message: Seq


class FormatProposed(Event, frozen=True, tag="format:proposed"):
    """One side asked for another format."""

    format: Format


class FormatChanged(Event, frozen=True, tag="format:changed"):
    """The other side agreed: this is the format from now on."""

    format: Format


class FormatDeclined(Event, frozen=True, tag="format:declined"):
    """The proposal was declined, or taken back by whoever made it."""


class CallRang(Event, frozen=True, tag="call:rang"):
    """A call began; its seq is the call's name. It rings, unless it is `open` from the start."""

    media: Format
    open: bool = False


class CallAccepted(Event, frozen=True, tag="call:accepted"):
    """Somebody answered, or joined later."""


class CallDeclined(Event, frozen=True, tag="call:declined"):
    """Somebody will not answer; it rings on for others. The text, if any, is the reason."""


class CallDeparted(Event, frozen=True, tag="call:departed"):
    """Somebody hung up, or was taken out by a moderator (`by`); the call goes on without them."""

    seat: str


class CallMuted(Event, frozen=True, tag="call:muted"):
    """What somebody sends was switched off for them; only they can switch it on again."""

    seat: str
    kind: Source


class Knocked(Event, frozen=True, tag="call:knocked"):
    """Somebody asks to be let into the call, or is ready for one."""

    seat: str


class Admitted(Event, frozen=True, tag="call:admitted"):
    """Who knocked was let in, and is in the call."""

    seat: str


class KnockHeld(Event, frozen=True, tag="call:held"):
    """Who knocked was asked for patience; the word, if any, is the text."""

    seat: str


class KnockRefused(Event, frozen=True, tag="call:refused"):
    """Who knocked was told "not now"; the word, if any, is the text."""

    seat: str


class KnockWithdrawn(Event, frozen=True, tag="call:withdrawn"):
    """Who knocked waits no longer."""

    seat: str


class CallJoined(Event, frozen=True, tag="call:joined"):
    """Somebody's media is connected (ICE and DTLS are up).

    `fence` numbers the nodes that carried the call; it is 0 where there is only one.
    """

    seat: str
    fence: Seq = 0


class CallLeft(Event, frozen=True, tag="call:left"):
    """Somebody's media is gone; they may come back while the call lasts. `fence`: as above."""

    seat: str
    fence: Seq = 0


class CallEnded(Event, frozen=True, tag="call:ended"):
    """The call is over; the text, if any, is a reason given by whoever declined."""

    reason: CallEnd


class MediaSet(Event, frozen=True, tag="call:media-set"):
    """Somebody switched microphone or camera, shares their screen in another way, or their browser
    paused something or goes on.
    """

    microphone: bool
    camera: bool
    screen: Screen = Screen.OFF
    pause: Pause | None = None


class Flagged(Event, frozen=True, tag="case:flagged"):
    """Moderator lane: a flag came in; its seq is the case's name. The text is the reporter's note.

    `window` holds the frozen messages as they stood, without their texts: those were copied aside
    in the same step. `accused` wrote the flagged message.
    """

    message: Seq
    reason: FlagReason
    accused: str
    window: tuple[Evidence, ...]


class CaseClaimed(Event, frozen=True, tag="case:claimed"):
    """Moderator lane: somebody took the case."""

    case: Seq


class CaseReleased(Event, frozen=True, tag="case:released"):
    """Moderator lane: the case went back to the queue."""

    case: Seq


class CaseNoted(Event, frozen=True, tag="case:noted"):
    """Moderator lane: a note; its words are the text."""

    case: Seq


class CaseDecided(Event, frozen=True, tag="case:decided"):
    """Moderator lane: the decision; its explanation is the text."""

    case: Seq
    action: Action


class CaseIntervened(Event, frozen=True, tag="case:intervened"):
    """Moderator lane: what was done to the accused in the call, at once."""

    case: Seq
    measure: Measure


class FlagReceived(Event, frozen=True, tag="flag:received"):
    """Reporter's lane: the receipt. `after` is its place in the thread.

    `case` is the receipt's own seq, not that of the moderators' case: how many flags there are in
    all, and whether there is one about oneself, is nobody's to count.
    """

    case: Seq
    message: Seq
    reason: FlagReason
    after: Seq


class FlagAnswered(Event, frozen=True, tag="flag:answered"):
    """Reporter's lane: what came of the flag that got the receipt `case`; the text explains it."""

    case: Seq
    action: Action
    after: Seq


class Warned(Event, frozen=True, tag="person:warned"):
    """Lane of the person concerned: what a moderator decided about a message of theirs; the text
    explains it. It comes before what it brings about.
    """

    message: Seq
    after: Seq
    action: Action


# ---------------------------------------------------------------- acknowledgements


class Done(Wire, frozen=True, kw_only=True):
    """The command was carried out and is kept (`ok` is always true).

    `lane` and `seq` name its first event for the asker; empty and 0 when nothing had to change.
    """

    ok: bool = True
    lane: str = ""
    seq: Seq = 0


class Refused(Wire, frozen=True, kw_only=True):
    """The command was not carried out; nothing changed (`ok` is always false)."""

    ok: bool = False
    code: str
    message: str
    retry_after_ms: int = 0
    incident: str = ""
    """With `internal`: the id under which the operator finds what happened."""


# ---------------------------------------------------------------- what a reader sees (the snapshot)


class Person(Wire, frozen=True, kw_only=True):
    """Who sits in a seat. `guest`: the name was given by the person, nobody vouches for it.

    `invitedBy` is the seat that invited them later; empty for the two that the interview began
    with, whom only a moderator can remove.
    """

    seat: str
    role: Role
    name: str
    guest: bool
    removed: bool
    invited_by: str


class Message(Wire, frozen=True, kw_only=True, tag_field="kind", tag="message"):
    """A message in the thread; the last version is the current text, the others its history."""

    seq: Seq
    by: str
    at: Instant
    reply_to: Seq | None
    state: MessageState
    versions: tuple[Version, ...]


RecordEvent = (
    InterviewCreated
    | InvitationAccepted
    | InvitationDeclined
    | InterviewOpened
    | InterviewEnded
    | PersonNamed
    | ZoneTold
    | PersonInvited
    | PersonRemoved
    | MessagePosted
    | MessageEdited
    | MessageDeleted
    | MessageHidden
    | FormatProposed
    | FormatChanged
    | FormatDeclined
    | CallRang
    | CallAccepted
    | CallDeclined
    | CallJoined
    | CallLeft
    | CallDeparted
    | CallEnded
    | MediaSet
    | CallMuted
    | Knocked
    | Admitted
    | KnockHeld
    | KnockRefused
    | KnockWithdrawn
    | Flagged
    | CaseClaimed
    | CaseReleased
    | CaseNoted
    | CaseDecided
    | CaseIntervened
    | FlagReceived
    | FlagAnswered
    | Warned
)


class Notice(Wire, frozen=True, kw_only=True, tag_field="kind", tag="notice"):
    """Any other event worth a line or a card, as it stands in the record, with its text."""

    lane: str
    seq: Seq
    event: RecordEvent
    text: str | None


class CallPhase(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    ACTIVE = "active"
    ENDED = "ended"


class InCall(Wire, frozen=True, kw_only=True):
    """One person in the call. `connected`: media can flow now. `pause`: what of it does not.

    `muted`: what somebody else switched off; it stays with the server until the person switches it
    on again.
    """

    seat: str
    connected: bool
    microphone: bool
    camera: bool
    screen: Screen
    pause: Pause | None = None
    muted: tuple[Source, ...] = ()


class Call(Wire, frozen=True, kw_only=True):
    """The latest call. `call` is the seq of its `call:rang`.

    `people` are those in it; `declined` will not answer while it rings; `admitted` may come back
    without knocking while it lasts; `ejected` may not come back to it.
    """

    call: Seq
    by: str
    media: Format
    phase: CallPhase
    rang_at: Instant
    active_at: Instant | None
    people: tuple[InCall, ...]
    declined: tuple[str, ...]
    admitted: tuple[str, ...]
    ejected: tuple[str, ...]


class KnockState(StrEnum):
    """What became of a knock so far: who let somebody in is in the call, and knocks no more."""

    WAITING = "waiting"
    HELD = "held"
    REFUSED = "refused"


class Knock(Wire, frozen=True, kw_only=True):
    """Somebody who waits to be let into a call, or was told "not now" and may knock again.

    `since`: when they knocked. `word` is the last answer from within; its text is null where the
    answer came without a word.
    """

    seat: str
    since: Instant
    state: KnockState
    word: Version | None


class Proposal(Wire, frozen=True, kw_only=True):
    """A format that one side asks for and the other has not answered."""

    by: str
    format: Format


class View(Wire, frozen=True, kw_only=True):
    """An interview as one reader may see it: what the browser keeps and folds events into."""

    title: str
    format: Format
    phase: Phase
    created_at: Instant
    starts_at: Instant | None
    opened_at: Instant | None
    closed_at: Instant | None
    minutes: int
    """How long it is meant to take; 0: nobody said."""
    met_at: Instant | None
    """When the first call went on: from then on the time is counted."""
    people: tuple[Person, ...]
    zones: dict[str, str]
    """By which clock people live, by seat, as their browsers said."""
    proposal: Proposal | None
    call: Call | None
    knock: bool
    """Whether who is not of the client's side knocks before they are in a call."""
    waiting: tuple[Knock, ...]
    """Who knocked, the longest wait first."""
    thread: tuple[Message | Notice, ...]
    """Shared lane, ascending by `seq`. Edits, deletions, hidings, names and `call:media-set` are
    folded into what they change and have no line of their own."""
    side: tuple[Message | Notice, ...]
    """The lane of the client's side, ascending by its own `seq`; empty for everybody else."""
    own: tuple[Notice, ...]
    """The reader's own lane, ascending; each event's `after` is its place in the thread."""


class Entry(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """One event of the record as delivered: its place, the head hash of its lane after it (hex,
    `SHA-256(previous hash || exact event bytes)`), the exact bytes, and the text where visible.
    """

    lane: str
    seq: Seq
    hash: str
    event: RecordEvent
    text: str | None = None


class SignedHead(Wire, frozen=True, kw_only=True):
    """The server's word on where a lane stood: `hash` is the lane's head after event `seq`.

    `signature` (base64) is Ed25519 over `parley-head-1`, interview, lane, seq, hash and `at`, each
    followed by a line feed; `key` names the public key, served at `/api/signing-key`.
    """

    lane: str
    seq: Seq
    hash: str
    at: Instant
    key: str
    signature: str


# ---------------------------------------------------------------- messages of the connection


class SeatAuth(Wire, frozen=True, kw_only=True):
    """CONNECT's auth for an interview: whose session cookie to use, and the lane -> seq up to which
    this client already has the record (absent: send a snapshot).
    """

    interview: InterviewId
    seat: SeatId
    cursor: dict[Lane, Seq] | None = None


class DeskAuth(Wire, frozen=True, kw_only=True):
    """CONNECT's auth for the moderators' desk."""

    desk: bool


class Welcome(Wire, frozen=True, kw_only=True, tag_field="type", tag="welcome"):
    """First message after CONNECT: who you are here, the server's clock, and what it holds to.

    `rings_ms`: milliseconds after which a call that nobody answers is missed.
    """

    seat: str
    role: Role
    version: int
    now: Instant
    text_max: int
    rings_ms: int


class Mark(Wire, frozen=True, kw_only=True):
    """How far somebody's browser has received, and the person has read, the shared lane."""

    delivered: Seq = 0
    read: Seq = 0


class PresenceState(StrEnum):
    """`away`: connected but silent for 30 s, or gone for less than that."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


class Snapshot(Wire, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """The whole view, the cursor that it stands at, and the forgettable things around it."""

    view: View
    cursor: dict[str, Seq]
    marks: dict[str, Mark]
    presence: dict[str, PresenceState]
    heads: tuple[SignedHead, ...]


class Entries(Wire, frozen=True, kw_only=True, tag_field="type", tag="entries"):
    """Events, ascending within each lane. A gap means: send `record:sync`."""

    entries: tuple[Entry, ...]


class Head(Wire, frozen=True, kw_only=True, tag_field="type", tag="head"):
    """The signed head of a lane, at most every four seconds: keep the latest of each lane."""

    head: SignedHead


class Marks(Wire, frozen=True, kw_only=True, tag_field="type", tag="marks"):
    """Somebody's marks moved; at most once a second and person."""

    seat: str
    mark: Mark


class Presence(Wire, frozen=True, kw_only=True, tag_field="type", tag="presence"):
    """Somebody came, fell silent, or left."""

    seat: str
    state: PresenceState


class Typing(Wire, frozen=True, kw_only=True, tag_field="type", tag="typing"):
    """Somebody is writing, or stopped. Forget it after 6 s. `side`: to the client's side only."""

    seat: str
    typing: bool
    side: bool


class Renegotiate(Wire, frozen=True, kw_only=True, tag_field="type", tag="call:renegotiate"):
    """Make a new offer with `audio` and `video` receive slots in all: somebody published or left,
    or the media must be rebuilt (`rebuild`: with a new RTCPeerConnection).
    """

    rebuild: bool
    audio: int
    video: int


class Sound(StrEnum):
    """What becomes of somebody's sound at a listener. `blocked`: it plays only after a press."""

    PLAYING = "playing"
    BLOCKED = "blocked"
    NOTHING = "nothing"


class Heard(Wire, frozen=True, kw_only=True, tag_field="type", tag="call:heard"):
    """What the browser of `seat` plays of your media just now. Not known any more after 4 s."""

    seat: str
    sound: Sound
    height: int
    lost: int = 0


class Bye(Wire, frozen=True, kw_only=True, tag_field="type", tag="bye"):
    """The last message before the server closes the connection, and why."""

    code: str
    message: str


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    DECIDED = "decided"


class CaseNote(Wire, frozen=True, kw_only=True):
    """A moderator's note on a case."""

    seq: Seq
    by: str
    at: Instant
    text: str


class CaseSummary(Wire, frozen=True, kw_only=True):
    """A line of the queue: what is needed to choose a case, and no name.

    `inCall`: the accused is in a call now, where `case:intervene` reaches them.
    """

    interview: str
    case: Seq
    at: Instant
    reason: FlagReason
    reporter: Role
    accused: Role
    in_call: bool
    status: CaseStatus
    claimed_by: str
    action: Action | None


class CaseDetail(Wire, frozen=True, kw_only=True):
    """A claimed case: the frozen window, the reporter's note, the notes, the decision."""

    ok: bool
    summary: CaseSummary
    flagged: Seq
    note: str
    evidence: tuple[Evidence, ...]
    notes: tuple[CaseNote, ...]
    explanation: str


class Queue(Wire, frozen=True, kw_only=True, tag_field="type", tag="desk:queue"):
    """The moderators' queue: open and claimed cases, and those decided lately."""

    you: str
    now: Instant
    cases: tuple[CaseSummary, ...]


class CaseChanged(Wire, frozen=True, kw_only=True, tag_field="type", tag="desk:case"):
    """A case is new, or stands differently."""

    summary: CaseSummary


# ---------------------------------------------------------------- signals from clients


class Signal(Wire, frozen=True, kw_only=True, tag_field="type"):
    """Sent without an acknowledgement unless the class says otherwise; never kept."""


class SetTyping(Signal, frozen=True, tag="typing:set"):
    """I am writing, or stopped. Repeat every 4 s while writing.

    `side`: a message that only the client's side will read; only they are told.
    """

    typing: bool
    side: bool = False


class SetMark(Signal, frozen=True, tag="mark:set"):
    """My browser has received, and I have read, the shared lane up to these seqs. Never lowers."""

    delivered: Seq
    read: Seq


class StayActive(Signal, frozen=True, tag="presence:active"):
    """I am here. Sent every 10 s while the person uses the page; after 30 s without it: away."""


class SyncRecord(Signal, frozen=True, tag="record:sync"):
    """Sends `entries` after this cursor again, or a `snapshot` without one. Acknowledged."""

    cursor: dict[Lane, Seq] | None = None


class OfferCall(Signal, frozen=True, tag="call:offer"):
    """An SDP offer for the active call; acknowledged with `Answer`. One at a time; drop the answer
    to an older `generation`.
    """

    generation: Seq
    sdp: Sdp


class TellHearing(Signal, frozen=True, tag="call:hearing"):
    """What my browser plays of the media of `seat`; told to them as `call:heard`.

    Sent once a second about each other person in the call, and refused to whoever is not in it.
    `height`: the shorter side of the picture that is decoded, in pixels; 0 without one. `shown`: in
    how many pixels of height it is drawn (0: it is not; null: unknown), so that where it comes in
    several sizes no larger one is sent here. `lost`: the percentage of the sound that did not
    arrive lately.
    """

    seat: SeatId
    sound: Sound
    height: Annotated[int, Meta(ge=0, le=HEIGHT_MAX)]
    shown: Annotated[int, Meta(ge=0, le=HEIGHT_MAX)] | None = None
    lost: Annotated[int, Meta(ge=0, le=100)] = 0


class AskServers(Signal, frozen=True, tag="call:servers"):
    """By which relays may I reach the active call? Asked before the first offer; acknowledged with
    `IceServers`.
    """


class MakeLink(Signal, frozen=True, tag="link:make"):
    """A link for a seat that one's side gave with `person:invite`; acknowledged with `Link`.

    Links made for this seat before lead nowhere from then on. Once somebody has redeemed one, the
    seat is theirs, with all that only they may read, and no other is made.
    """

    seat: SeatId


class LookAtCase(Signal, frozen=True, tag="case:look"):
    """The whole of a case that one has claimed; acknowledged with `CaseDetail`."""

    interview: InterviewId
    case: Seq


class Answer(Wire, frozen=True, kw_only=True):
    """The SDP answer to the offer of this generation."""

    ok: bool
    generation: Seq
    sdp: str


class Link(Wire, frozen=True, kw_only=True):
    """An address to hand to the person: good for 30 days and one redemption."""

    ok: bool
    url: str


class IceServer(Wire, frozen=True, kw_only=True):
    """A relay, as `RTCIceServer` (W3C WebRTC): what was opened within ten minutes stays open."""

    urls: tuple[str, ...]
    username: str
    credential: str


class IceServers(Wire, frozen=True, kw_only=True):
    """The relays for this person in this interview; none where the server has none."""

    ok: bool
    ice_servers: tuple[IceServer, ...]


COMMANDS: tuple[type[Command], ...] = (
    AcceptInvitation,
    DeclineInvitation,
    OpenInterview,
    EndInterview,
    GiveName,
    TellZone,
    InvitePerson,
    RemovePerson,
    PostMessage,
    EditMessage,
    DeleteMessage,
    FlagMessage,
    ProposeFormat,
    AcceptFormat,
    DeclineFormat,
    RingCall,
    AcceptCall,
    DeclineCall,
    LeaveCall,
    EndCall,
    SetMedia,
    MutePerson,
    KnockCall,
    AdmitPerson,
    HoldPerson,
    RefusePerson,
    ClaimCase,
    ReleaseCase,
    NoteCase,
    DecideCase,
    Intervene,
)
SIGNALS: tuple[type[Signal], ...] = (
    SetTyping,
    SetMark,
    StayActive,
    SyncRecord,
    OfferCall,
    TellHearing,
    AskServers,
    MakeLink,
    LookAtCase,
)
ANSWERS: dict[type[Signal], type[Wire]] = {
    SyncRecord: Done,
    OfferCall: Answer,
    AskServers: IceServers,
    MakeLink: Link,
    LookAtCase: CaseDetail,
}
TOLD: tuple[type[Wire], ...] = (
    Welcome,
    Snapshot,
    Entries,
    Head,
    Marks,
    Presence,
    Typing,
    Renegotiate,
    Heard,
    Bye,
    Queue,
    CaseChanged,
)


def wire_name(kind: type[Wire]) -> str:
    """The Socket.IO event name of a command, signal or message: its tag."""
    tag = kind.__struct_config__.tag
    assert isinstance(tag, str)
    return tag
