/**
 * Everything that one open interview page knows, as one type, and the one reducer that changes it.
 *
 * The whole state, as it stands in a running interview:
 *
 *     {
 *       at: { interview: "abcdefghijklmnop", seat: "client" },
 *       me: { seat: "client", role: "client" },
 *       clockAhead: -120,                          // server's clock minus ours, ms
 *       ringsMs: 45_000,                           // how long a call rings, as the server says
 *       link: { kind: "live" },
 *       view: { title: "Landing page", format: "text", phase: "open", thread: [...], ... },
 *       cursor: { shared: 42, "person:client": 1 },  // what is folded into the view, per lane
 *       seen: { shared: 42 },                      // the greatest seq heard of, per lane
 *       early: [],                                 // entries that came before the snapshot
 *       heads: { shared: { lane: "shared", seq: 42, ... } },  // signed by the server, kept
 *       marks: { freelancer: { delivered: 42, read: 40 } },
 *       presence: { client: "online", freelancer: "away" },
 *       typing: ["freelancer"],
 *       sideTyping: [],                            // in the thread of the client's side
 *       read: 40,                                  // the shared seq up to which the person has read
 *       outbox: [{ id: "V1StGXR8_Z5j", name: "message:post", ... state: { kind: "waiting" } }],
 *     }
 *
 * Counterparts: `fold.ts` (what an event changes), `session.ts` (who dispatches).
 */
import { fold } from "./fold";
import { type Heads, keptHeads, withHead } from "./heads";
import type {
  Commands,
  Entry,
  Head,
  Mark,
  Marks,
  Message,
  Presence,
  PresenceState,
  Refused,
  Role,
  Snapshot,
  Typing,
  View,
  Welcome,
} from "./protocol.gen";
import type { SeatPath } from "./routes";

/** How this page stands to the server. */
export type Link =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** The server is not answering, or said that it is being restarted; we keep trying. */
  | { readonly kind: "reconnecting"; readonly restarting?: boolean }
  /** The browser itself says that there is no network. */
  | { readonly kind: "offline" }
  /** The server said good-bye for a reason that trying again would not change. */
  | { readonly kind: "over"; readonly code: string; readonly message: string };

/** The commands that wait for the network instead of being refused without it. */
export type Unsendable = "message:post" | "message:edit" | "message:delete";

/** What became of an unsent command so far. */
export type Sending =
  /** `notSaved`: the server took it and could not save it, since its store is gone. */
  | { readonly kind: "waiting"; readonly notSaved?: boolean }
  | { readonly kind: "sending"; readonly notSaved?: boolean }
  | { readonly kind: "refused"; readonly refusal: Refused };

/** What somebody wants kept, before it has an id. */
export type Draft = {
  readonly [K in Unsendable]: { readonly name: K; readonly payload: Omit<Commands[K], "id"> };
}[Unsendable];

/** A command that the server has not confirmed yet, as browser storage keeps it. */
export type Stored = Draft & {
  readonly id: string;
  readonly at: number;
  /** The shared seq that the page had when this was written: its echo comes later. */
  readonly after: number;
};

export type Unsent = Stored & { readonly state: Sending };

type Cursor = { readonly [lane: string]: number };

export type State = {
  readonly at: SeatPath;
  readonly me: { readonly seat: string; readonly role: Role } | null;
  readonly clockAhead: number;
  /** How long a call rings before it is missed, in milliseconds. */
  readonly ringsMs: number;
  readonly link: Link;
  readonly view: View | null;
  readonly cursor: Cursor;
  readonly seen: Cursor;
  readonly early: readonly Entry[];
  readonly heads: Heads;
  readonly marks: { readonly [seat: string]: Mark };
  readonly presence: { readonly [seat: string]: PresenceState };
  readonly typing: readonly string[];
  readonly sideTyping: readonly string[];
  readonly read: number;
  readonly outbox: readonly Unsent[];
};

export type Change =
  | { readonly type: "linked"; readonly link: Link }
  /** `now` is our clock when the message came, so that the server's can be told from it. */
  | { readonly type: "welcomed"; readonly welcome: Welcome; readonly now: number }
  | { readonly type: "read"; readonly seq: number }
  | { readonly type: "outbox"; readonly items: readonly Unsent[] }
  | Snapshot
  | { readonly type: "entries"; readonly entries: readonly Entry[] }
  | Head
  | Marks
  | Presence
  | Typing;

/** Entries kept while a snapshot is on its way; what is beyond is asked for again. */
export const EARLY_MAX = 1000;

export function initial(at: SeatPath): State {
  return {
    at,
    me: null,
    clockAhead: 0,
    ringsMs: 0,
    link: { kind: "connecting" },
    view: null,
    cursor: {},
    seen: {},
    early: [],
    heads: keptHeads(at),
    marks: {},
    presence: {},
    typing: [],
    sideTyping: [],
    read: 0,
    outbox: [],
  };
}

