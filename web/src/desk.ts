/**
 * The moderators' desk, open in this page: follows the queue, looks at own cases, gives commands.
 *
 * Counterparts: `desk-state.ts` (what changes), `connection.ts` (the socket).
 */
import { Attempts } from "./attempts";
import { Connection } from "./connection";
import {
  type CaseKey,
  type DeskChange,
  type DeskState,
  EMPTY_DESK,
  isMine,
  keyOf,
  neighbour,
  reduceDesk,
  selectedCase,
} from "./desk-state";
import type { Action, CaseSummary, Commands, Measure, Refused } from "./protocol.gen";
import { Store } from "./store";

type DeskCommand = "case:claim" | "case:release" | "case:note" | "case:decide" | "case:intervene";

export class Desk {
  readonly store = new Store<DeskState, DeskChange>(EMPTY_DESK, reduceDesk);
  readonly #connection = new Connection(() => ({ desk: true }));
  readonly #attempts = new Attempts(this.#connection);

  constructor() {
    const { store } = this;
    this.#connection.onLink((link) => store.dispatch({ type: "linked", link }));
    this.#connection.on("desk:queue", (queue) => {
      store.dispatch({ ...queue, ourTime: Date.now() });
      void this.#look();
    });
    this.#connection.on("desk:case", (change) => {
      store.dispatch(change);
      if (keyOf(change.summary) === store.state.selected) void this.#look();
    });
  }

  open(): void {
    this.#connection.open();
  }

  close(): void {
    this.#connection.close();
  }

  select(key: CaseKey | null): void {
    if (key === this.store.state.selected) return;
    this.store.dispatch({ type: "selected", key });
    void this.#look();
  }

  move(step: 1 | -1): void {
    this.select(neighbour(this.store.state, step));
  }

  claim(one: CaseSummary): Promise<Refused | null> {
    return this.#give("case:claim", placeOf(one));
  }

  release(one: CaseSummary): Promise<Refused | null> {
    return this.#give("case:release", placeOf(one));
  }

  note(one: CaseSummary, text: string): Promise<Refused | null> {
    return this.#give("case:note", { ...placeOf(one), text });
  }

  /** Acts on the accused's part in the call, before anything is decided. */
  intervene(one: CaseSummary, measure: Measure): Promise<Refused | null> {
    return this.#give("case:intervene", { ...placeOf(one), measure });
  }

  decide(one: CaseSummary, action: Action, explanation: string): Promise<Refused | null> {
    return this.#give("case:decide", { ...placeOf(one), action, explanation });
  }

  /** Reads the selected case, if one may. A refusal means that it has changed hands meanwhile. */
  async #look(): Promise<void> {
    const { store } = this;
    const selected = selectedCase(store.state);
    if (selected === null || !isMine(selected, store.state.you)) return;
    const detail = await this.#connection.ask("case:look", placeOf(selected));
    if (detail.ok) store.dispatch({ type: "looked", detail });
  }

  /** Null when it was done. */
  async #give<K extends DeskCommand>(
    name: K,
    payload: Omit<Commands[K], "id">,
  ): Promise<Refused | null> {
    const outcome = await this.#attempts.give(name, payload);
    return outcome.ok ? null : outcome;
  }
}

function placeOf({ interview, case: seq }: CaseSummary) {
  return { interview, case: seq };
}
