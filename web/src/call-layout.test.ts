import { describe, expect, it } from "vitest";
import { type Box, type Place, arrange } from "./call-layout";

const WIDE: Box = { width: 1020, height: 760 };
const PHONE: Box = { width: 390, height: 640 };

const within = (place: Place, box: Box): boolean =>
  place.left >= 0 &&
  place.top >= 0 &&
  place.left + place.width <= box.width &&
  place.top + place.height <= box.height;

const apart = (one: Place, other: Place): boolean =>
  one.left + one.width <= other.left ||
  other.left + other.width <= one.left ||
  one.top + one.height <= other.top ||
  other.top + other.height <= one.top;

describe.each([
  ["wide", WIDE],
  ["phone", PHONE],
])("%s", (_, box) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9])("puts %i tiles beside each other in both views", (count) => {
    for (const large of [null, 0, count - 1]) {
      const places = arrange(count, box, large);
      expect(places).toHaveLength(count);
      for (const [index, place] of places.entries()) {
        expect(within(place, box)).toBe(true);
        expect(place.width).toBeGreaterThan(60);
        expect(place.height).toBeGreaterThan(40);
        for (const other of places.slice(index + 1)) expect(apart(place, other)).toBe(true);
      }
    }
  });

  it.each([2, 3, 4, 5, 6, 7, 8])("gives all of a grid of %i the same size", (count) => {
    const [first, ...others] = arrange(count, box, null);
    for (const { width, height } of others) {
      expect({ width, height }).toEqual({ width: first?.width, height: first?.height });
    }
  });

  it("keeps the large one where it is, whoever it is", () => {
    const mains = [0, 1, 2, 3].map((large) => arrange(4, box, large)[large]);
    expect(new Set(mains.map((main) => JSON.stringify(main))).size).toBe(1);
    expect(mains[0]?.height).toBeGreaterThan(box.height / 2);
  });
});

it("fills the stage with one alone", () => {
  expect(arrange(1, WIDE, null)).toEqual([{ left: 0, top: 0, ...WIDE }]);
  expect(arrange(0, WIDE, null)).toEqual([]);
});

it("stacks two on a phone and lays three or four out two by two where it is wide", () => {
  const [upper, lower] = arrange(2, PHONE, null);
  expect(upper?.left).toBe(lower?.left);
  const tops = arrange(4, WIDE, null).map(({ top }) => top);
  expect(new Set(tops).size).toBe(2);
});

it("centres a last row that is not full", () => {
  const places = arrange(3, WIDE, null);
  const last = places[2];
  expect((last?.left ?? 0) + (last?.width ?? 0) / 2).toBeCloseTo(WIDE.width / 2, -1);
});
