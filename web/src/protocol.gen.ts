// Written by `python -m server.generate` from server/protocol.py. Do not edit.

export const VERSION = 1;
export const TEXT_MAX = 4000;
export const NOTE_MAX = 1000;
export const NAME_MAX = 60;
/** People of one interview at the same time, moderators aside. */
export const SEATS_MAX = 8;
export const SDP_MAX = 64000;
export const HEIGHT_MAX = 16384;
/** Messages before and after a flagged one that a reporter may show to a moderator. */
export const WINDOW_MAX = 20;
export const COMMANDID_MAX = 64;
export const TITLE_MAX = 120;

/** Why something was refused (server/errors.py). */
export type Code =
  | "malformed"
  | "unknown_command"
  | "too_large"
  | "too_many"
  | "busy"
  | "not_signed_in"
  | "link_invalid"
  | "link_used"
  | "foreign_origin"
  | "not_found"
  | "not_allowed"
  | "closed"
  | "not_open"
  | "name_needed"
  | "empty"
  | "already"
  | "format_not_agreed"
  | "no_call"
  | "not_admitted"
  | "seats_full"
  | "call_busy"
  | "invalid_sdp"
  | "calls_full"
  | "removed"
  | "case_taken"
  | "not_claimed"
  | "restarting"
  | "store_down"
  | "store_full"
  | "internal";

/**
 * What somebody is in an interview; `operator` and `system` act without a seat.
 *
 * The client's side may be several people. An observer reads, watches and listens: everybody is
 * told that they are there, and nothing ever comes from them.
 */
export type Role = "client" | "freelancer" | "observer" | "moderator" | "operator" | "system";

/** How the two sides agreed to meet; each includes those before it. */
export type Format = "text" | "audio" | "video";

/** Where an interview stands. `declined` and `ended` are closed: reading only. */
export type Phase = "invited" | "accepted" | "open" | "declined" | "ended";

/** The rule that a reporter says was broken. */
export type FlagReason =
  | "payment_outside"
  | "offensive"
  | "harassment"
  | "scam"
  | "confidentiality"
  | "other";

/** What a moderator decides about a case. */
export type Action = "dismiss" | "warn" | "hide" | "remove" | "end";

/** What others get of somebody's screen. Several people may share theirs at the same time. */
export type Screen = "off" | "live" | "frozen" | "blank";

/** Why a call is over. */
export type CallEnd =
  | "hung_up"
  | "declined"
  | "missed"
  | "cancelled"
  | "lost"
  | "alone"
  | "removed"
  | "interview_ended";

/** What somebody sends to a call. */
export type Source = "microphone" | "camera" | "screen";

/**
 * What a moderator does at once, before deciding: everything that the accused sends is off
 * until they switch it on again, or they are taken out of the call and not let in again.
 */
export type Measure = "mute" | "eject";

/** What is held back: the picture alone, or the sound as well. */
export type Held = "picture" | "sound";

/**
 * Whose connection a pause is owed to. `chosen`: nobody's, the person asked for it. `codec`:
 * nobody's, the browser has none in common with the call.
 */
export type PauseWhy = "own" | "theirs" | "chosen" | "codec";

/** Whether a message's texts may be told: only those of a kept one are. */
export type MessageState = "kept" | "deleted" | "hidden";

/** Where a call stands. */
export type CallPhase = "ringing" | "active" | "ended";

/** What became of a knock so far: who let somebody in is in the call, and knocks no more. */
export type KnockState = "waiting" | "held" | "refused";

/** `away`: connected but silent for 30 s, or gone for less than that. */
export type PresenceState = "online" | "away" | "offline";

/** What becomes of somebody's sound at a listener. `blocked`: it plays only after a press. */
export type Sound = "playing" | "blocked" | "nothing";

/** Where a case stands. */
export type CaseStatus = "open" | "claimed" | "decided";

export type RecordEvent =
  | InterviewCreated
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
  | Warned;

/** The freelancer accepts. Without a later `startsAt` the interview opens at once. */
export type AcceptInvitation = {
  readonly id: string;
};

/** The freelancer declines, with or without a reason for the client to read. */
export type DeclineInvitation = {
  readonly reason?: string;
  readonly id: string;
};

/** Either participant opens an accepted interview. */
export type OpenInterview = {
  readonly id: string;
};

/** A participant ends the interview: from now on it can only be read. */
export type EndInterview = {
  readonly reason?: string;
  readonly id: string;
};

