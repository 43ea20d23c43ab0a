import { afterEach, describe, expect, it, vi } from "vitest";
import { expectedOf } from "./call-others";
import { type CallState, initialCall } from "./call-state";
import { withMedia } from "./test/media";
import { partOf } from "./test/record";

const BEN = partOf("freelancer");
const STATE: CallState = initialCall({ microphone: "", camera: "", speaker: "", quiet: false });

/** The state of a page that sends sound. */
async function sending(): Promise<CallState> {
  withMedia();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const [track] = stream.getAudioTracks();
  if (track === undefined) throw new Error("no track was given");
  return { ...STATE, microphone: { kind: "on", track, label: "" } };
}

/** Whether Ben's browser counts as connected by its own word. */
function alive(state: CallState, sound: "playing" | "blocked" | "nothing" | null): boolean {
  const heardBy = sound === null ? {} : { freelancer: { sound, height: 0, lost: 0 } };
  return expectedOf([BEN], { ...state, heardBy }).alive;
}

afterEach(() => vi.unstubAllGlobals());

describe("whose sound is expected at once", () => {
  it("is who says what they hear", async () => {
    const state = await sending();
    expect(alive(state, "playing")).toBe(true);
    expect(alive(state, "blocked")).toBe(true);
  });

  it("is nobody whose browser says nothing, or gets nothing either", async () => {
    const state = await sending();
    expect(alive(state, null)).toBe(false);
    expect(alive(state, "nothing")).toBe(false);
  });

  it("is also who gets nothing of a microphone that is off or not there", async () => {
    expect(alive(STATE, "nothing")).toBe(true);
    const intent = { microphone: false, camera: false };
    expect(alive({ ...(await sending()), intent }, "nothing")).toBe(true);
  });
});
