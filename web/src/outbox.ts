/**
 * Commands that the server has not confirmed: kept in the browser, sent in order, once.
 *
 * They survive a reload, and keep their id when they are sent again, so that the server does them
 * once. Storage is the truth (two tabs may hold the same seat); memory adds what is under way.
 * Counterpart: `connection.ts`, which sends; `state.ts` shows the items.
 */
import { UNKNOWN_OUTCOME, newId } from "./connection";
import type { Commands, Done, Refused } from "./protocol.gen";
import type { SeatPath } from "./routes";
import type { Draft, Sending, Stored, Unsendable, Unsent } from "./state";

/** More than anybody writes while offline; what is beyond is refused where it is written. */
export const UNSENT_MAX = 200;

/** Refused for now: the same command is sent again, in its place, after a pause. */
const LATER = new Set(["too_many", "busy", ...UNKNOWN_OUTCOME]);
const PAUSE_MS = 1_000;

type Send = <K extends Unsendable>(
  name: K,
  payload: Omit<Commands[K], "id">,
  id: string,
) => Promise<Done | Refused>;

export class Outbox {
  readonly #key: string;
  readonly #send: Send;
  readonly #changed: (items: readonly Unsent[]) => void;
  readonly #storage: Storage;
  #items: readonly Unsent[] = [];
  #live = false;
  #busy = false;
  #pause: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is told the items after each change, the present ones at once. */
  constructor(
    at: SeatPath,
    send: Send,
    changed: (items: readonly Unsent[]) => void,
    storage: Storage = localStorage,
  ) {
    this.#key = `parley:unsent:${at.interview}:${at.seat}`;
    this.#send = send;
    this.#changed = changed;
    this.#storage = storage;
    this.#load();
  }

  /** Follows what other tabs of the same seat write and send. */
  open(): void {
    addEventListener("storage", this.#elsewhere);
  }

  close(): void {
    clearTimeout(this.#pause);
    removeEventListener("storage", this.#elsewhere);
  }

  /** Keeps a command and sends it when its turn comes; false when too many wait already. */
  add(draft: Draft, after: number): boolean {
    if (this.#items.length >= UNSENT_MAX) return false;
    const state: Sending = { kind: "waiting" };
    const item: Unsent = { ...draft, id: newId(), at: Date.now(), after, state };
    this.#write([...this.#items, item]);
    void this.#pump();
    return true;
  }

  /** Tries a refused command once more, in its place. */
  retry(id: string): void {
    this.#mark(id, { kind: "waiting" });
    void this.#pump();
  }

  /** Forgets a command that was refused or still waits; one under way cannot be called back. */
  discard(id: string): void {
    const item = this.#items.find((other) => other.id === id);
    if (item !== undefined && item.state.kind !== "sending") this.#drop(id);
  }

  /** Says whether the server can be asked now. */
  setLive(live: boolean): void {
    this.#live = live;
    if (live) void this.#pump();
  }

  async #pump(): Promise<void> {
    if (this.#busy || !this.#live) return;
    this.#busy = true;
    clearTimeout(this.#pause);
    try {
      for (let item = this.#next(); item !== undefined && this.#live; item = this.#next()) {
        // One after the other: the order in which things were written is the order of the thread.
        // oxlint-disable-next-line no-await-in-loop
        if (!(await this.#deliver(item))) break;
      }
    } finally {
      this.#busy = false;
    }
  }

  /** Sends one command; false when the rest has to wait. */
  async #deliver(item: Unsent): Promise<boolean> {
    const notSaved = item.state.kind === "waiting" && item.state.notSaved === true;
    this.#mark(item.id, { kind: "sending", notSaved });
    const outcome = await this.#send(item.name, item.payload, item.id);
    if (outcome.ok) {
      this.#drop(item.id);
      return true;
    }
    if (!LATER.has(outcome.code)) {
      this.#mark(item.id, { kind: "refused", refusal: outcome });
      return true;
    }
    this.#mark(item.id, { kind: "waiting", notSaved: outcome.code === "store_down" });
    this.#pause = setTimeout(() => void this.#pump(), outcome.retryAfterMs || PAUSE_MS);
    return false;
  }

  #next(): Unsent | undefined {
    return this.#items.find((item) => item.state.kind === "waiting");
  }

  #mark(id: string, state: Sending): void {
    this.#tell(this.#items.map((item) => (item.id === id ? { ...item, state } : item)));
  }

  #drop(id: string): void {
    this.#write(this.#items.filter((item) => item.id !== id));
  }

  #write(items: readonly Unsent[]): void {
    this.#tell(items);
    try {
      if (items.length === 0) this.#storage.removeItem(this.#key);
      else this.#storage.setItem(this.#key, JSON.stringify(items.map(stored)));
    } catch {
      // Storage may be full or forbidden: the commands still go out, they only die with the page.
    }
  }

  #tell(items: readonly Unsent[]): void {
    this.#items = items;
    this.#changed(items);
  }

  /** Takes over what storage holds, keeping what is known here about items under way. */
  #load(): void {
    const known = new Map(this.#items.map((item) => [item.id, item]));
    const found = read(this.#storage, this.#key);
    this.#tell(found.map((item) => known.get(item.id) ?? item));
  }

  readonly #elsewhere = (event: StorageEvent): void => {
    if (event.key !== this.#key) return;
    this.#load();
    void this.#pump();
  };
}

function stored({ state, ...rest }: Unsent): Stored {
  return rest;
}

function read(storage: Storage, key: string): readonly Unsent[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter(isStored).map(waiting) : [];
  } catch {
    return [];
  }
}

function waiting(item: Stored): Unsent {
  return { ...item, state: { kind: "waiting" } };
}

/** Storage may hold anything, such as what an older version of this page wrote. */
function isStored(item: unknown): item is Stored {
  if (typeof item !== "object" || item === null) return false;
  const found: Partial<Record<keyof Stored, unknown>> = item;
  return (
    typeof found.id === "string" &&
    typeof found.at === "number" &&
    typeof found.after === "number" &&
    typeof found.payload === "object" &&
    found.payload !== null &&
    ["message:post", "message:edit", "message:delete"].includes(String(found.name))
  );
}
