/**
 * This browser's part in a call, as one type and one pure reducer.
 *
 * What everybody knows of the call (who rings, who is in it, whose microphone is on) is in the
 * record and thus in `state.ts`; here is only what this page alone knows:
 *
 *     {
 *       line: { kind: "connected" },
 *       intent: { microphone: true, camera: false },
 *       talking: false,                  // or true: the microphone is on while Space is held
 *       microphone: { kind: "on", track, label: "Built-in microphone" },
 *       camera: { kind: "off" },
 *       screen: { kind: "off" },         // or { kind: "looking", capture }, or { kind: "shared", ... }
 *       asking: null,                    // or { slow: false }: the browser asks the person now
 *       known: [{ kind: "audioinput", id: "…", label: "Built-in microphone" }, ...],
 *       chosen: { microphone: "…", camera: "", speaker: "", quiet: false },
 *       check: null,                     // or { purpose: "ring", media: "video" }: being previewed
 *       leaving: null,                   // or "telling", "owed": the server does not know it yet
 *       soundOnly: false,
 *       pause: null,                     // or { held: "picture", why: "own" }: not sent just now
 *       declined: false,                 // or true: no codec for pictures in common
 *       remote: { freelancer: MediaStream },   // or { "vacant-0": MediaStream }
 *       health: { hearing: "flowing", seeing: "none", heard: "flowing", weak: false },
 *       heardBy: { freelancer: { sound: "playing", height: 360, lost: 0 } },  // by their own word
 *       blocked: [],                     // or ["freelancer"]: the browser wants a press first
 *       muted: null,                     // or { kind: "microphone", by: "client" }: by somebody else
 *       said: null,                      // or why the last thing asked for was refused
 *     }
 *
 * Counterpart: `call.ts`, which owns the media and dispatches.
 */
import type {
  Call,
  Format,
  Pause,
  Person,
  Screen,
  Sound,
  Source as Sending,
  View,
} from "./protocol.gen";

/** How a call is made: a format with sound in it. */
export type CallMedia = Exclude<Format, "text">;

/** The two things that a person switches on and off. */
export type Intent = { readonly microphone: boolean; readonly camera: boolean };

/** Why the browser gives us no microphone or camera. */
export type DeviceTrouble =
  /** The person, the browser or the system forbids it. */
  | "denied"
  /** There is none, or the chosen one was unplugged. */
  | "missing"
  /** Another program holds it. */
  | "busy"
  /** The page is not on a secure address, or the browser cannot. */
  | "unsupported"
  /** The browser's question was never answered. */
  | "unanswered"
  | "broken";

/** A microphone or camera of ours. */
export type Source =
  | { readonly kind: "off" }
  | { readonly kind: "on"; readonly track: MediaStreamTrack; readonly label: string }
  | { readonly kind: "trouble"; readonly trouble: DeviceTrouble };

export type KnownDevice = {
  readonly kind: "audioinput" | "audiooutput" | "videoinput";
  readonly id: string;
  readonly label: string;
};

/** What kind of thing is captured (W3C "Screen Capture", `displaySurface`). */
export type Surface = "monitor" | "window" | "browser" | "unknown";

/** What the browser captures of the own screen. */
export type Capture = {
  readonly picture: MediaStreamTrack;
  readonly sound: MediaStreamTrack | null;
  readonly surface: Surface;
};

/** How a screen is shared. */
export type Shown = Exclude<Screen, "off">;

export type OwnScreen =
  | { readonly kind: "off" }
  /** The browser asks the person what to capture. */
  | { readonly kind: "choosing" }
  /** Only the person sees it. */
  | { readonly kind: "looking"; readonly capture: Capture }
  | {
      readonly kind: "shared";
      readonly capture: Capture;
      readonly as: Shown;
      /** Whether its sound goes along while it is live. */
      readonly sound: boolean;
      /** What the others see; null while it is blank. */
      readonly picture: MediaStreamTrack | null;
    };

/** Device ids; empty: whatever the browser takes by itself. */
export type Chosen = {
  readonly microphone: string;
  readonly camera: string;
  readonly speaker: string;
  /** Whether background noise is taken out of the microphone's sound. */
  readonly quiet: boolean;
};

/** How this page's media stands to the server. */
export type Line =
  | { readonly kind: "idle" }
  /** This seat is in the call, but in another window or on another device. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "connecting" }
  | { readonly kind: "connected" }
  | { readonly kind: "reconnecting" }
  /** Given up for now; `message` says why, for the person. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

/** Whether this page's media is meant to be connected. */
export function wants({ kind }: Line): boolean {
  return kind === "connecting" || kind === "connected" || kind === "reconnecting";
}

