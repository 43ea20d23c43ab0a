/**
 * The view after an event: pure, with the same meaning as `server/interview/decider.py` (`evolve`).
 * `tests/vectors/fold.json` holds both to it.
 */
import type {
  Call,
  CallMuted,
  CallRang,
  Entry,
  Format,
  InCall,
  InterviewCreated,
  Invited,
  Knock,
  KnockState,
  MediaSet,
  Message,
  MessageEdited,
  MessagePosted,
  Person,
  RecordEvent,
  Source,
  View,
} from "./protocol.gen";

const SHARED = "shared";
/** The thread of the client's side. */
const SIDE = "side:client";

/** Events without a line of their own: they are folded into what they change. */
const SILENT: ReadonlySet<RecordEvent["type"]> = new Set([
  "message:posted",
  "message:edited",
  "message:deleted",
  "message:hidden",
  "person:named",
  "person:zoned",
  "call:media-set",
  "case:flagged",
  "case:claimed",
  "case:released",
  "case:noted",
  "case:decided",
  "case:intervened",
] as const);

/** The view after `entry`, which must be the next one of its lane. */
export function fold(view: View, entry: Entry): View {
  const folded = foldLane(view, entry);
  return SILENT.has(entry.event.type) ? folded : noticed(folded, entry);
}

function foldLane(view: View, entry: Entry): View {
  if (entry.lane === SHARED) return foldEvent(view, entry, entry.event);
  if (entry.lane !== SIDE) return view;
  // Nothing but messages is said there, and each changes this thread alone.
  const { thread } = foldEvent({ ...view, thread: view.side }, entry, entry.event);
  return { ...view, side: thread };
}

function noticed(view: View, { lane, seq, event, text }: Entry): View {
  const notice = { kind: "notice", lane, seq, event, text: text ?? null } as const;
  if (lane === SHARED) return { ...view, thread: [...view.thread, notice] };
  if (lane === SIDE) return { ...view, side: [...view.side, notice] };
  return { ...view, own: [...view.own, notice] };
}

// One case an event, on purpose in one place, as its counterpart has it.
// oxlint-disable-next-line max-lines-per-function
function foldEvent(view: View, entry: Entry, event: RecordEvent): View {
  switch (event.type) {
    case "message:posted":
      return { ...view, thread: [...view.thread, posted(entry, event)] };
    case "message:edited":
      return withMessage(view, event.message, (message) => edited(message, entry, event));
    case "message:deleted":
      return withMessage(view, event.message, (message) => withdrawn(message, "deleted"));
    case "message:hidden":
      return withMessage(view, event.message, (message) => withdrawn(message, "hidden"));
    case "interview:created":
      return created(view, event);
    case "invitation:accepted":
      return { ...view, phase: "accepted" };
    case "invitation:declined":
      return { ...view, phase: "declined", closedAt: event.at };
    case "interview:opened":
      return { ...view, phase: "open", openedAt: event.at };
    case "interview:ended":
      return { ...view, phase: "ended", closedAt: event.at, proposal: null, waiting: [] };
    case "person:zoned":
      return { ...view, zones: { ...view.zones, [event.seat]: event.zone } };
    case "person:named":
      return withPerson(view, event.seat, { name: event.name });
    case "person:removed":
      return removed(view, event.seat);
    case "person:invited":
      return withPeople(view, [...view.people, seated(event, event.by)]);
    case "format:proposed":
      return { ...view, proposal: { by: event.by, format: event.format } };
    case "format:changed":
      return {
        ...view,
        format: event.format,
        proposal: null,
        call: limitedTo(view.call, event.format),
      };
    case "format:declined":
      return { ...view, proposal: null };
    case "call:rang":
      return met({ ...view, call: rang(view, entry.seq, event) }, event.open ? event.at : null);
    case "call:accepted":
      return joinedBy(view, event.by, event.at);
    case "call:declined":
      return withCall(view, (call) => ({ ...call, declined: [...call.declined, event.by] }));
    case "call:departed":
      return without(event.by === event.seat ? view : ejected(view, event.seat), event.seat);
    case "call:ended":
      return withCall(view, (call) => ({
        ...call,
        phase: "ended",
        people: call.people.map((person) => ({ ...person, connected: false, screen: "off" })),
      }));
    case "call:joined":
      return inCall(view, event.seat, { connected: true });
    case "call:left":
      return inCall(view, event.seat, { connected: false, screen: "off" });
    case "call:media-set":
      return withCall(view, (call) => withMedia(call, event));
    case "call:muted":
      return withCall(view, (call) => muted(call, event));
    case "call:knocked": {
      const knock = { seat: event.seat, since: event.at, state: "waiting", word: null } as const;
      return { ...view, waiting: [...notWaiting(view, event.seat), knock] };
    }
    case "call:admitted":
      return admitted(view, event.seat, event.at);
    case "call:held":
      return answered(view, event.seat, "held", entry);
    case "call:refused":
      return answered(view, event.seat, "refused", entry);
    case "call:withdrawn":
      return { ...view, waiting: notWaiting(view, event.seat) };
    case "case:flagged":
    case "case:claimed":
    case "case:released":
    case "case:noted":
    case "case:decided":
    case "case:intervened":
    case "flag:received":
    case "flag:answered":
    case "person:warned":
      return view;
  }
}

function created(view: View, event: InterviewCreated): View {
  const begun = {
    ...view,
    title: event.title,
    format: event.format,
    createdAt: event.at,
    startsAt: event.startsAt ?? null,
    knock: event.knock ?? false,
    minutes: event.minutes ?? 0,
  };
  const people = event.seats.map((seat) => seated(seat, ""));
  return withPeople(begun, people);
}

