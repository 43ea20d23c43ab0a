/** Small records for tests: an interview for two, and entries that follow each other. */
import type { Entry, RecordEvent, Snapshot, View } from "../protocol.gen";

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