/** A guest says who they are, once, before anything else. */
export type GiveName = {
  readonly name: string;
  readonly id: string;
};

/** Says by which clock one lives, so that everybody can see both local times. */
export type TellZone = {
  readonly zone: string;
  readonly id: string;
};

/**
 * Somebody of the client's side gives a seat to a colleague (`client`) or an `observer`.
 *
 * Everybody sees it. Without a name the person gives one, as a guest. See `link:make`.
 */
export type InvitePerson = {
  readonly role: Role;
  readonly name?: string;
  readonly id: string;
};

/**
 * Somebody of the client's side takes back a seat that their side gave with `person:invite`.
 *
 * Everybody reads the reason, if any.
 */
export type RemovePerson = {
  readonly seat: string;
  readonly reason?: string;
  readonly id: string;
};

/**
 * A message for the thread, in the Markdown subset, perhaps in reply to another.
 *
 * With `side` it goes to the lane that only the client's side reads, and `replyTo` names a message
 * there.
 */
export type PostMessage = {
  readonly text: string;
  readonly replyTo?: number | null;
  readonly side?: boolean;
  readonly id: string;
};

/** The author gives a message another text; the earlier ones stay readable. */
export type EditMessage = {
  readonly message: number;
  readonly text: string;
  readonly side?: boolean;
  readonly id: string;
};

/** The author takes a message back; a tombstone remains. */
export type DeleteMessage = {
  readonly message: number;
  readonly side?: boolean;
  readonly id: string;
};

/**
 * Shows a message, with a window of its neighbours, to the moderators.
 *
 * Nobody in the thread learns of it. The reporter gets a receipt, and later the outcome.
 */
export type FlagMessage = {
  readonly message: number;
  readonly reason: FlagReason;
  readonly note?: string;
  readonly before?: number;
  readonly after?: number;
  readonly id: string;
};

/** Asks the other side to meet in another format. A new proposal replaces one's own old one. */
export type ProposeFormat = {
  readonly format: Format;
  readonly id: string;
};

/** Agrees to the other side's proposal. Any one of a side speaks for it. */
export type AcceptFormat = {
  readonly id: string;
};

/** Answers "not now" to the other side's proposal, or takes one's own side's back. */
export type DeclineFormat = {
  readonly id: string;
};

/**
 * Rings everybody but observers; `media` may not go beyond the agreed format.
 *
 * Where people knock, only the client's side rings, and nobody has to answer: the call is open at
 * once, and the client's side may join it. Where there is a call already, this answers or joins.
 */
export type RingCall = {
  readonly media: Format;
  readonly id: string;
};

/** Answers the ringing call, or joins the one that goes on. */
export type AcceptCall = {
  readonly id: string;
};

/** Declines the ringing call. It is over when nobody of the other side is left to answer. */
export type DeclineCall = {
  readonly reason?: string;
  readonly id: string;
};

/**
 * Hangs up; a caller who hangs up while it rings cancels, and who knocked need not wait.
 *
 * It ends the call for two people; of more, the others go on.
 */
export type LeaveCall = {
  readonly id: string;
};

/** Ends the call for everybody in it: by the client's side, or by whoever is alone in it. */
export type EndCall = {
  readonly id: string;
};

/**
 * Somebody of the client's side switches off what a person in the call sends.
 *
 * It is no gag: that person may switch it on again by `call:media`.
 */
export type MutePerson = {
  readonly seat: string;
  readonly kind: Source;
  readonly id: string;
};

/** Asks to be let into the call, there being one or not: the client's side is told. */
export type KnockCall = {
  readonly id: string;
};

/** Lets in who knocked, for as long as the call lasts. Begins the call if there is none. */
export type AdmitPerson = {
  readonly seat: string;
  readonly id: string;
};

/** Asks who knocked for patience, perhaps with a word; as often as needed. */
export type HoldPerson = {
  readonly seat: string;
  readonly text?: string;
  readonly id: string;
};

/** Answers "not now" to who knocked, perhaps with a word. They may knock again. */
export type RefusePerson = {
  readonly seat: string;
  readonly text?: string;
  readonly id: string;
};

/** What somebody's browser holds back for a while of what the person has switched on. */
export type Pause = {
  readonly held: Held;
  readonly why: PauseWhy;
};

/**
 * Says whether one's microphone and camera are meant to be on, what becomes of one's screen,
 * and what the browser holds back of microphone and camera for now (null: nothing); shown to
 * everybody, and kept. Camera and screen need a call by video.
 */
