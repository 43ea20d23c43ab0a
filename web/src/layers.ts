/**
 * What lies above the page, in the order in which it was opened: Escape closes the topmost alone.
 *
 * Counterpart: `views/Dialog.tsx`.
 */

/** What Escape closes by itself: menus, lists, and what hangs on a button. */
const HANGING = "[role=menu], [role=listbox], [role=dialog]:not([aria-modal])";
/** Mantine's own word for the same, also at a field whose list is open. */
const HEARS = "[data-mantine-stop-propagation=true]";

type Layer = { readonly close: () => void; readonly from: Element | null };

export class Layers {
  readonly #open: Layer[] = [];

  /**
   * `close` is asked for by Escape; the layer is gone when the function that this gives is called.
   * `from`: the menu that it was opened from, which may have the focus for a moment yet.
   */
  readonly add = (close: () => void, from: Element | null): (() => void) => {
    const layer = { close, from };
    // Before anything on the page hears the key.
    if (this.#open.push(layer) === 1) addEventListener("keydown", this.#heard, { capture: true });
    return () => {
      this.#open.splice(this.#open.indexOf(layer), 1);
      if (this.#open.length === 0) removeEventListener("keydown", this.#heard, { capture: true });
    };
  };

  readonly #heard = ({ key, isComposing, target }: KeyboardEvent): void => {
    if (key !== "Escape" || isComposing) return;
    const top = this.#open.at(-1);
    const hanging = target instanceof Element ? target.closest(`${HANGING}, ${HEARS}`) : null;
    if (hanging === null || top?.from?.contains(hanging)) top?.close();
  };
}
