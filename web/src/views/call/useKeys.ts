/** Shortcuts with Alt, which never collide with writing. Named by the key's place (`KeyM`). */
import { useWindowEvent } from "@mantine/hooks";

export function useKeys(keys: { readonly [code: string]: () => void }): void {
  useWindowEvent("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
    const act = keys[event.code];
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}
