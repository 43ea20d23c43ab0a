/**
 * Single-letter keys of the desk: never while something is written or a dialog is open, and they can
 * be switched off (WCAG 2.1.4).
 */
import { useLocalStorage } from "@mantine/hooks";
import { useEffect, useRef } from "react";

export function useCaseKeys(keys: { readonly [key: string]: () => void }) {
  const [enabled, setEnabled] = useLocalStorage({
    key: "parley:desk-keys",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!enabled) return;
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
      const act = latest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [enabled]);
  return { enabled, setEnabled };
}

/** Whether the key belongs to whoever has the focus. */
function isTaken({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest("[role=dialog]") !== null) return true;
  // Leaving is meant also while one writes.
  if (key === "Escape") return false;
  return target.closest("input, textarea, select, [contenteditable]") !== null;
}
