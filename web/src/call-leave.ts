/**
 * Hanging up: done at once in this page, and told to the server until it has kept it, also over a
 * reload; else the others would wait for somebody who is gone. Counterpart: `call.ts`.
 */
import type { Outcomes } from "./call-outcome";
import type { CallChange, CallState } from "./call-state";
import type { CallWindow } from "./call-window";
import { UNKNOWN_OUTCOME } from "./connection";
import type { Store } from "./store";

/** Before the server is told again what it could not keep. */
const PATIENCE_MS = 2_000;

export class Leaving {
  readonly #store: Store<CallState, CallChange>;
  readonly #window: CallWindow;
  readonly #outcomes: Outcomes;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(store: Store<CallState, CallChange>, window: CallWindow, outcomes: Outcomes) {
    this.#store = store;
    this.#window = window;
    this.#outcomes = outcomes;
  }

  /** The person leaves this call. */
  async begin(call: number | undefined): Promise<void> {
    if (call !== undefined) this.#window.quit(call);
    await this.tell();
  }

  /** Tells the server that the person left. */
  async tell(): Promise<void> {
    clearTimeout(this.#again);
    this.#set("telling");
    const outcome = await this.#outcomes.give("call:leave", {});
    if (this.#store.state.leaving === null) return; // they came back, or the call is over
    if (!outcome.ok && UNKNOWN_OUTCOME.has(outcome.code)) {
      this.#set("owed");
      const pause = Math.max(outcome.retryAfterMs, PATIENCE_MS);
      this.#again = setTimeout(() => void this.tell(), pause);
    } else {
      this.cancel();
      this.#outcomes.take(outcome);
    }
  }

  /** Somebody is in this call by the record, who may have left it before this page was loaded. */
  follow(call: number): void {
    if (this.#store.state.leaving === null && this.#window.hasQuit(call)) void this.tell();
  }

  /** The person came back, or the call is over for them. */
  cancel(): void {
    clearTimeout(this.#again);
    this.#window.quit(null);
    this.#set(null);
  }

  /** The page closes. */
  close(): void {
    clearTimeout(this.#again);
  }

  #set(leaving: CallState["leaving"]): void {
    this.#store.dispatch({ type: "leaving", leaving });
  }
}
