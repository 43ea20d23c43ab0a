import { describe, expect, it } from "vitest";
import { initialCall, ofSeat, possible, reduceCall, standing, watches } from "./call-state";
import type { Call, Person, View } from "./protocol.gen";
import { callOf, partOf, view } from "./test/record";

const RINGING = callOf([partOf("client", { connected: false })], {
  phase: "ringing",
  activeAt: null,
});
const STATE = initialCall({ microphone: "", camera: "", speaker: "", quiet: false });

describe("how a call concerns somebody", () => {
  const ACTIVE: Call = { ...RINGING, phase: "active" };
  const of = (call: Call | null, seat: string, change: Partial<View> = {}) =>
    standing(view({ ...change, call }), seat);
  const EVA: Person = {
    seat: "observer",
    role: "observer",
    name: "Eva",
    guest: false,
    removed: false,
    invitedBy: "client",
  };
  const people = [...view().people, EVA];

  it("rings out for the caller and in for the others", () => {
    expect(of(RINGING, "client")).toBe("outgoing");
    expect(of(RINGING, "freelancer")).toBe("incoming");
  });

  it("rings neither for who declined nor for who only watches", () => {
    expect(of({ ...RINGING, declined: ["freelancer"] }, "freelancer")).toBe("none");
    expect(of(RINGING, "observer", { people })).toBe("none");
  });

  it("is nothing to anybody once it ended, or before there was one", () => {
    expect(of({ ...RINGING, phase: "ended" }, "client")).toBe("none");
    expect(of(null, "client")).toBe("none");
    expect(standing(null, "client")).toBe("none");
  });

  it("is active for those who are in it, and may be joined by the others", () => {
    expect(of(ACTIVE, "client")).toBe("active");
    expect(of(ACTIVE, "freelancer")).toBe("joinable");
    expect(of(ACTIVE, "observer", { people })).toBe("joinable");
  });

  it("is closed to whoever was taken out of it, or has to knock", () => {
    expect(of({ ...ACTIVE, ejected: ["freelancer"] }, "freelancer")).toBe("none");
    expect(of(ACTIVE, "freelancer", { knock: true })).toBe("none");
    expect(of({ ...ACTIVE, admitted: ["freelancer"] }, "freelancer", { knock: true })).toBe(
      "joinable",
    );
  });

  it("is only watched by some", () => {
    expect(watches(view({ people }), "observer")).toBe(true);
    expect(watches(view({ people }), "client")).toBe(false);
  });
});

describe("what can be sent", () => {
  it("is nothing from a device in trouble", () => {
    const deaf = reduceCall(STATE, {
      type: "source",
      which: "microphone",
      source: { kind: "trouble", trouble: "denied" },
    });
    expect(possible(deaf, "video")).toEqual({ microphone: false, camera: true });
  });

  it("is no picture in a voice call", () => {
    expect(possible(STATE, "audio")).toEqual({ microphone: true, camera: false });
  });
});

describe("the state of a call", () => {
  it("forgets the call but not the chosen devices when it is over", () => {
    const chosen = reduceCall(STATE, { type: "chosen", chosen: { camera: "front" } });
    const connected = reduceCall(chosen, { type: "line", line: { kind: "connected" } });
    const over = reduceCall(connected, { type: "over" });
    expect(over.line.kind).toBe("idle");
    expect(over.chosen.camera).toBe("front");
  });

  it("stays itself when health has not changed, so that nothing is drawn anew", () => {
    expect(reduceCall(STATE, { type: "health", health: { ...STATE.health } })).toBe(STATE);
  });

  it("takes what is not known by name for the other person's, if there is but one", () => {
    const of = (...seats: readonly string[]): Call => ({
      ...RINGING,
      people: RINGING.people.flatMap((person) => seats.map((seat) => ({ ...person, seat }))),
    });
    const media = { "vacant-0": "stream" };
    expect(ofSeat(media, of("client", "freelancer"), "freelancer")).toBe("stream");
    expect(ofSeat(media, of("client", "freelancer", "client-2"), "freelancer")).toBeUndefined();
    expect(ofSeat({}, of("client", "freelancer"), "freelancer")).toBeUndefined();
  });
});
