import { describe, expect, it } from "vitest";
import { Outcomes } from "./call-outcome";
import { initialCall, reduceCall } from "./call-state";
import { refusal } from "./connection";
import type { View } from "./protocol.gen";
import { type Change, type State, initial, reduce } from "./state";
import { Store } from "./store";
import { callOf, snapshot, view } from "./test/record";

const CHOSEN = { microphone: "", camera: "", speaker: "", quiet: false };
const RINGING = callOf([], { phase: "ringing", activeAt: null });

function outcomes() {
  const room = new Store<State, Change>(initial({ interview: "i", seat: "client" }), reduce);
  const call = new Store(initialCall(CHOSEN), reduceCall);
  const made = new Outcomes(room, call);
  const record = (shown: View): void => {
    room.dispatch(snapshot({ view: shown, cursor: {} }));
    made.follow();
  };
  record(view({ call: null }));
  return { made, record, said: () => call.state.said };
}

describe("what became of what was asked for", () => {
  it("is unknown without an answer, until the record shows it", () => {
    const { made, record, said } = outcomes();
    made.take(refusal("no_answer", "We do not know."));
    record(view({ call: null }));
    expect(said()).toBe("We do not know.");
    expect(made.unsure).toBe(true);
    record(view({ call: RINGING }));
    expect(said()).toBeNull();
    expect(made.unsure).toBe(false);
  });

  it.each(["not_connected", "not_allowed"])("stays said where it is known: %s", (code) => {
    const { made, record, said } = outcomes();
    made.take(refusal(code, "Not done."));
    record(view({ call: RINGING }));
    expect(said()).toBe("Not done.");
    expect(made.unsure).toBe(false);
  });
});
