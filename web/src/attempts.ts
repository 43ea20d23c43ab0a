/**
 * Commands that a person may have to give again: one act has one id, so that it is done only once.
 *
 * Counterparts: `command.ts` (a single view), `call-outcome.ts` (the call), `desk.ts`. What waits
 * for a connection keeps its ids over a reload: `outbox.ts`.
 */
import { type Connection, UNKNOWN_OUTCOME, newId } from "./connection";
import type { Commands, Done, Refused } from "./protocol.gen";

export type Give = <K extends keyof Commands>(
  name: K,
  payload: Omit<Commands[K], "id">,
) => Promise<Done | Refused>;

export class Attempts {
  readonly #connection: Pick<Connection, "command">;
  /** Of acts that have no known outcome, by what was to be done. */
  readonly #ids = new Map<string, string>();
  readonly #underWay = new Map<string, Promise<Done | Refused>>();

  constructor(connection: Pick<Connection, "command">) {
    this.#connection = connection;
  }

  /** Never rejects. The same again while it is under way, as by a double click, is the same act. */
  readonly give: Give = (name, payload) => {
    const act = JSON.stringify([name, payload]);
    const outcome = this.#underWay.get(act) ?? this.#give(act, name, payload);
    this.#underWay.set(act, outcome);
    return outcome;
  };

  /** Whether the outcome of anything is not known. */
  get unsure(): boolean {
    return this.#ids.size > 0;
  }

  /** What was unknown is known by other means: whatever is asked for from now on is another act. */
  forget(): void {
    this.#ids.clear();
  }

  async #give<K extends keyof Commands>(
    act: string,
    name: K,
    payload: Omit<Commands[K], "id">,
  ): Promise<Done | Refused> {
    const id = this.#ids.get(act) ?? newId();
    this.#ids.set(act, id);
    const outcome = await this.#connection.command(name, payload, id);
    this.#underWay.delete(act);
    const known = outcome.ok || !UNKNOWN_OUTCOME.has(outcome.code);
    if (known && this.#ids.get(act) === id) this.#ids.delete(act);
    return outcome;
  }
}
