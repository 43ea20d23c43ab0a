import { describe, expect, it } from "vitest";
import { type Listening, SILENCE, listen } from "./call-speaker";

const LOUD = 0.2;
const QUIET = 0.001;
const EVERY_MS = 200;

type Part = { readonly ms: number; readonly loud: readonly string[] };

/** Who is shown after each part of a talk among Ada, Ben and Cy. */
function shown(...parts: readonly Part[]): readonly (string | null)[] {
  let state: Listening = SILENCE;
  let now = 0;
  return parts.map(({ ms, loud }) => {
    for (const end = now + ms; now < end; now += EVERY_MS) {
      const level = (seat: string) => (loud.includes(seat) ? LOUD : QUIET);
      state = listen(state, { ada: level("ada"), ben: level("ben"), cy: level("cy") }, now);
    }
    return state.speaker;
  });
}

describe("who is shown large", () => {
  it("is nobody while nobody has spoken", () => {
    expect(shown({ ms: 2000, loud: [] })).toEqual([null]);
  });

  it("is whoever speaks, and stays so in silence", () => {
    expect(shown({ ms: 1000, loud: ["ada"] }, { ms: 10_000, loud: [] })).toEqual(["ada", "ada"]);
  });

  it("changes when another speaks after a pause", () => {
    const talk = shown(
      { ms: 2000, loud: ["ada"] },
      { ms: 1600, loud: [] },
      { ms: 1000, loud: ["ben"] },
    );
    expect(talk.at(-1)).toBe("ben");
  });

  it("does not change for a cough", () => {
    const talk = shown(
      { ms: 2000, loud: ["ada"] },
      { ms: 400, loud: ["ben"] },
      { ms: 2000, loud: [] },
    );
    expect(talk).toEqual(["ada", "ada", "ada"]);
  });

  it("does not change while the speaker breathes", () => {
    const talk = shown(
      { ms: 2000, loud: ["ada"] },
      { ms: 800, loud: ["ben"] },
      { ms: 2000, loud: ["ada"] },
    );
    expect(talk).toEqual(["ada", "ada", "ada"]);
  });

  it("changes to whoever goes on speaking into another's words", () => {
    const both = ["ada", "ben"];
    const talk = shown(
      { ms: 2000, loud: ["ada"] },
      { ms: 2000, loud: both },
      { ms: 2000, loud: both },
      { ms: 9000, loud: both },
    );
    expect(talk).toEqual(["ada", "ada", "ben", "ben"]);
  });

  it("is nobody who has left", () => {
    let before = SILENCE;
    for (const now of [0, 300, 600]) before = listen(before, { ada: LOUD }, now);
    expect(before.speaker).toBe("ada");
    expect(listen(before, { ben: QUIET }, 1000).speaker).toBeNull();
  });
});