export type SetMedia = {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen?: Screen;
  readonly pause?: Pause | null;
  readonly id: string;
};

/** Takes a case: until it is released, only the claimer sees its evidence and decides. */
export type ClaimCase = {
  readonly id: string;
  readonly interview: string;
  readonly case: number;
};

/** Gives a claimed case back to the queue. */
export type ReleaseCase = {
  readonly id: string;
  readonly interview: string;
  readonly case: number;
};

/** Adds a note that only moderators read. */
export type NoteCase = {
  readonly text: string;
  readonly id: string;
  readonly interview: string;
  readonly case: number;
};

/**
 * Closes a claimed case. The reporter reads `explanation`, and so does the accused, unless the
 * case is dismissed: then they never learn of it.
 */
export type DecideCase = {
  readonly action: Action;
  readonly explanation?: string;
  readonly id: string;
  readonly interview: string;
  readonly case: number;
};

/** Acts on the accused's part in the call that goes on, while the case is claimed. */
export type Intervene = {
  readonly measure: Measure;
  readonly id: string;
  readonly interview: string;
  readonly case: number;
};

/** One text of a message. `text` is null where this reader may not see it. */
export type Version = {
  readonly seq: number;
  readonly at: number;
  readonly text: string | null;
};

/** A message as it stood when it was flagged, with all its texts, also of a deleted one. */
export type Evidence = {
  readonly message: number;
  readonly by: Role;
  readonly at: number;
  readonly state: MessageState;
  readonly versions: readonly Version[];
};

/** A seat as the invitation made it. Without a name the person gives one, as a guest. */
export type Invited = {
  readonly seat: string;
  readonly role: Role;
  readonly name?: string;
};

/**
 * The first event: the freelancer is invited. The text, if any, is the client's note.
 *
 * `knock`: who is not of the client's side is let into a call before they are in it. `minutes`:
 * how long it is meant to take; 0: nobody said. Nothing ends by itself when they are over.
 */
