/** One message is in the order of Tab; arrow keys, Home and End move among them. */
import { type FocusEvent, type KeyboardEvent, useState } from "react";
import type { Message } from "../../protocol.gen";

export function useRoving(messages: readonly Message[]) {
  const [chosen, setChosen] = useState<number | null>(null);
  const active = chosen ?? messages.at(-1)?.seq ?? null;

  const keyDown = (event: KeyboardEvent<HTMLElement>): void => {
    // Only on the message itself: its buttons and menus have keys of their own.
    if (!(event.target instanceof HTMLElement) || event.target.dataset["seq"] === undefined) return;
    const at = messages.findIndex((message) => message.seq === active);
    const next = messages.at(target(event.key, at, messages.length));
    if (next === undefined || !KEYS.has(event.key)) return;
    event.preventDefault();
    setChosen(next.seq);
    document.getElementById(`m-${next.seq}`)?.focus();
  };
  const focused = (event: FocusEvent<HTMLElement>): void => {
    const seq = event.target.closest<HTMLElement>("[data-seq]")?.dataset["seq"];
    if (seq !== undefined) setChosen(Number(seq));
  };
  return { active, keyDown, focused };
}

const KEYS = new Set(["ArrowUp", "ArrowDown", "Home", "End"]);

function target(key: string, at: number, count: number): number {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = key === "ArrowUp" ? -1 : 1;
  return Math.min(Math.max(at + step, 0), count - 1);
}
