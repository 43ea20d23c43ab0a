import { describe, expect, it } from "vitest";
import { initialCall, ofSeat, possible, reduceCall, standing } from "./call-state";
import type { Call } from "./protocol.gen";

const RINGING: Call = {
  call: 5,
  by: "client",
  media: "video",
  phase: "ringing",
  rangAt: 0,
  activeAt: null,
  people: [
    {
      seat: "client",
      connected: false,
      microphone: true,
      camera: true,
      screen: "off",
      pause: null,
    },
  ],
  declined: [],
  admitted: [],
  ejected: [],
};
const STATE = initialCall({ microphone: "", camera: "", speaker: "" });

describe("how a call concerns somebody", () => {
  it("rings out for the caller and in for the other side", () => {
    expect(standing(RINGING, "client")).toBe("outgoing");
    expect(standing(RINGING, "freelancer")).toBe("incoming");
  });

  it("is nothing to anybody once it ended, or before there was one", () => {
    expect(standing({ ...RINGING, phase: "ended" }, "client")).toBe("none");
    expect(standing(null, "client")).toBe("none");
  });

  it("is active only for those who are in it", () => {
    const active: Call = { ...RINGING, phase: "active" };
    expect(standing(active, "client")).toBe("active");
    expect(standing(active, "freelancer")).toBe("none");
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