/** Whether media that should flow does. `none`: nothing is expected to. */
export type Flow = "none" | "flowing" | "stalled";

export type Health = {
  readonly hearing: Flow;
  readonly seeing: Flow;
  readonly heard: Flow;
  /** Much of what we send is lost on its way to the server. */
  readonly weak: boolean;
};

/**
 * What somebody's browser plays of our media, by its own word; `height` 0: no picture; `lost`: the
 * percentage of our sound that is missing there.
 */
type HeardBy = { readonly sound: Sound; readonly height: number; readonly lost: number };

/** `by`: the seat of whoever did it. */
export type Muted = { readonly kind: Sending; readonly by: string };

/** What the device check leads to. */
export type Check =
  | { readonly purpose: "ring" | "answer" | "settings" | "knock"; readonly media: CallMedia }
  /** The call begins by letting this person in. */
  | { readonly purpose: "admit"; readonly media: CallMedia; readonly seat: string };

export type CallState = {
  readonly line: Line;
  readonly intent: Intent;
  /** The microphone is on only for as long as a key is held. */
  readonly talking: boolean;
  readonly microphone: Source;
  readonly camera: Source;
  readonly screen: OwnScreen;
  readonly asking: { readonly slow: boolean } | null;
  readonly known: readonly KnownDevice[];
  readonly chosen: Chosen;
  readonly check: Check | null;
  /** The person left; the server is being told, or could not be yet. */
  readonly leaving: "telling" | "owed" | null;
  /** The person wants to send and get no pictures. */
  readonly soundOnly: boolean;
  /** What is held back just now of what the person has switched on. */
  readonly pause: Pause | null;
  /** The call has no codec for pictures in common with this browser. */
  readonly declined: boolean;
  /** By seat; by `vacant-<rank>` where the server did not know yet whose it will be. */
  readonly remote: { readonly [stream: string]: MediaStream };
  readonly health: Health;
  /** By seat; without an entry nothing is known. */
  readonly heardBy: { readonly [seat: string]: HeardBy };
  /** Whose sound this browser plays only after a press. */
  readonly blocked: readonly string[];
  /** What somebody else switched off for the person, who has not switched it on again. */
  readonly muted: Muted | null;
  readonly said: string | null;
};

export type CallChange =
  | { readonly type: "line"; readonly line: Line }
  | { readonly type: "intent"; readonly intent: Partial<Intent> }
  | { readonly type: "talking"; readonly talking: boolean }
  | { readonly type: "source"; readonly which: "microphone" | "camera"; readonly source: Source }
  | { readonly type: "screen"; readonly screen: OwnScreen }
  | { readonly type: "asking"; readonly asking: CallState["asking"] }
  | { readonly type: "known"; readonly known: readonly KnownDevice[] }
  | { readonly type: "chosen"; readonly chosen: Partial<Chosen> }
  | { readonly type: "check"; readonly check: Check | null }
  | { readonly type: "leaving"; readonly leaving: CallState["leaving"] }
  | { readonly type: "sound-only"; readonly soundOnly: boolean }
  | { readonly type: "pause"; readonly pause: Pause | null }
  | { readonly type: "declined"; readonly declined: boolean }
  | { readonly type: "remote"; readonly remote: CallState["remote"] }
  | { readonly type: "health"; readonly health: Health }
  | { readonly type: "heard"; readonly seat: string; readonly heard: HeardBy | null }
  | { readonly type: "blocked"; readonly blocked: readonly string[] }
  | { readonly type: "muted"; readonly muted: Muted | null }
  | { readonly type: "said"; readonly said: string | null }
  /** The person has read why something was refused, and what was switched off for them. */
  | { readonly type: "hushed" }
  /** The call is over for this page: all media was stopped. */
  | { readonly type: "over" };

export const QUIET: Health = { hearing: "none", seeing: "none", heard: "none", weak: false };

export function initialCall(chosen: Chosen): CallState {
  return {
    line: { kind: "idle" },
    intent: { microphone: true, camera: true },
    talking: false,
    microphone: { kind: "off" },
    camera: { kind: "off" },
    screen: { kind: "off" },
    asking: null,
    known: [],
    chosen,
    check: null,
    leaving: null,
    soundOnly: false,
    pause: null,
    declined: false,
    remote: {},
    health: QUIET,
    heardBy: {},
    blocked: [],
    muted: null,
    said: null,
  };
}

