import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Decoding,
  Hearing,
  type Inbound,
  decodedOf,
  levelsOf,
  playedOf,
} from "./call-hearing";
import { openDevices } from "./call-devices";
import { type CallState, initialCall, reduceCall } from "./call-state";
import type { TellHearing } from "./protocol.gen";
import { Store } from "./store";
import { withMedia } from "./test/media";
import { callOf, partOf } from "./test/record";
import { heardByAll, heardWords } from "./views/call/heard";

const CHOSEN = { microphone: "", camera: "", speaker: "", quiet: false };

describe("what the browser decodes", () => {
  it("is counted by whose track it is, without what only fills gaps", () => {
    const entries: readonly Omit<Inbound, "id">[] = [
      {
        type: "inbound-rtp",
        timestamp: 1,
        kind: "audio",
        trackIdentifier: "a",
        packetsReceived: 49,
        packetsLost: 1,
        totalSamplesReceived: 960,
        concealedSamples: 60,
      },
      {
        type: "inbound-rtp",
        timestamp: 1,
        kind: "video",
        trackIdentifier: "v",
        framesDecoded: 30,
        frameWidth: 360,
        frameHeight: 640,
      },
      { type: "inbound-rtp", timestamp: 1, kind: "audio", trackIdentifier: "unknown" },
      { type: "transport", timestamp: 1 },
    ];
    const report = entries.map((entry, at) => ({ ...entry, id: String(at) }));
    const ownerOf = (track: string) => (track === "unknown" ? undefined : "freelancer");
    expect(decodedOf(report, ownerOf)).toEqual({
      freelancer: { samples: 900, came: 49, lost: 1, frames: 30, height: 360 },
    });
  });
});

it("knows how loud each track is that is received", () => {
  const report: readonly Inbound[] = [
    {
      id: "a",
      type: "inbound-rtp",
      timestamp: 1,
      kind: "audio",
      trackIdentifier: "t1",
      audioLevel: 0.3,
    },
    { id: "b", type: "inbound-rtp", timestamp: 1, kind: "video", trackIdentifier: "t2" },
    { id: "c", type: "media-source", timestamp: 1, kind: "audio", audioLevel: 0.9 },
  ];
  expect([...levelsOf(report)]).toEqual([["t1", 0.3]]);
});

function looks(...each: readonly Decoding[]) {
  return each.map((ben) => ({ ben }));
}

describe("what was played lately", () => {
  const one = { samples: 100, came: 50, lost: 0, frames: 10, height: 360 };
  const two = { samples: 200, came: 80, lost: 20, frames: 20, height: 720 };

  it("is sound and a picture of the latest height while both go on", () => {
    expect(playedOf(looks(one, two))).toEqual({ ben: { sound: true, height: 720, lost: 40 } });
  });

  it("is no sound when a second brought none", () => {
    expect(playedOf(looks(one, { ...two, samples: 100 }))["ben"]?.sound).toBe(false);
  });

  it("is a picture that stands still for a second, but not for two", () => {
    const still = { ...two, samples: 300 };
    expect(playedOf(looks(one, two, still))["ben"]?.height).toBe(720);
    expect(playedOf(looks(two, still, { ...still, samples: 400 }))["ben"]?.height).toBe(0);
  });
});

describe("the word of each browser", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function hearing() {
    const store = new Store(initialCall(CHOSEN), reduceCall);
    const told: TellHearing[] = [];
    return { store, told, one: new Hearing((each) => void told.push(each), store.dispatch) };
  }

  it("is told as it is, and at once when the browser blocks sound", () => {
    const { store, told, one } = hearing();
    one.played("ben", { sound: true, height: 360, lost: 0 });
    one.played("ben", { sound: false, height: 360, lost: 0 });
    one.block("ben", true);
    expect(store.state.blocked).toEqual(["ben"]);
    one.block("ben", false);
    expect(told).toEqual([
      { seat: "ben", sound: "playing", height: 360, shown: null, lost: 0 },
      { seat: "ben", sound: "nothing", height: 360, shown: null, lost: 0 },
      { seat: "ben", sound: "blocked", height: 0, shown: null, lost: 0 },
      { seat: "ben", sound: "nothing", height: 360, shown: null, lost: 0 },
    ]);
  });

  it("says how large a picture is drawn: with the next report, or at once when it grew", () => {
    const { told, one } = hearing();
    one.shows("ben", 720);
    one.played("ben", { sound: true, height: 720, lost: 0 });
    one.shows("ben", 90);
    one.played("ben", { sound: true, height: 720, lost: 0 });
    one.shows("ben", 720);
    expect(told.map(({ shown }) => shown)).toEqual([720, 90, 720]);
  });

  it("counts for four seconds", () => {
    const { store, one } = hearing();
    one.heard({ seat: "ben", sound: "playing", height: 360, lost: 0 });
    vi.advanceTimersByTime(3_900);
    one.heard({ seat: "ben", sound: "playing", height: 360, lost: 0 });
    vi.advanceTimersByTime(3_900);
    expect(store.state.heardBy).toEqual({ ben: { sound: "playing", height: 360, lost: 0 } });
    vi.advanceTimersByTime(200);
    expect(store.state.heardBy).toEqual({});
  });

  it("counts no more once the media ended", () => {
    const { store, one } = hearing();
    one.heard({ seat: "ben", sound: "playing", height: 360, lost: 0 });
    one.stop();
    expect(store.state.heardBy).toEqual({});
  });
});

