/** What a call needs of the open interview; `Session` has it. Counterpart: `call.ts`. */
import type { Connection } from "./connection";
import type { SeatPath } from "./routes";
import type { State } from "./state";

export type CallHost = {
  readonly at: SeatPath;
  readonly store: {
    readonly state: State;
    readonly subscribe: (listener: () => void) => () => void;
  };
  readonly connection: Pick<Connection, "command" | "ask" | "signal" | "on" | "hurry">;
};