export function reduceCall(state: CallState, change: CallChange): CallState {
  switch (change.type) {
    case "line":
      return { ...state, line: change.line };
    case "intent":
      return withIntent(state, change.intent);
    case "talking":
      return state.talking === change.talking ? state : { ...state, talking: change.talking };
    case "source":
      return { ...state, [change.which]: change.source };
    case "screen":
      return { ...state, screen: change.screen };
    case "asking":
      return { ...state, asking: change.asking };
    case "known":
      return { ...state, known: change.known };
    case "chosen":
      return { ...state, chosen: { ...state.chosen, ...change.chosen } };
    case "check":
      return { ...state, check: change.check, said: null };
    case "leaving":
      return { ...state, leaving: change.leaving };
    case "sound-only":
      return { ...state, soundOnly: change.soundOnly };
    case "pause":
      return { ...state, pause: change.pause };
    case "declined":
      return { ...state, declined: change.declined };
    case "remote":
      return { ...state, remote: change.remote };
    case "health":
      return sameHealth(state.health, change.health) ? state : { ...state, health: change.health };
    case "heard":
      return sameHeard(state.heardBy[change.seat], change.heard)
        ? state
        : { ...state, heardBy: withHeard(state.heardBy, change.seat, change.heard) };
    case "blocked":
      return { ...state, blocked: change.blocked };
    case "muted":
      return { ...state, muted: change.muted };
    case "said":
      return { ...state, said: change.said };
    case "hushed":
      return { ...state, said: null, muted: null };
    case "over":
      return {
        ...initialCall(state.chosen),
        known: state.known,
        said: state.said,
      };
  }
}

/** Whoever switches on what somebody else switched off is not muted any more. */
function withIntent(state: CallState, change: Partial<Intent>): CallState {
  const { muted } = state;
  const over = muted !== null && muted.kind !== "screen" && change[muted.kind] === true;
  return { ...state, intent: { ...state.intent, ...change }, muted: over ? null : muted };
}

function sameHealth(one: Health, other: Health): boolean {
  return (
    one.hearing === other.hearing &&
    one.seeing === other.seeing &&
    one.heard === other.heard &&
    one.weak === other.weak
  );
}

function sameHeard(before: HeardBy | undefined, now: HeardBy | null): boolean {
  return (
    before?.sound === now?.sound && before?.height === now?.height && before?.lost === now?.lost
  );
}

function withHeard(
  before: CallState["heardBy"],
  seat: string,
  heard: HeardBy | null,
): CallState["heardBy"] {
  const { [seat]: _, ...others } = before;
  return heard === null ? others : { ...others, [seat]: heard };
}

/** How a call concerns somebody. `joinable`: it goes on without them, and they may come in. */
export type Standing = "none" | "incoming" | "outgoing" | "active" | "joinable";

/** How the call in this view concerns the person in `seat`. */
export function standing(view: View | null, seat: string): Standing {
  const call = view?.call ?? null;
  const person = view?.people.find((other) => other.seat === seat && !other.removed);
  if (view === null || call === null || person === undefined || call.phase === "ended") {
    return "none";
  }
  if (call.phase === "ringing") return whileRinging(call, person);
  if (call.people.some((other) => other.seat === seat)) return "active";
  return mayJoin(view, call, person) ? "joinable" : "none";
}

/** The live call that somebody is in, rings or is rung for. */
export function callWith(view: View | null, seat: string): Call | null {
  const how = standing(view, seat);
  return how === "none" || how === "joinable" ? null : (view?.call ?? null);
}

function whileRinging(call: Call, { seat, role }: Person): Standing {
  if (call.by === seat) return "outgoing";
  return role === "observer" || call.declined.includes(seat) ? "none" : "incoming";
}

function mayJoin({ knock }: View, call: Call, { seat, role }: Person): boolean {
  const welcome = !knock || role === "client" || call.admitted.includes(seat);
  return welcome && !call.ejected.includes(seat);
}

/** Whether somebody is there to watch and listen only. */
export function watches(view: View | null, seat: string): boolean {
  return view?.people.some((person) => person.seat === seat && person.role === "observer") ?? false;
}

/** What there is of somebody, by stream. In a call for two, what has no name yet is the other's. */
export function ofSeat<T>(
  streams: { readonly [stream: string]: T },
  call: Call | null,
  seat: string,
): T | undefined {
  return streams[seat] ?? (call?.people.length === 2 ? streams["vacant-0"] : undefined);
}

/** What really can be sent: nothing from a device that is not there. */
export function possible(state: CallState, media: CallMedia): Intent {
  return {
    microphone: state.intent.microphone && state.microphone.kind !== "trouble",
    camera: media === "video" && state.intent.camera && state.camera.kind !== "trouble",
  };
}