export type InterviewCreated = {
  readonly type: "interview:created";
  readonly title: string;
  readonly format: Format;
  readonly seats: readonly Invited[];
  readonly startsAt?: number | null;
  readonly knock?: boolean;
  readonly minutes?: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The freelancer accepted. */
export type InvitationAccepted = {
  readonly type: "invitation:accepted";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The freelancer declined; the text, if any, is the reason. */
export type InvitationDeclined = {
  readonly type: "invitation:declined";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The interview began. */
export type InterviewOpened = {
  readonly type: "interview:opened";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The interview is over and read-only; the text, if any, is the reason. */
export type InterviewEnded = {
  readonly type: "interview:ended";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** A guest said who they are. */
export type PersonNamed = {
  readonly type: "person:named";
  readonly seat: string;
  readonly name: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Somebody's browser said by which clock they live. */
export type ZoneTold = {
  readonly type: "person:zoned";
  readonly seat: string;
  readonly zone: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The client's side gave somebody a seat. */
export type PersonInvited = {
  readonly type: "person:invited";
  readonly seat: string;
  readonly role: Role;
  readonly name?: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * A moderator, or the side that invited them, removed somebody: they can neither write nor
 * read here any more, and are out of the call. The text, if any, is the reason.
 */
export type PersonRemoved = {
  readonly type: "person:removed";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** A message joined the thread; its seq is its name. The text is beside it. */
export type MessagePosted = {
  readonly type: "message:posted";
  readonly replyTo?: number | null;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Its author gave a message another text. */
export type MessageEdited = {
  readonly type: "message:edited";
  readonly message: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Its author took a message back: its texts are not told again. */
export type MessageDeleted = {
  readonly type: "message:deleted";
  readonly message: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** A moderator hid a message: its texts are not told again. */
export type MessageHidden = {
  readonly type: "message:hidden";
  readonly message: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** One side asked for another format. */
export type FormatProposed = {
  readonly type: "format:proposed";
  readonly format: Format;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The other side agreed: this is the format from now on. */
export type FormatChanged = {
  readonly type: "format:changed";
  readonly format: Format;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The proposal was declined, or taken back by whoever made it. */
export type FormatDeclined = {
  readonly type: "format:declined";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** A call began; its seq is the call's name. It rings, unless it is `open` from the start. */
export type CallRang = {
  readonly type: "call:rang";
  readonly media: Format;
  readonly open?: boolean;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Somebody answered, or joined later. */
export type CallAccepted = {
  readonly type: "call:accepted";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Somebody will not answer; it rings on for others. The text, if any, is the reason. */
export type CallDeclined = {
  readonly type: "call:declined";
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Somebody hung up, or was taken out by a moderator (`by`); the call goes on without them. */
export type CallDeparted = {
  readonly type: "call:departed";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** What somebody sends was switched off for them; only they can switch it on again. */
export type CallMuted = {
  readonly type: "call:muted";
  readonly seat: string;
  readonly kind: Source;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Somebody asks to be let into the call, or is ready for one. */
export type Knocked = {
  readonly type: "call:knocked";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Who knocked was let in, and is in the call. */
export type Admitted = {
  readonly type: "call:admitted";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Who knocked was asked for patience; the word, if any, is the text. */
export type KnockHeld = {
  readonly type: "call:held";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Who knocked was told "not now"; the word, if any, is the text. */
export type KnockRefused = {
  readonly type: "call:refused";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Who knocked waits no longer. */
export type KnockWithdrawn = {
  readonly type: "call:withdrawn";
  readonly seat: string;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * Somebody's media is connected (ICE and DTLS are up).
 *
 * `fence` numbers the nodes that carried the call; it is 0 where there is only one.
 */
export type CallJoined = {
  readonly type: "call:joined";
  readonly seat: string;
  readonly fence?: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Somebody's media is gone; they may come back while the call lasts. `fence`: as above. */
export type CallLeft = {
  readonly type: "call:left";
  readonly seat: string;
  readonly fence?: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** The call is over; the text, if any, is a reason given by whoever declined. */
export type CallEnded = {
  readonly type: "call:ended";
  readonly reason: CallEnd;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * Somebody switched microphone or camera, shares their screen in another way, or their browser
 * paused something or goes on.
 */
export type MediaSet = {
  readonly type: "call:media-set";
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen?: Screen;
  readonly pause?: Pause | null;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * Moderator lane: a flag came in; its seq is the case's name. The text is the reporter's note.
 *
 * `window` holds the frozen messages as they stood, without their texts: those were copied aside
 * in the same step. `accused` wrote the flagged message.
 */
export type Flagged = {
  readonly type: "case:flagged";
  readonly message: number;
  readonly reason: FlagReason;
  readonly accused: string;
  readonly window: readonly Evidence[];
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Moderator lane: somebody took the case. */
export type CaseClaimed = {
  readonly type: "case:claimed";
  readonly case: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Moderator lane: the case went back to the queue. */
export type CaseReleased = {
  readonly type: "case:released";
  readonly case: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Moderator lane: a note; its words are the text. */
export type CaseNoted = {
  readonly type: "case:noted";
  readonly case: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Moderator lane: the decision; its explanation is the text. */
export type CaseDecided = {
  readonly type: "case:decided";
  readonly case: number;
  readonly action: Action;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Moderator lane: what was done to the accused in the call, at once. */
export type CaseIntervened = {
  readonly type: "case:intervened";
  readonly case: number;
  readonly measure: Measure;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * Reporter's lane: the receipt. `after` is its place in the thread.
 *
 * `case` is the receipt's own seq, not that of the moderators' case: how many flags there are in
 * all, and whether there is one about oneself, is nobody's to count.
 */
export type FlagReceived = {
  readonly type: "flag:received";
  readonly case: number;
  readonly message: number;
  readonly reason: FlagReason;
  readonly after: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/** Reporter's lane: what came of the flag that got the receipt `case`; the text explains it. */
export type FlagAnswered = {
  readonly type: "flag:answered";
  readonly case: number;
  readonly action: Action;
  readonly after: number;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * Lane of the person concerned: what a moderator decided about a message of theirs; the text
 * explains it. It comes before what it brings about.
 */
export type Warned = {
  readonly type: "person:warned";
  readonly message: number;
  readonly after: number;
  readonly action: Action;
  readonly by: string;
  readonly at: number;
  readonly digest?: string;
};

/**
 * The command was carried out and is kept (`ok` is always true).
 *
 * `lane` and `seq` name its first event for the asker; empty and 0 when nothing had to change.
 */
export type Done = {
  readonly ok: true;
  readonly lane: string;
  readonly seq: number;
};

/** The command was not carried out; nothing changed (`ok` is always false). */
export type Refused = {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number;
  /** With `internal`: the id under which the operator finds what happened. */
  readonly incident: string;
};

/**
 * Who sits in a seat. `guest`: the name was given by the person, nobody vouches for it.
 *
 * `invitedBy` is the seat that invited them later; empty for the two that the interview began
 * with, whom only a moderator can remove.
 */
export type Person = {
  readonly seat: string;
  readonly role: Role;
  readonly name: string;
  readonly guest: boolean;
  readonly removed: boolean;
  readonly invitedBy: string;
};

/** A message in the thread; the last version is the current text, the others its history. */
export type Message = {
  readonly kind: "message";
  readonly seq: number;
  readonly by: string;
  readonly at: number;
  readonly replyTo: number | null;
  readonly state: MessageState;
  readonly versions: readonly Version[];
};

/** Any other event worth a line or a card, as it stands in the record, with its text. */
export type Notice = {
  readonly kind: "notice";
  readonly lane: string;
  readonly seq: number;
  readonly event: RecordEvent;
  readonly text: string | null;
};

/**
 * One person in the call. `connected`: media can flow now. `pause`: what of it does not.
 *
 * `muted`: what somebody else switched off; it stays with the server until the person switches it
 * on again.
 */
export type InCall = {
  readonly seat: string;
  readonly connected: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: Screen;
  readonly pause: Pause | null;
  readonly muted: readonly Source[];
};

/**
 * The latest call. `call` is the seq of its `call:rang`.
 *
 * `people` are those in it; `declined` will not answer while it rings; `admitted` may come back
 * without knocking while it lasts; `ejected` may not come back to it.
 */
export type Call = {
  readonly call: number;
  readonly by: string;
  readonly media: Format;
  readonly phase: CallPhase;
  readonly rangAt: number;
  readonly activeAt: number | null;
  readonly people: readonly InCall[];
  readonly declined: readonly string[];
  readonly admitted: readonly string[];
  readonly ejected: readonly string[];
};

/**
 * Somebody who waits to be let into a call, or was told "not now" and may knock again.
 *
 * `since`: when they knocked. `word` is the last answer from within; its text is null where the
 * answer came without a word.
 */
export type Knock = {
  readonly seat: string;
  readonly since: number;
  readonly state: KnockState;
  readonly word: Version | null;
};

/** A format that one side asks for and the other has not answered. */
export type Proposal = {
  readonly by: string;
  readonly format: Format;
};

/** An interview as one reader may see it: what the browser keeps and folds events into. */
export type View = {
  readonly title: string;
  readonly format: Format;
  readonly phase: Phase;
  readonly createdAt: number;
  readonly startsAt: number | null;
  readonly openedAt: number | null;
  readonly closedAt: number | null;
  /** How long it is meant to take; 0: nobody said. */
  readonly minutes: number;
  /** When the first call went on: from then on the time is counted. */
  readonly metAt: number | null;
  readonly people: readonly Person[];
  /** By which clock people live, by seat, as their browsers said. */
  readonly zones: { readonly [key: string]: string };
  readonly proposal: Proposal | null;
  readonly call: Call | null;
  /** Whether who is not of the client's side knocks before they are in a call. */
  readonly knock: boolean;
  /** Who knocked, the longest wait first. */
  readonly waiting: readonly Knock[];
  /**
   * Shared lane, ascending by `seq`. Edits, deletions, hidings, names and `call:media-set` are
   * folded into what they change and have no line of their own.
   */
  readonly thread: readonly (Message | Notice)[];
  /** The lane of the client's side, ascending by its own `seq`; empty for everybody else. */
  readonly side: readonly (Message | Notice)[];
  /** The reader's own lane, ascending; each event's `after` is its place in the thread. */
  readonly own: readonly Notice[];
};

/**
 * One event of the record as delivered: its place, the head hash of its lane after it (hex,
 * `SHA-256(previous hash || exact event bytes)`), the exact bytes, and the text where visible.
 */
export type Entry = {
  readonly lane: string;
  readonly seq: number;
  readonly hash: string;
  readonly event: RecordEvent;
  readonly text?: string | null;
};

/**
 * The server's word on where a lane stood: `hash` is the lane's head after event `seq`.
 *
 * `signature` (base64) is Ed25519 over `parley-head-1`, interview, lane, seq, hash and `at`, each
 * followed by a line feed; `key` names the public key, served at `/api/signing-key`.
 */
export type SignedHead = {
  readonly lane: string;
  readonly seq: number;
  readonly hash: string;
  readonly at: number;
  readonly key: string;
  readonly signature: string;
};

/**
 * CONNECT's auth for an interview: whose session cookie to use, and the lane -> seq up to which
 * this client already has the record (absent: send a snapshot).
 */
export type SeatAuth = {
  readonly interview: string;
  readonly seat: string;
  readonly cursor?: { readonly [key: string]: number } | null;
};

/** CONNECT's auth for the moderators' desk. */
export type DeskAuth = {
  readonly desk: boolean;
};

/**
 * First message after CONNECT: who you are here, the server's clock, and what it holds to.
 *
 * `rings_ms`: milliseconds after which a call that nobody answers is missed.
 */
export type Welcome = {
  readonly type: "welcome";
  readonly seat: string;
  readonly role: Role;
  readonly version: number;
  readonly now: number;
  readonly textMax: number;
  readonly ringsMs: number;
};

/** How far somebody's browser has received, and the person has read, the shared lane. */
export type Mark = {
  readonly delivered: number;
  readonly read: number;
};

/** The whole view, the cursor that it stands at, and the forgettable things around it. */
export type Snapshot = {
  readonly type: "snapshot";
  readonly view: View;
  readonly cursor: { readonly [key: string]: number };
  readonly marks: { readonly [key: string]: Mark };
  readonly presence: { readonly [key: string]: PresenceState };
  readonly heads: readonly SignedHead[];
};

/** Events, ascending within each lane. A gap means: send `record:sync`. */
export type Entries = {
  readonly type: "entries";
  readonly entries: readonly Entry[];
};

/** The signed head of a lane, at most every four seconds: keep the latest of each lane. */
export type Head = {
  readonly type: "head";
  readonly head: SignedHead;
};

/** Somebody's marks moved; at most once a second and person. */
export type Marks = {
  readonly type: "marks";
  readonly seat: string;
  readonly mark: Mark;
};

/** Somebody came, fell silent, or left. */
export type Presence = {
  readonly type: "presence";
  readonly seat: string;
  readonly state: PresenceState;
};

/** Somebody is writing, or stopped. Forget it after 6 s. `side`: to the client's side only. */
export type Typing = {
  readonly type: "typing";
  readonly seat: string;
  readonly typing: boolean;
  readonly side: boolean;
};

/**
 * Make a new offer with `audio` and `video` receive slots in all: somebody published or left,
 * or the media must be rebuilt (`rebuild`: with a new RTCPeerConnection).
 */
export type Renegotiate = {
  readonly type: "call:renegotiate";
  readonly rebuild: boolean;
  readonly audio: number;
  readonly video: number;
};

/** What the browser of `seat` plays of your media just now. Not known any more after 4 s. */
export type Heard = {
  readonly type: "call:heard";
  readonly seat: string;
  readonly sound: Sound;
  readonly height: number;
  readonly lost: number;
};

/** The last message before the server closes the connection, and why. */
export type Bye = {
  readonly type: "bye";
  readonly code: string;
  readonly message: string;
};

/** A moderator's note on a case. */
export type CaseNote = {
  readonly seq: number;
  readonly by: string;
  readonly at: number;
  readonly text: string;
};

/**
 * A line of the queue: what is needed to choose a case, and no name.
 *
 * `inCall`: the accused is in a call now, where `case:intervene` reaches them.
 */
export type CaseSummary = {
  readonly interview: string;
  readonly case: number;
  readonly at: number;
  readonly reason: FlagReason;
  readonly reporter: Role;
  readonly accused: Role;
  readonly inCall: boolean;
  readonly status: CaseStatus;
  readonly claimedBy: string;
  readonly action: Action | null;
};

/** A claimed case: the frozen window, the reporter's note, the notes, the decision. */
export type CaseDetail = {
  readonly ok: true;
  readonly summary: CaseSummary;
  readonly flagged: number;
  readonly note: string;
  readonly evidence: readonly Evidence[];
  readonly notes: readonly CaseNote[];
  readonly explanation: string;
};

/** The moderators' queue: open and claimed cases, and those decided lately. */
export type Queue = {
  readonly type: "desk:queue";
  readonly you: string;
  readonly now: number;
  readonly cases: readonly CaseSummary[];
};

/** A case is new, or stands differently. */
export type CaseChanged = {
  readonly type: "desk:case";
  readonly summary: CaseSummary;
};

/**
 * I am writing, or stopped. Repeat every 4 s while writing.
 *
 * `side`: a message that only the client's side will read; only they are told.
 */
export type SetTyping = {
  readonly typing: boolean;
  readonly side?: boolean;
};

/** My browser has received, and I have read, the shared lane up to these seqs. Never lowers. */
export type SetMark = {
  readonly delivered: number;
  readonly read: number;
};

/** I am here. Sent every 10 s while the person uses the page; after 30 s without it: away. */
export type StayActive = {
};

/** Sends `entries` after this cursor again, or a `snapshot` without one. Acknowledged. */
export type SyncRecord = {
  readonly cursor?: { readonly [key: string]: number } | null;
};

/**
 * An SDP offer for the active call; acknowledged with `Answer`. One at a time; drop the answer
 * to an older `generation`.
 */
export type OfferCall = {
  readonly generation: number;
  readonly sdp: string;
};

/**
 * What my browser plays of the media of `seat`; told to them as `call:heard`.
 *
 * Sent once a second about each other person in the call, and refused to whoever is not in it.
 * `height`: the shorter side of the picture that is decoded, in pixels; 0 without one. `shown`: in
 * how many pixels of height it is drawn (0: it is not; null: unknown), so that where it comes in
 * several sizes no larger one is sent here. `lost`: the percentage of the sound that did not
 * arrive lately.
 */
export type TellHearing = {
  readonly seat: string;
  readonly sound: Sound;
  readonly height: number;
  readonly shown?: number | null;
  readonly lost?: number;
};

/**
 * By which relays may I reach the active call? Asked before the first offer; acknowledged with
 * `IceServers`.
 */
export type AskServers = {
};

/**
 * A link for a seat that one's side gave with `person:invite`; acknowledged with `Link`.
 *
 * Links made for this seat before lead nowhere from then on. Once somebody has redeemed one, the
 * seat is theirs, with all that only they may read, and no other is made.
 */
export type MakeLink = {
  readonly seat: string;
};

/** The whole of a case that one has claimed; acknowledged with `CaseDetail`. */
export type LookAtCase = {
  readonly interview: string;
  readonly case: number;
};

/** The SDP answer to the offer of this generation. */
export type Answer = {
  readonly ok: true;
  readonly generation: number;
  readonly sdp: string;
};

/** An address to hand to the person: good for 30 days and one redemption. */
export type Link = {
  readonly ok: true;
  readonly url: string;
};

/** A relay, as `RTCIceServer` (W3C WebRTC): what was opened within ten minutes stays open. */
export type IceServer = {
  readonly urls: readonly string[];
  readonly username: string;
  readonly credential: string;
};

/** The relays for this person in this interview; none where the server has none. */
export type IceServers = {
  readonly ok: true;
  readonly iceServers: readonly IceServer[];
};

/** Every command by its Socket.IO event name; each is acknowledged with `Done | Refused`. */
export type Commands = {
  "invitation:accept": AcceptInvitation;
  "invitation:decline": DeclineInvitation;
  "interview:open": OpenInterview;
  "interview:end": EndInterview;
  "person:name": GiveName;
  "person:zone": TellZone;
  "person:invite": InvitePerson;
  "person:remove": RemovePerson;
  "message:post": PostMessage;
  "message:edit": EditMessage;
  "message:delete": DeleteMessage;
  "message:flag": FlagMessage;
  "format:propose": ProposeFormat;
  "format:accept": AcceptFormat;
  "format:decline": DeclineFormat;
  "call:ring": RingCall;
  "call:accept": AcceptCall;
  "call:decline": DeclineCall;
  "call:leave": LeaveCall;
  "call:end": EndCall;
  "call:media": SetMedia;
  "call:mute": MutePerson;
  "call:knock": KnockCall;
  "call:admit": AdmitPerson;
  "call:hold": HoldPerson;
  "call:refuse": RefusePerson;
  "case:claim": ClaimCase;
  "case:release": ReleaseCase;
  "case:note": NoteCase;
  "case:decide": DecideCase;
  "case:intervene": Intervene;
};

/** Every signal that is acknowledged: what is asked, and the answer when it is not refused. */
export type Questions = {
  "record:sync": { ask: SyncRecord; answer: Done };
  "call:offer": { ask: OfferCall; answer: Answer };
  "call:servers": { ask: AskServers; answer: IceServers };
  "link:make": { ask: MakeLink; answer: Link };
  "case:look": { ask: LookAtCase; answer: CaseDetail };
};

/** Every signal that nobody acknowledges. */
export type Signals = {
  "typing:set": SetTyping;
  "mark:set": SetMark;
  "presence:active": StayActive;
  "call:hearing": TellHearing;
};

/** What a client sends, for socket.io-client. */
export type ClientToServer = {
  "invitation:accept": (payload: AcceptInvitation, ack: (answer: Done | Refused) => void) => void;
  "invitation:decline": (payload: DeclineInvitation, ack: (answer: Done | Refused) => void) => void;
  "interview:open": (payload: OpenInterview, ack: (answer: Done | Refused) => void) => void;
  "interview:end": (payload: EndInterview, ack: (answer: Done | Refused) => void) => void;
  "person:name": (payload: GiveName, ack: (answer: Done | Refused) => void) => void;
  "person:zone": (payload: TellZone, ack: (answer: Done | Refused) => void) => void;
  "person:invite": (payload: InvitePerson, ack: (answer: Done | Refused) => void) => void;
  "person:remove": (payload: RemovePerson, ack: (answer: Done | Refused) => void) => void;
  "message:post": (payload: PostMessage, ack: (answer: Done | Refused) => void) => void;
  "message:edit": (payload: EditMessage, ack: (answer: Done | Refused) => void) => void;
  "message:delete": (payload: DeleteMessage, ack: (answer: Done | Refused) => void) => void;
  "message:flag": (payload: FlagMessage, ack: (answer: Done | Refused) => void) => void;
  "format:propose": (payload: ProposeFormat, ack: (answer: Done | Refused) => void) => void;
  "format:accept": (payload: AcceptFormat, ack: (answer: Done | Refused) => void) => void;
  "format:decline": (payload: DeclineFormat, ack: (answer: Done | Refused) => void) => void;
  "call:ring": (payload: RingCall, ack: (answer: Done | Refused) => void) => void;
  "call:accept": (payload: AcceptCall, ack: (answer: Done | Refused) => void) => void;
  "call:decline": (payload: DeclineCall, ack: (answer: Done | Refused) => void) => void;
  "call:leave": (payload: LeaveCall, ack: (answer: Done | Refused) => void) => void;
  "call:end": (payload: EndCall, ack: (answer: Done | Refused) => void) => void;
  "call:media": (payload: SetMedia, ack: (answer: Done | Refused) => void) => void;
  "call:mute": (payload: MutePerson, ack: (answer: Done | Refused) => void) => void;
  "call:knock": (payload: KnockCall, ack: (answer: Done | Refused) => void) => void;
  "call:admit": (payload: AdmitPerson, ack: (answer: Done | Refused) => void) => void;
  "call:hold": (payload: HoldPerson, ack: (answer: Done | Refused) => void) => void;
  "call:refuse": (payload: RefusePerson, ack: (answer: Done | Refused) => void) => void;
  "case:claim": (payload: ClaimCase, ack: (answer: Done | Refused) => void) => void;
  "case:release": (payload: ReleaseCase, ack: (answer: Done | Refused) => void) => void;
  "case:note": (payload: NoteCase, ack: (answer: Done | Refused) => void) => void;
  "case:decide": (payload: DecideCase, ack: (answer: Done | Refused) => void) => void;
  "case:intervene": (payload: Intervene, ack: (answer: Done | Refused) => void) => void;
  "record:sync": (payload: SyncRecord, ack: (answer: Done | Refused) => void) => void;
  "call:offer": (payload: OfferCall, ack: (answer: Answer | Refused) => void) => void;
  "call:servers": (payload: AskServers, ack: (answer: IceServers | Refused) => void) => void;
  "link:make": (payload: MakeLink, ack: (answer: Link | Refused) => void) => void;
  "case:look": (payload: LookAtCase, ack: (answer: CaseDetail | Refused) => void) => void;
  "typing:set": (payload: SetTyping) => void;
  "mark:set": (payload: SetMark) => void;
  "presence:active": (payload: StayActive) => void;
  "call:hearing": (payload: TellHearing) => void;
};

/** What the server tells, for socket.io-client. */
export type ServerToClient = {
  "welcome": (message: Welcome) => void;
  "snapshot": (message: Snapshot) => void;
  "entries": (message: Entries) => void;
  "head": (message: Head) => void;
  "marks": (message: Marks) => void;
  "presence": (message: Presence) => void;
  "typing": (message: Typing) => void;
  "call:renegotiate": (message: Renegotiate) => void;
  "call:heard": (message: Heard) => void;
  "bye": (message: Bye) => void;
  "desk:queue": (message: Queue) => void;
  "desk:case": (message: CaseChanged) => void;
};
