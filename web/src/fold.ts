/**
 * The view after an event: pure, with the same meaning as `server/interview/decider.py` (`evolve`).
 * `tests/vectors/fold.json` holds both to it.
 */
import type {
  Call,
  CallRang,
  Entry,
  Format,
  InCall,
  InterviewCreated,
  Message,
  MessageEdited,
  MessagePosted,
  RecordEvent,
  View,
} from "./protocol.gen";

const SHARED = "shared";

/** Events without a line of their own: they are folded into what they change. */
const SILENT: ReadonlySet<RecordEvent["type"]> = new Set([
  "message:posted",
  "message:edited",
  "message:deleted",
  "message:hidden",
  "person:named",
  "call:media-set",
  "case:flagged",
  "case:claimed",
  "case:released",
  "case:noted",
  "case:decided",
] as const);

/** The view after `entry`, which must be the next one of its lane. */
export function fold(view: View, entry: Entry): View {
  const folded = entry.lane === SHARED ? foldEvent(view, entry, entry.event) : view;
  return SILENT.has(entry.event.type) ? folded : noticed(folded, entry);
}

function noticed(view: View, { lane, seq, event, text }: Entry): View {
  const notice = { kind: "notice", lane, seq, event, text: text ?? null } as const;
  return lane === SHARED
    ? { ...view, thread: [...view.thread, notice] }
    : { ...view, own: [...view.own, notice] };
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
      return { ...view, phase: "ended", closedAt: event.at, proposal: null };
    case "person:named":
      return withPerson(view, event.seat, { name: event.name });
    case "person:removed":
      return withPerson(view, event.seat, { removed: true });
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
      return { ...view, call: rang(entry.seq, event) };
    case "call:accepted":
      return withCall(view, (call) => ({
        ...call,
        phase: "active",
        activeAt: event.at,
        people: [...call.people, arriving(event.by, call.media)],
      }));
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
      return inCall(view, event.by, {
        microphone: event.microphone,
        camera: event.camera,
        screen: event.screen ?? "off",
        pause: event.pause ?? null,
      });
    case "case:flagged":
    case "case:claimed":
    case "case:released":
    case "case:noted":
    case "case:decided":
    case "flag:received":
    case "flag:answered":
    case "person:warned":
      return view;
  }
}

function created(view: View, event: InterviewCreated): View {
  const people = event.seats.map(({ seat, role, name }) => ({
    seat,
    role,
    name: name ?? "",
    guest: (name ?? "") === "",
    removed: false,
  }));
  return {
    ...view,
    title: event.title,
    format: event.format,
    createdAt: event.at,
    startsAt: event.startsAt ?? null,
    people: people.toSorted((a, b) => (a.seat < b.seat ? -1 : 1)),
  };
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

function rang(seq: number, event: CallRang): Call {
  return {
    call: seq,
    by: event.by,
    media: event.media,
    phase: "ringing",
    rangAt: event.at,
    activeAt: null,
    people: [arriving(event.by, event.media)],
  };
}

function arriving(seat: string, media: Format): InCall {
  const camera = media === "video";
  return { seat, connected: false, microphone: true, camera, screen: "off", pause: null };
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
  return withCall(view, (call) => ({
    ...call,
    people: call.people.map((person) => (person.seat === seat ? { ...person, ...change } : person)),
  }));
}
