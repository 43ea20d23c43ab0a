/**
 * What became of what a person asked for: said in words, and unsaid once the record shows it done.
 *
 * Counterparts: `call.ts`, `call-door.ts`; `command.ts` does the same for a single view.
 */
import type { CallHost } from "./call-host";
import type { CallChange, CallState } from "./call-state";
import { mayBeDone } from "./connection";
import type { Done, Refused, View } from "./protocol.gen";
import type { Store } from "./store";

export class Outcomes {
  readonly #room: CallHost["store"];
  readonly #call: Store<CallState, CallChange>;
  /** What the record said when an outcome was not known; null: all are. */
  #before: string | null = null;

  constructor(room: CallHost["store"], call: Store<CallState, CallChange>) {
    this.#room = room;
    this.#call = call;
  }

  /** Whether the last thing may have been done, although nobody could say so. */
  get unsure(): boolean {
    return this.#before !== null;
  }

  /** Says why something was not done; nothing where it was. */
  take(outcome: Done | Refused): void {
    this.#before = mayBeDone(outcome) ? traceOf(this.#room.state.view) : null;
    this.#say(outcome.ok ? null : outcome.message);
  }

  /** The record goes on: what it shows done needs no second try. */
  follow(): void {
    if (this.#before === null || traceOf(this.#room.state.view) === this.#before) return;
    this.#before = null;
    this.#say(null);
  }

  #say(said: string | null): void {
    this.#call.dispatch({ type: "said", said });
  }
}

/** What commands about calls change in the record: as long as it stays the same, none was done. */
function traceOf(view: View | null): string {
  const { call = null, proposal = null, waiting = [] } = view ?? {};
  const { phase, declined, admitted } = call ?? {};
  const people = call?.people.map(({ seat, muted }) => [seat, muted]);
  return JSON.stringify([call?.call, phase, people, declined, admitted, proposal, waiting]);
}
