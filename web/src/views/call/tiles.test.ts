import { describe, expect, it } from "vitest";
import { callOf, partOf } from "../../test/record";
import { drawnHeight, largeOf, tilesOf } from "./tiles";

const FOUR = [partOf("client"), partOf("freelancer"), partOf("client-2"), partOf("eva")];
const ids = (tiles: ReturnType<typeof tilesOf>) => tiles.map(({ id }) => id);

describe("the tiles", () => {
  it("are everybody else who is seen, then the screens", () => {
    const sharing = callOf([...FOUR, partOf("client-3", { screen: "live" })]);
    expect(ids(tilesOf(sharing, "client", ["eva"]))).toEqual([
      "freelancer",
      "client-2",
      "client-3",
      "client-3.1",
    ]);
  });

  it("are of no screen whose owner is gone", () => {
    const gone = callOf([...FOUR, partOf("client-3", { screen: "live", connected: false })]);
    expect(ids(tilesOf(gone, "client", []))).not.toContain("client-3.1");
  });
});

describe("the large one", () => {
  const grid = { view: "grid", pinned: null, speaker: "client-2", single: false } as const;
  const tiles = tilesOf(callOf(FOUR), "client", []);
  const shared = tilesOf(callOf([...FOUR, partOf("client-3", { screen: "frozen" })]), "client", []);

  it("is nobody in a grid", () => {
    expect(largeOf(tiles, grid)).toBeNull();
  });

  it("is whoever speaks, and the first one before anybody has", () => {
    expect(largeOf(tiles, { ...grid, view: "speaker" })).toBe(1);
    expect(largeOf(tiles, { ...grid, view: "speaker", speaker: null })).toBe(0);
  });

  it("is a shared screen in both views", () => {
    expect(largeOf(shared, grid)).toBe(4);
    expect(largeOf(shared, { ...grid, view: "speaker" })).toBe(4);
  });

  it("is what was pinned before all else, for as long as it is there", () => {
    expect(largeOf(shared, { ...grid, pinned: "eva" })).toBe(2);
    expect(largeOf(tiles, { ...grid, pinned: "client-3.1" })).toBeNull();
  });

  it("is somebody where there is room for one", () => {
    expect(largeOf(tiles, { ...grid, single: true })).toBe(1);
    expect(largeOf([], { ...grid, single: true })).toBeNull();
  });
});

it("knows how high a picture is drawn: cut where it fills, smaller where all of it is shown", () => {
  const tall = { left: 0, top: 0, width: 160, height: 200 };
  expect(drawnHeight(tall, true)).toBe(200);
  expect(drawnHeight(tall, false)).toBe(90);
});
