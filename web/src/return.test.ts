import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { onReturn } from "./return";

let returned: ReturnType<typeof vi.fn<() => void>>;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  returned = vi.fn<() => void>();
  stop = onReturn(returned);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

it("does nothing while the page stays", () => {
  vi.advanceTimersByTime(60_000);
  expect(returned).not.toHaveBeenCalled();
});

it("tells once when the machine has slept", () => {
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(10_000);
  expect(returned).toHaveBeenCalledOnce();
});

it("tells when the page comes to the front, and not when it goes", () => {
  const visible = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(returned).not.toHaveBeenCalled();
  visible.mockReturnValue("visible");
  document.dispatchEvent(new Event("visibilitychange"));
  expect(returned).toHaveBeenCalledOnce();
});

it("tells when the browser takes the page out of its cache, not when it was loaded", () => {
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
  expect(returned).not.toHaveBeenCalled();
  dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  expect(returned).toHaveBeenCalledOnce();
});

it("tells nothing any more after it was stopped", () => {
  stop();
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(10_000);
  document.dispatchEvent(new Event("visibilitychange"));
  expect(returned).not.toHaveBeenCalled();
});
