import { describe, expect, it } from "vitest";
import { Attempts } from "./attempts";
import { refusal } from "./connection";
import type { Done, Refused } from "./protocol.gen";

const DONE: Done = { ok: true, lane: "shared", seq: 1 };
const UNKNOWN = refusal("no_answer", "We do not know.");

/** `outcomes`: what becomes of each command in turn; the ids that they were sent with. */
function attempts(outcomes: readonly (Done | Refused)[]) {
  const ids: (string | undefined)[] = [];
  const made = new Attempts({
    command: async (_name, _payload, id) => {
      ids.push(id);
      return outcomes[ids.length - 1] ?? DONE;
    },
  });
  return { made, ids };
}

describe("an act", () => {
  it.each(["no_answer", "store_down", "not_connected"])(
    "keeps its id where its outcome is not known: %s",
    async (code) => {
      const { made, ids } = attempts([refusal(code, "We do not know.")]);
      await made.give("call:ring", { media: "video" });
      await made.give("call:ring", { media: "video" });
      expect(ids[1]).toBe(ids[0]);
    },
  );

  it.each([["done", DONE] as const, ["refused", refusal("call_busy", "No.")] as const])(
    "is over once it is %s",
    async (_, outcome) => {
      const { made, ids } = attempts([outcome]);
      await made.give("call:ring", { media: "video" });
      await made.give("call:ring", { media: "video" });
      expect(ids[1]).not.toBe(ids[0]);
    },
  );

  it("is another one where something else is asked for", async () => {
    const { made, ids } = attempts([UNKNOWN, DONE]);
    await made.give("call:admit", { seat: "freelancer" });
    await made.give("call:admit", { seat: "client-2" });
    await made.give("call:admit", { seat: "freelancer" });
    expect(ids[1]).not.toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
  });

  it("is given once by a double click, and both read what became of it", async () => {
    const { made, ids } = attempts([UNKNOWN]);
    const twice = [made.give("call:accept", {}), made.give("call:accept", {})];
    expect(await Promise.all(twice)).toEqual([UNKNOWN, UNKNOWN]);
    expect(ids).toHaveLength(1);
  });

  it("is over when the record has shown what became of it, also before the answer is missed", async () => {
    const { made, ids } = attempts([UNKNOWN]);
    await made.give("call:ring", { media: "video" });
    made.forget();
    await made.give("call:ring", { media: "video" });
    expect(ids[1]).not.toBe(ids[0]);
  });
});