/** The state after a change. */
export function reduce(state: State, change: Change): State {
  switch (change.type) {
    case "linked":
      // "over" is the last word: a socket that closes afterwards has nothing to add.
      return state.link.kind === "over" ? state : { ...state, link: change.link };
    case "welcomed": {
      const { seat, role, now, ringsMs } = change.welcome;
      const clockAhead = now - change.now;
      return { ...state, me: { seat, role }, clockAhead, ringsMs, link: { kind: "live" } };
    }
    case "snapshot": {
      const { view, cursor, marks, presence } = change;
      const heads = change.heads.reduce(withHead, state.heads);
      const read = Math.max(state.read, marks[state.at.seat]?.read ?? 0);
      const fresh = { ...state, view, cursor, heads, marks, presence, read, seen: {}, early: [] };
      return withEntries(fresh, state.early);
    }
    case "entries":
      return withEntries(state, change.entries);
    case "head":
      return { ...state, heads: withHead(state.heads, change.head) };
    case "marks":
      return { ...state, marks: { ...state.marks, [change.seat]: change.mark } };
    case "presence":
      return { ...state, presence: { ...state.presence, [change.seat]: change.state } };
    case "typing":
      return change.side
        ? { ...state, sideTyping: typists(state.sideTyping, change.seat, change.typing) }
        : { ...state, typing: typists(state.typing, change.seat, change.typing) };
    case "read":
      return change.seq > state.read ? { ...state, read: change.seq } : state;
    case "outbox":
      return { ...state, outbox: change.items };
  }
}

/** Whether something was lost on the way: a seq was heard of that could not be folded. */
export function hasGap({ view, seen, cursor }: State): boolean {
  return view !== null && Object.entries(seen).some(([lane, seq]) => seq > (cursor[lane] ?? 0));
}

function typists(before: readonly string[], seat: string, typing: boolean): readonly string[] {
  if (before.includes(seat) === typing) return before;
  return typing ? [...before, seat] : before.filter((other) => other !== seat);
}

/** Folds what follows; drops what is known, and what lies behind a gap: it is sent again. */
function withEntries(state: State, entries: readonly Entry[]): State {
  if (state.view === null) {
    return { ...state, early: [...state.early, ...entries].slice(0, EARLY_MAX) };
  }
  let { view, typing, sideTyping } = state;
  const cursor: Record<string, number> = { ...state.cursor };
  const seen: Record<string, number> = { ...state.seen };
  for (const entry of entries) {
    seen[entry.lane] = Math.max(seen[entry.lane] ?? 0, entry.seq);
    if (entry.seq !== (cursor[entry.lane] ?? 0) + 1) continue;
    view = fold(view, entry);
    cursor[entry.lane] = entry.seq;
    if (entry.event.type !== "message:posted") continue;
    if (entry.lane === "shared") typing = typists(typing, entry.event.by, false);
    else sideTyping = typists(sideTyping, entry.event.by, false);
  }
  return { ...state, view, cursor, seen, typing, sideTyping };
}

/** The two threads: everybody's, and the one that only the client's side reads. */
export type Lane = "shared" | "side";

export const LANES: { readonly [K in Lane]: string } = { shared: "shared", side: "side:client" };

/** The state as one of the threads is drawn from it: what views call the thread is that one. */
export function inLane(state: State, lane: Lane): State {
  const outbox = state.outbox.filter(
    ({ payload }) => (payload.side === true) === (lane === "side"),
  );
  if (lane === "shared")
    return outbox.length === state.outbox.length ? state : { ...state, outbox };
  const { view, cursor, sideTyping: typing } = state;
  return {
    ...state,
    view: view === null ? null : { ...view, thread: view.side, own: [] },
    // What is read there is nobody's to know.
    marks: {},
    cursor: { ...cursor, shared: cursor[LANES.side] ?? 0 },
    typing,
    outbox,
  };
}

/** Unsent posts to draw below the thread: those whose echo the thread does not hold already. */
export function pendingPosts(state: State): readonly Extract<Unsent, { name: "message:post" }>[] {
  const echoes = new Set<number>();
  return state.outbox
    .filter((item) => item.name === "message:post")
    .filter((item) => {
      const echo = state.view?.thread.find(
        (other) =>
          other.kind === "message" &&
          other.seq > item.after &&
          !echoes.has(other.seq) &&
          other.by === state.at.seat &&
          other.versions[0]?.text === item.payload.text,
      );
      if (echo !== undefined) echoes.add(echo.seq);
      return echo === undefined;
    });
}

/** What an own message's ticks may say: the most that is known about the other side. */
export type Reach = "kept" | "delivered" | "read";

export function reachOf(state: State, message: Message): Reach {
  const people = state.view?.people ?? [];
  const own = people.find((person) => person.seat === message.by)?.role;
  const others = people.filter(({ role }) => role !== own && role !== "observer");
  const marks = others.map((person) => state.marks[person.seat]);
  if (marks.some((mark) => mark !== undefined && mark.read >= message.seq)) return "read";
  if (marks.some((mark) => mark !== undefined && mark.delivered >= message.seq)) return "delivered";
  return "kept";
}

/** Messages of the other side that the person has not seen. */
export function unreadCount({ view, read, at }: State): number {
  return (view?.thread ?? []).filter(
    (item) => item.kind === "message" && item.seq > read && item.by !== at.seat,
  ).length;
}

/** Nothing more can be written here. */
export function isClosed(view: View): boolean {
  return view.phase === "declined" || view.phase === "ended";
}