function seated({ seat, role, name = "" }: Invited, invitedBy: string): Person {
  return { seat, role, name, guest: name === "", removed: false, invitedBy };
}

function withPeople(view: View, people: readonly Person[]): View {
  return { ...view, people: people.toSorted((a, b) => (a.seat < b.seat ? -1 : 1)) };
}

function removed(view: View, seat: string): View {
  const gone = without(withPerson(view, seat, { removed: true }), seat);
  return { ...gone, waiting: notWaiting(gone, seat) };
}

function notWaiting(view: View, seat: string): readonly Knock[] {
  return view.waiting.filter((knock) => knock.seat !== seat);
}

function admitted(view: View, seat: string, at: number): View {
  const letIn = withCall(view, (call) => ({ ...call, admitted: [...call.admitted, seat] }));
  return joinedBy({ ...letIn, waiting: notWaiting(view, seat) }, seat, at);
}

function answered(view: View, seat: string, state: KnockState, { seq, event, text }: Entry): View {
  const word = { seq, at: event.at, text: text ?? null };
  const waiting = view.waiting.map((knock) =>
    knock.seat === seat ? { ...knock, state, word } : knock,
  );
  return { ...view, waiting };
}

function posted({ seq, text }: Entry, event: MessagePosted): Message {
  return {
    kind: "message",
    seq,
    by: event.by,
    at: event.at,
    replyTo: event.replyTo ?? null,
    state: "kept",
    versions: [{ seq, at: event.at, text: text ?? null }],
  };
}

function edited(message: Message, { seq, text }: Entry, event: MessageEdited): Message {
  const kept = message.state === "kept" ? (text ?? null) : null;
  return { ...message, versions: [...message.versions, { seq, at: event.at, text: kept }] };
}

function withdrawn(message: Message, state: "deleted" | "hidden"): Message {
  const silent = message.versions.map((version) => ({ ...version, text: null }));
  return { ...message, state, versions: silent };
}

function withMessage(view: View, seq: number, change: (message: Message) => Message): View {
  const at = view.thread.findLastIndex((item) => item.kind === "message" && item.seq === seq);
  const message = view.thread[at];
  if (message?.kind !== "message") return view;
  return { ...view, thread: view.thread.with(at, change(message)) };
}

function withPerson(view: View, seat: string, change: { name: string } | { removed: true }): View {
  const people = view.people.map((person) =>
    person.seat === seat ? { ...person, ...change } : person,
  );
  return { ...view, people };
}

function rang(view: View, seq: number, event: CallRang): Call {
  const open = event.open ?? false;
  return {
    call: seq,
    by: event.by,
    media: event.media,
    phase: open ? "active" : "ringing",
    rangAt: event.at,
    activeAt: open ? event.at : null,
    people: [arriving(view, event.by, event.media)],
    declined: [],
    admitted: [],
    ejected: [],
  };
}

function joinedBy(view: View, seat: string, at: number): View {
  return withCall(met(view, at), (call) => ({
    ...call,
    phase: "active",
    activeAt: call.activeAt ?? at,
    people: [...call.people, arriving(view, seat, call.media)],
    declined: call.declined.filter((other) => other !== seat),
  }));
}

function arriving(view: View, seat: string, media: Format): InCall {
  const speaks = view.people.find((person) => person.seat === seat)?.role !== "observer";
  const camera = speaks && media === "video";
  return {
    seat,
    connected: false,
    microphone: speaks,
    camera,
    screen: "off",
    pause: null,
    muted: [],
  };
}

function withMedia(call: Call, { by, microphone, camera, screen = "off", pause = null }: MediaSet) {
  const on: Record<Source, boolean> = { microphone, camera, screen: screen !== "off" };
  return changed(call, by, (person) => {
    const left = person.muted.filter((kind) => !on[kind]);
    return { ...person, microphone, camera, screen, pause, muted: left };
  });
}

function muted(call: Call, { seat, kind }: CallMuted): Call {
  const off = kind === "screen" ? { screen: "off" as const } : { [kind]: false };
  return changed(call, seat, (person) => ({
    ...person,
    ...off,
    muted: [...person.muted, kind],
  }));
}

function changed(call: Call, seat: string, change: (person: InCall) => InCall): Call {
  return { ...call, people: call.people.map((one) => (one.seat === seat ? change(one) : one)) };
}

/** The first call that goes on is when the two sides meet. */
function met(view: View, at: number | null): View {
  return view.metAt !== null || at === null ? view : { ...view, metAt: at };
}

function ejected(view: View, seat: string): View {
  return withCall(view, (call) => ({ ...call, ejected: [...call.ejected, seat] }));
}

/** With this seat in no live call. */
function without(view: View, seat: string): View {
  return withCall(view, (call) =>
    call.phase === "ended"
      ? call
      : { ...call, people: call.people.filter((person) => person.seat !== seat) },
  );
}

/** The call as a newly agreed format leaves it: pictures end where video is not agreed. */
function limitedTo(call: Call | null, agreed: Format): Call | null {
  if (call === null || call.phase === "ended" || agreed === "text") return call;
  const people = call.people.map((person) =>
    agreed === "audio" ? { ...person, camera: false, screen: "off" as const } : person,
  );
  return { ...call, media: agreed, people };
}

function withCall(view: View, change: (call: Call) => Call): View {
  return view.call === null ? view : { ...view, call: change(view.call) };
}

function inCall(view: View, seat: string, change: Partial<InCall>): View {
  return withCall(view, (call) => changed(call, seat, (person) => ({ ...person, ...change })));
}
