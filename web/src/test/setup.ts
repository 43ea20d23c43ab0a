/** What jsdom lacks and Mantine asks for; and a clean page after each test. */
import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// What does not come fails; what comes late, on a busy machine, does not.
const PATIENCE_MS = 30_000;
const { waitFor } = vi;
configure({ asyncUtilTimeout: PATIENCE_MS });
vi.waitFor = (callback, options = PATIENCE_MS) => waitFor(callback, options);
afterEach(cleanup);

if (typeof window !== "undefined") {
  window.matchMedia ??= (query: string) => ({
    matches: false,
    media: query,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    dispatchEvent: () => false,
  });
  window.ResizeObserver ??= class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  if (!("fonts" in document)) Object.assign(document, { fonts: new EventTarget() });
  if (!("scrollIntoView" in Element.prototype)) {
    Object.assign(Element.prototype, { scrollIntoView: () => undefined });
  }
}
