/**
 * Hears that somebody else switched off what one sends. The record says so once, as an event; what
 * was before this page came is a part of what it begins with. Counterpart: `call.ts`.
 */
import type { Muted } from "./call-state";
import type { View } from "./protocol.gen";

export class Mutes {
  readonly #seat: string;
  readonly #muted: (muted: Muted) => void;
  /** The shared seq up to which the thread was looked through; null before the first look. */
  #seen: number | null = null;

  constructor(seat: string, muted: (muted: Muted) => void) {
    this.#seat = seat;
    this.#muted = muted;
  }

  follow({ thread }: View): void {
    const seen = this.#seen;
    this.#seen = thread.at(-1)?.seq ?? 0;
    if (seen === null || this.#seen <= seen) return;
    for (const item of thread.slice(thread.findLastIndex(({ seq }) => seq <= seen) + 1)) {
      if (item.kind === "message" || item.event.type !== "call:muted") continue;
      const { seat, kind, by } = item.event;
      if (seat === this.#seat) this.#muted({ kind, by });
    }
  }
}
