/**
 * What became of what a person asked for: said in words, and unsaid once the record shows it done.
 *
 * Counterparts: `call.ts`, `call-door.ts`; `command.ts` does the same for a single view.
 */
import { Attempts, type Give } from "./attempts";
import type { CallHost } from "./call-host";
import type { CallChange, CallState } from "./call-state";
import { mayBeDone } from "./connection";
import type { Done, Refused, View } from "./protocol.gen";
import type { Store } from "./store";

export class Outcomes {
  readonly #room: CallHost["store"];
  readonly #attempts: Attempts;
  readonly #call: Store<CallState, CallChange>;
  /** What the record said when something was asked for whose outcome is not known; null: all are. */
  #before: string | null = null;

  constructor(
    host: {
      readonly store: CallHost["store"];
      readonly connection: Pick<CallHost["connection"], "command">;
    },
    call: Store<CallState, CallChange>,
  ) {
    this.#room = host.store;
    this.#attempts = new Attempts(host.connection);
    this.#call = call;
  }

  /** Whether the last thing may have been done, although nobody could say so. */
  get unsure(): boolean {
    return this.#before !== null;
  }

  /** Gives a command; `take` says what became of it. */
  readonly give: Give = async (name, payload) => {
    const before = traceOf(this.#room.state.view);
    const outcome = await this.#attempts.give(name, payload);
    if (mayBeDone(outcome)) this.#before ??= before;
    else if (!this.#attempts.unsure) this.#before = null;
    return outcome;
  };

  /** Says why something was not done; nothing where it was. */
  take(outcome: Done | Refused): void {
    this.#say(outcome.ok ? null : outcome.message);
    this.follow(); // the record may have shown it before the answer was missed
  }

  /** The record goes on: what it shows done needs no second try. */
  follow(): void {
    if (this.#before === null || traceOf(this.#room.state.view) === this.#before) return;
    this.#before = null;
    this.#attempts.forget();
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
