import { expect, it } from "vitest";
import { partOf } from "../../test/record";
import { changed, untold } from "./useAnnounced";

const OWN = partOf("client");

it("says that one is connected, though one was before the stage was drawn", () => {
  const [before = OWN] = untold([OWN], "client", { kind: "connected" });

  expect(changed(before, OWN, null)).toBe("You are connected.");
});

it("does not say so to who has just left, whom the record still has as connected", () => {
  const [before = OWN] = untold([OWN], "client", { kind: "elsewhere" });

  expect(changed(before, OWN, null)).toBeNull();
});
