import { expect, it } from "vitest";
import { timeBoxOf } from "./timebox";

const MINUTE = 60_000;
const MET = { minutes: 30, metAt: 1_000_000, phase: "open" } as const;

function after(minutes: number) {
  return timeBoxOf(MET, MET.metAt + minutes * MINUTE);
}

it("counts down from when the two sides first met", () => {
  expect(after(0)).toEqual({ left: 30, state: "well" });
  expect(after(10.5)).toEqual({ left: 20, state: "well" });
});

it("says when it is nearly over, and when it is", () => {
  expect(after(25)).toEqual({ left: 5, state: "soon" });
  expect(after(29.9)).toEqual({ left: 1, state: "soon" });
  expect(after(30)?.state).toBe("over");
  expect(after(42)).toEqual({ left: -12, state: "over" });
});

it("is nothing before they met, without a plan, once it is closed, and long after", () => {
  expect(timeBoxOf({ ...MET, metAt: null }, MET.metAt)).toBeNull();
  expect(timeBoxOf({ ...MET, minutes: 0 }, MET.metAt)).toBeNull();
  expect(timeBoxOf({ ...MET, phase: "ended" }, MET.metAt)).toBeNull();
  expect(after(200)).toBeNull();
});
