import { describe, expect, it } from "vitest";
import { troubleOf } from "./call-screen";

describe("why there is no screen", () => {
  it.each([
    ["NotAllowedError", "Permission denied", "cancelled"],
    ["NotAllowedError", "Permission denied by system", "forbidden"],
    ["AbortError", "", "cancelled"],
    ["NotFoundError", "", "missing"],
    ["NotReadableError", "Could not start audio source", "broken"],
    ["InvalidStateError", "", "broken"],
  ] as const)("is told apart: %s (%s) is %s", (name, message, trouble) => {
    expect(troubleOf({ name, message })).toBe(trouble);
  });
});
