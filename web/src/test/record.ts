/** Small records for tests: an interview for two, a call, and entries that follow each other. */
import type { Call, Entry, InCall, RecordEvent, Snapshot, View } from "../protocol.gen";

export const NOON = Date.UTC(2026, 10, 24, 12, 0);

export function view(change: Partial<View> = {}): View {
  return {
    title: "Landing page",
    format: "video",
    phase: "open",
    createdAt: NOON,
    startsAt: null,
    openedAt: NOON,
    closedAt: null,
    minutes: 0,
    metAt: null,
    zones: {},
    people: [
      { seat: "client", role: "client", name: "Ada", guest: false, removed: false, invitedBy: "" },
      {
        seat: "freelancer",
        role: "freelancer",
        name: "Ben",
        guest: false,
        removed: false,
        invitedBy: "",
      },
    ],
    proposal: null,
    call: null,
    knock: false,
    waiting: [],
    thread: [],
    side: [],
    own: [],
    ...change,
  };
}

/** Somebody in a call who sends both, and is heard and seen. */
export function partOf(seat: string, change: Partial<InCall> = {}): InCall {
  return {
    seat,
    connected: true,
    microphone: true,
    camera: true,
    screen: "off",
    pause: null,
    muted: [],
    ...change,
  };
}

/** A call by video that goes on with these people. */
export function callOf(people: readonly InCall[], change: Partial<Call> = {}): Call {
  return {
    call: 5,
    by: "client",
    media: "video",
    phase: "active",
    rangAt: 0,
    activeAt: 1,
    people,
    declined: [],
    admitted: [],
    ejected: [],
    ...change,
  };
}

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    type: "snapshot",
    view: view(),
    cursor: { shared: 0 },
    marks: {},
    presence: {},
    heads: [],
    ...change,
  };
}

export function entry(seq: number, event: RecordEvent, text: string | null = null): Entry {
  return { lane: "shared", seq, hash: "", event, text };
}

export function said(seq: number, by: string, text: string, at = NOON + seq * 1000): Entry {
  return entry(seq, { type: "message:posted", by, at }, text);
}
