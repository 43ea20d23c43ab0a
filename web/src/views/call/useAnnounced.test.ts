import { expect, it } from "vitest";
import { partOf } from "../../test/record";
import { changed, untold } from "./useAnnounced";

const OWN = partOf("client");

it("says that one is connected, though one was before the stage was drawn", () => {
  const [before = OWN] = untold([OWN], "client", { kind: "connected" });

  expect(changed(before, OWN, null)).toBe("You are connected.");
});

it.each(["microphone", "camera", "screen"] as const)(
  "leaves it to the record who turned somebody’s %s off",
  (kind) => {
    const before = partOf("freelancer", { screen: "live" });
    const off = kind === "screen" ? { screen: "off" as const } : { [kind]: false };
    const now = { ...before, ...off, muted: [kind] };

    expect(changed(before, now, "Ben")).toBeNull();
    expect(changed(before, now, null)).toBeNull();
    expect(changed({ ...before, muted: [kind] }, now, "Ben")).not.toBeNull();
  },
);

it("says so when somebody turns on again what another turned off", () => {
  const before = partOf("freelancer", { microphone: false, muted: ["microphone"] });

  expect(changed(before, partOf("freelancer"), "Ben")).toBe("Ben turned the microphone on.");
});

it("does not say so to who has just left, whom the record still has as connected", () => {
  const [before = OWN] = untold([OWN], "client", { kind: "elsewhere" });

  expect(changed(before, OWN, null)).toBeNull();
});
