/**
 * What lies above the page, in the order in which it was opened: Escape closes the topmost alone.
 *
 * Counterpart: `views/Dialog.tsx`.
 */

/** What Escape closes by itself: menus, lists, and what hangs on a button. */
const HANGING = "[role=menu], [role=listbox], [role=dialog]:not([aria-modal])";
/** Mantine's own word for the same, also at a field whose list is open. */
const HEARS = "[data-mantine-stop-propagation=true]";

export class Layers {
  readonly #open: (() => void)[] = [];

  /** `close` is asked for by Escape; the layer is gone when the function that this gives is called. */
  readonly add = (close: () => void): (() => void) => {
    // Before anything on the page hears the key.
    if (this.#open.push(close) === 1) addEventListener("keydown", this.#heard, { capture: true });
    return () => {
      this.#open.splice(this.#open.indexOf(close), 1);
      if (this.#open.length === 0) removeEventListener("keydown", this.#heard, { capture: true });
    };
  };

  readonly #heard = ({ key, isComposing, target }: KeyboardEvent): void => {
    if (key !== "Escape" || isComposing) return;
    if (target instanceof Element && target.closest(`${HANGING}, ${HEARS}`) !== null) return;
    this.#open.at(-1)?.();
  };
}
