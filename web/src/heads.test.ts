import { beforeEach, describe, expect, it } from "vitest";
import { cutLanes, keepHeads, keptHeads, withHead } from "./heads";

const at = { interview: "abcdefghijklmnop", seat: "client" } as const;
const head = (seq: number, lane = "shared") => ({
  lane,
  seq,
  hash: "00",
  at: 1,
  key: "k",
  signature: "s",
});

beforeEach(() => localStorage.clear());

describe("signed heads", () => {
  it("keep the newest of each lane", () => {
    const heads = [head(3), head(5), head(4), head(1, "person:client")].reduce(withHead, {});

    expect(heads).toEqual({ shared: head(5), "person:client": head(1, "person:client") });
  });

  it("are there at the next visit, whatever else lies in the storage", () => {
    keepHeads(at, { shared: head(7) });
    expect(keptHeads(at)).toEqual({ shared: head(7) });

    localStorage.setItem("parley:heads:abcdefghijklmnop:client", '[{"seq": "x"}, null]');
    expect(keptHeads(at)).toEqual({});
  });

  it("are done without where the storage is full", () => {
    localStorage.setItem("another", "x".repeat(4_990_000));
    const long = { ...head(7), signature: "s".repeat(50_000) };

    keepHeads(at, { shared: long });

    expect(keptHeads(at)).toEqual({});
  });

  it("tell when the server shows less than it once did", () => {
    expect(cutLanes({ shared: head(7) }, { shared: 7 })).toEqual([]);
    expect(cutLanes({ shared: head(7) }, { shared: 6 })).toEqual(["shared"]);
  });
});