describe("the words under one's own picture", () => {
  const CALL = callOf([partOf("client"), partOf("ben")]);
  const BEN = { seat: "ben", who: "Ben" };
  let live: CallState = { ...initialCall(CHOSEN), line: { kind: "connected" } };
  beforeEach(async () => {
    withMedia();
    const opened = await openDevices({ microphone: true, camera: true }, CHOSEN);
    live = { ...live, ...opened };
  });

  const said = (change: Partial<CallState>, call = CALL) =>
    heardWords({ ...live, ...change }, call, BEN)?.text;

  it("are the listener's", () => {
    expect(said({})).toBe("Not known yet whether Ben hears you");
    const heard = { ben: { sound: "playing", height: 0, lost: 0 } } as const;
    expect(said({ heardBy: heard })).toBe("Ben hears you, but has no picture of you just now");
    expect(said({ heardBy: heard, camera: { kind: "off" } })).toBe("Ben hears you");
    const seen = { ben: { sound: "playing", height: 360, lost: 0 } } as const;
    expect(said({ heardBy: seen })).toBe("Ben hears you, sees you at 360p");
    expect(said({ heardBy: { ben: { sound: "nothing", height: 360, lost: 0 } } })).toBe(
      "Ben gets no sound from you just now",
    );
    expect(said({ heardBy: { ben: { sound: "blocked", height: 0, lost: 0 } } })).toContain(
      "Ben’s browser is blocking sound.",
    );
  });

  it("are one's own where only oneself can know", () => {
    const seen = { heardBy: { ben: { sound: "playing", height: 360, lost: 0 } } } as const;
    const off = { microphone: false, camera: true };
    expect(said({ ...seen, intent: off })).toBe("Your microphone is off. Ben sees you at 360p");
    expect(said({ intent: off })).toBe("Your microphone is off");
    const hidden = { microphone: true, camera: false };
    expect(said({ ...seen, intent: hidden })).toBe("Ben hears you");
    const trouble = { kind: "trouble", trouble: "denied" } as const;
    expect(said({ ...seen, microphone: trouble })).toBe("Your microphone is blocked");
  });

  it("are none while nobody is connected to hear", () => {
    const gone = callOf([partOf("client"), partOf("ben", { connected: false })]);
    expect(said({}, gone)).toBeUndefined();
    expect(said({ line: { kind: "reconnecting" } })).toBeUndefined();
  });

  it("are of several listeners the worst, and that all is well only where all say so", () => {
    const cora = { seat: "cora", who: "Cora" };
    const panel = callOf([...CALL.people, partOf("cora")]);
    const of = (heardBy: CallState["heardBy"], change: Partial<CallState> = {}) =>
      heardByAll({ ...live, ...change, heardBy }, panel, [BEN, cora]);
    const well = { sound: "playing", height: 360, lost: 0 } as const;
    const small = { ...well, height: 180 };
    expect(of({ ben: well, cora: small })?.text).toBe(
      "Everybody hears you, sees you at 180p or more",
    );
    expect(of({ ben: well })).toMatchObject({ bad: false });
    expect(of({ ben: well })?.text).toContain("1 of 2 hear you");
    expect(of({ ben: well, cora: { ...well, sound: "nothing" } })).toEqual({
      text: "Cora gets no sound from you just now",
      bad: true,
    });
    const deaf = { ...well, sound: "nothing" } as const;
    expect(of({ ben: deaf, cora: deaf })?.text).toContain("And 1 more.");
    expect(of({}, { intent: { microphone: false, camera: true } })?.text).toContain(
      "Your microphone is off",
    );
  });
});
