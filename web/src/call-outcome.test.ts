import { describe, expect, it } from "vitest";
import { Outcomes } from "./call-outcome";
import { initialCall, reduceCall } from "./call-state";
import { type Connection, refusal } from "./connection";
import type { Done, Refused, View } from "./protocol.gen";
import { type Change, type State, initial, reduce } from "./state";
import { Store } from "./store";
import { callOf, snapshot, view } from "./test/record";

const CHOSEN = { microphone: "", camera: "", speaker: "", quiet: false };
const RINGING = callOf([], { phase: "ringing", activeAt: null });

function outcomes() {
  const room = new Store<State, Change>(initial({ interview: "i", seat: "client" }), reduce);
  const call = new Store(initialCall(CHOSEN), reduceCall);
  const ids: (string | undefined)[] = [];
  const waiting: ((outcome: Done | Refused) => void)[] = [];
  const command: Connection["command"] = (_name, _payload, id) => {
    ids.push(id);
    return new Promise((tell) => waiting.push(tell));
  };
  const made = new Outcomes({ store: room, connection: { command } }, call);
  const record = (shown: View): void => {
    room.dispatch(snapshot({ view: shown, cursor: {} }));
    made.follow();
  };
  record(view({ call: null }));
  /** Asks to be connected to the others, and what becomes of it is told later. */
  const ring = () => {
    const given = made.give("call:ring", { media: "video" }).then((one) => made.take(one));
    return async (outcome: Done | Refused): Promise<void> => {
      waiting.shift()?.(outcome);
      await given;
    };
  };
  return { made, record, ring, ids, said: () => call.state.said };
}

const UNKNOWN = refusal("no_answer", "We do not know.");

describe("what became of what was asked for", () => {
  it("is unknown without an answer, until the record shows it", async () => {
    const { made, record, ring, said } = outcomes();
    await ring()(UNKNOWN);
    record(view({ call: null }));
    expect(said()).toBe("We do not know.");
    expect(made.unsure).toBe(true);
    record(view({ call: RINGING }));
    expect(said()).toBeNull();
    expect(made.unsure).toBe(false);
  });

  it("is known where the record shows it before the answer is missed", async () => {
    const { made, record, ring, said } = outcomes();
    const answer = ring();
    record(view({ call: RINGING }));
    await answer(UNKNOWN);
    expect(said()).toBeNull();
    expect(made.unsure).toBe(false);
  });

  it.each(["not_connected", "not_allowed"])("stays said where it is known: %s", async (code) => {
    const { made, record, ring, said } = outcomes();
    await ring()(refusal(code, "Not done."));
    record(view({ call: RINGING }));
    expect(said()).toBe("Not done.");
    expect(made.unsure).toBe(false);
  });

  it("is one and the same however often it is tried, until the record shows it", async () => {
    const { made, record, ring, ids } = outcomes();
    await ring()(UNKNOWN);
    await ring()(refusal("not_connected", "You are not connected."));
    expect(made.unsure).toBe(true);
    await ring()(UNKNOWN);
    record(view({ call: RINGING }));
    record(view({ call: null }));
    await ring()(UNKNOWN);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
    expect(ids[3]).not.toBe(ids[0]);
  });
});
