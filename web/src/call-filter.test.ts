import { describe, expect, it } from "vitest";
import { type Pace, paceAt, starves } from "./call-filter";

/** Looks 2 s apart, of which so much sound came out each. */
function after(rendered: readonly number[]): Pace {
  const start: Pace = { at: 0, rendered: 0, late: 0 };
  return rendered.reduce(
    (pace, seconds) => paceAt(pace, pace.at + 2000, pace.rendered + seconds),
    start,
  );
}

describe("a filter for noise", () => {
  it("starves where much of the sound is missing for 6 s", () => {
    expect(starves(after([2, 1.5, 1.5]))).toBe(false);
    expect(starves(after([2, 1.5, 1.5, 1.5]))).toBe(true);
    expect(starves(after([0, 0, 0]))).toBe(true);
  });

  it("does not for a gap of a moment, or where a page looks late", () => {
    expect(starves(after([1, 1, 1.9, 1, 1, 2]))).toBe(false);
    expect(paceAt({ at: 0, rendered: 0, late: 2 }, 60_000, 59.9).late).toBe(0);
  });
});
