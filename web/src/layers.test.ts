import { afterEach, expect, it, vi } from "vitest";
import { Layers } from "./layers";

afterEach(() => document.body.replaceChildren());

/** An open menu with one item, which has the focus. */
function menu(): { readonly within: Element; readonly escape: () => void } {
  const within = document.createElement("div");
  within.setAttribute("role", "menu");
  const item = document.createElement("button");
  within.append(item);
  document.body.append(within);
  const escape = () =>
    item.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  return { within, escape };
}

it("leaves Escape to a menu that was opened above the topmost layer", () => {
  const layers = new Layers();
  const close = vi.fn<() => void>();
  const gone = layers.add(close, null);
  menu().escape();
  expect(close).not.toHaveBeenCalled();
  gone();
});

it("closes a layer also while the menu that it was opened from goes, and has the focus yet", () => {
  const layers = new Layers();
  const { within, escape } = menu();
  const below = vi.fn<() => void>();
  const close = vi.fn<() => void>();
  const gone = [layers.add(below, null), layers.add(close, within)];
  escape();
  expect(close).toHaveBeenCalledOnce();
  expect(below).not.toHaveBeenCalled();
  for (const go of gone) go();
});
