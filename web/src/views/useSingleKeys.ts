/**
 * Keys of a single character: never while something is written or a dialog is open, and they can be
 * switched off (WCAG 2.1.4). `KeysDialog.tsx` tells of them.
 */
import { useLocalStorage, useWindowEvent } from "@mantine/hooks";

/** Whose keys they are. */
export type KeySet = "desk" | "stage";

/** Whether the person wants these keys, and how to say so; remembered. */
export function useWanted(whose: KeySet) {
  const [enabled, setEnabled] = useLocalStorage({
    key: `parley:${whose}-keys`,
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  return { enabled, setEnabled };
}

export function useSingleKeys(
  whose: KeySet,
  keys: { readonly [key: string]: (() => void) | undefined },
): void {
  const { enabled } = useWanted(whose);
  useWindowEvent("keydown", (event) => {
    if (!enabled || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

/** Whether the key belongs to whoever has the focus. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("[role=dialog]") !== null) return true;
  // Leaving is meant also while one writes.
  if (key === "Escape") return false;
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}
