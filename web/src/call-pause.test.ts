import { describe, expect, it } from "vitest";
import { Pauses } from "./call-pause";
import { type CallState, initialCall, reduceCall } from "./call-state";
import { Store } from "./store";

const GOOD = { roundTrip: 40, lost: 0, room: 1_000_000 };

/** What is held back of a call with these wishes. */
function pauses(meant = true) {
  const chosen = { microphone: "", camera: "", speaker: "", quiet: false };
  const store = new Store(initialCall(chosen), reduceCall);
  const wishes = { meant, spared: false, declined: false };
  const made = new Pauses(
    store,
    () => wishes,
    () => undefined,
  );
  let at = 0;
  const look = (seconds: number, uplink: Partial<typeof GOOD>): void => {
    for (let second = 0; second < seconds; second += 1) {
      at += 1_000;
      made.look({ ...GOOD, ...uplink, at });
    }
  };
  const heard = (seat: string, heardBy: CallState["heardBy"][string]): void =>
    store.dispatch({ type: "heard", seat, heard: heardBy });
  return { made, wishes, look, heard, pause: () => store.state.pause };
}

describe("what is held back", () => {
  it("is nothing of a picture that begins after a time in which none tried for room", () => {
    const { made, wishes, look, pause } = pauses(false);
    look(60, { room: 60_000 });
    wishes.meant = true;
    made.settle();
    expect(pause()).toBeNull();
    look(4, { room: 60_000 });
    expect(pause()).toEqual({ held: "picture", why: "own" });
  });

  it("is decided by those who get sound, not by one who gets none and so loses none", () => {
    const { look, heard, pause } = pauses();
    heard("freelancer", { sound: "playing", height: 180, lost: 30 });
    heard("client-2", { sound: "nothing", height: 0, lost: 0 });
    look(4, {});
    expect(pause()).toEqual({ held: "picture", why: "theirs" });
  });

  it("is nothing for one listener in a bad place", () => {
    const { look, heard, pause } = pauses();
    heard("freelancer", { sound: "playing", height: 180, lost: 30 });
    heard("client-2", { sound: "playing", height: 180, lost: 0 });
    look(10, {});
    expect(pause()).toBeNull();
  });
});
