import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fold } from "./fold";
import type { Entry, View } from "./protocol.gen";

type Vector = {
  readonly name: string;
  readonly snapshot: View;
  readonly entries: readonly Entry[];
  readonly expected: View;
};

// The same cases that hold the server's own fold; the file is written from the Python side.
const path = join(import.meta.dirname, "../../tests/vectors/fold.json");
const vectors: readonly Vector[] = JSON.parse(readFileSync(path, "utf8"));

describe("folding", () => {
  it("has cases to be held to", () => {
    expect(vectors.length).toBeGreaterThan(0);
  });

  it.each(vectors)(
    "gives the view that the server gives: $name",
    ({ snapshot, entries, expected }) => {
      const folded = entries.reduce(fold, snapshot);

      expect(folded).toEqual(expected);
    },
  );

  it.each(vectors)("leaves the view before untouched: $name", ({ snapshot, entries }) => {
    const before = structuredClone(snapshot);

    entries.reduce(fold, snapshot);

    expect(snapshot).toEqual(before);
  });
});
