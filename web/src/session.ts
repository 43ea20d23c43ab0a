/**
 * One interview, open in this page: follows the record into the state, and acts for its seat.
 *
 * Rules of following: the first connection asks for a snapshot, later ones send the cursor; a gap
 * is asked for once at a time; marks are told at most once a second. Counterparts: `state.ts` (what
 * changes), `connection.ts` (the socket), `outbox.ts` (what waits).
 */
import { Connection } from "./connection";
import { keepHeads } from "./heads";
import { Outbox } from "./outbox";
import type { SeatAuth, Typing } from "./protocol.gen";
import type { SeatPath } from "./routes";
import { type Change, LANES, type Lane, type State, hasGap, initial, reduce } from "./state";
import { Store } from "./store";

const MARK_MS = 1_000;
/** Between two requests for what is missing. */
const HEAL_MS = 2_000;
const ACTIVE_MS = 10_000;
const TYPING_MS = 4_000;
const TYPING_FORGOTTEN_MS = 6_000;

export class Session {
  readonly at: SeatPath;
  readonly store: Store<State, Change>;
  readonly connection: Connection;
  readonly outbox: Outbox;
  readonly #typingOver = new Map<string, ReturnType<typeof setTimeout>>();
  #syncing = false;
  #told = { delivered: 0, read: 0 };
  #healing: ReturnType<typeof setTimeout> | undefined;
  #marking: ReturnType<typeof setTimeout> | undefined;
  #activeAt = Number.NEGATIVE_INFINITY;
  #typingAt = Number.NEGATIVE_INFINITY;

  /** `url` is the server's, if it is not the page's own. */
  constructor(at: SeatPath, url?: string) {
    this.at = at;
    this.store = new Store(initial(at), reduce);
    this.connection = new Connection(() => this.#auth(), url);
    this.outbox = new Outbox(
      at,
      (name, payload, id) => this.connection.command(name, payload, id),
      (items) => this.store.dispatch({ type: "outbox", items }),
    );
    this.#follow();
  }

  /** May be opened again after `close`. */
  open(): void {
    this.outbox.open();
    this.connection.open();
  }

  close(): void {
    this.outbox.close();
    this.connection.close();
    clearTimeout(this.#marking);
    this.#marking = undefined;
    clearTimeout(this.#healing);
    for (const timer of this.#typingOver.values()) clearTimeout(timer);
  }

  /** The seq up to which this page has a thread. */
  headOf(lane: Lane): number {
    return this.store.state.cursor[LANES[lane]] ?? 0;
  }

  /** The person has seen the thread up to here. */
  markRead(seq: number): void {
    if (seq <= this.store.state.read) return;
    this.store.dispatch({ type: "read", seq });
    this.#scheduleMarks();
  }

  /** The person does something with the page. */
  stayActive(): void {
    const now = performance.now();
    if (now - this.#activeAt < ACTIVE_MS) return;
    this.#activeAt = now;
    this.connection.signal("presence:active", {});
  }

  /** The person writes (repeat at every key), or stopped. */
  setTyping(typing: boolean, lane: Lane): void {
    const now = performance.now();
    if (typing && now - this.#typingAt < TYPING_MS) return;
    if (!typing && this.#typingAt === Number.NEGATIVE_INFINITY) return;
    this.#typingAt = typing ? now : Number.NEGATIVE_INFINITY;
    this.connection.signal("typing:set", lane === "side" ? { typing, side: true } : { typing });
  }

  #auth(): SeatAuth {
    const { interview, seat } = this.at;
    const { view, cursor } = this.store.state;
    return view === null ? { interview, seat } : { interview, seat, cursor };
  }

  #follow(): void {
    const { connection, store } = this;
    connection.onLink((link) => {
      store.dispatch({ type: "linked", link });
      this.outbox.setLive(link.kind === "live");
      if (link.kind !== "live") this.#activeAt = Number.NEGATIVE_INFINITY;
    });
    connection.on("welcome", (welcome) => {
      store.dispatch({ type: "welcomed", welcome, now: Date.now() });
      this.#told = { delivered: 0, read: 0 };
    });
    connection.on("snapshot", (snapshot) => {
      this.#changed(snapshot);
      keepHeads(this.at, store.state.heads);
    });
    connection.on("entries", (entries) => this.#changed(entries));
    connection.on("head", (head) => {
      store.dispatch(head);
      keepHeads(this.at, store.state.heads);
    });
    connection.on("marks", store.dispatch);
    connection.on("presence", store.dispatch);
    connection.on("typing", (typing) => {
      store.dispatch(typing);
      clearTimeout(this.#typingOver.get(typistKey(typing)));
      if (typing.typing) this.#forgetTyping(typing);
    });
  }

  #changed(change: Change): void {
    this.store.dispatch(change);
    this.#scheduleMarks();
    if (hasGap(this.store.state)) void this.#sync();
  }

  /** Asks for what is missing; live entries that come meanwhile are sent again with it. */
  async #sync(): Promise<void> {
    if (this.#syncing) return;
    this.#syncing = true;
    const { cursor } = this.store.state;
    await this.connection.ask("record:sync", { cursor });
    this.#syncing = false;
    if (hasGap(this.store.state)) this.#healing = setTimeout(() => this.#heal(), HEAL_MS);
  }

  /** The answer was a refusal or was lost too; after a reconnect the cursor has healed it. */
  #heal(): void {
    const state = this.store.state;
    if (state.link.kind === "live" && hasGap(state)) void this.#sync();
  }

  #forgetTyping(typing: Typing): void {
    const over = () => this.store.dispatch({ ...typing, typing: false });
    this.#typingOver.set(typistKey(typing), setTimeout(over, TYPING_FORGOTTEN_MS));
  }

  #scheduleMarks(): void {
    this.#marking ??= setTimeout(() => {
      this.#marking = undefined;
      this.#tellMarks();
    }, MARK_MS / 4);
  }

  #tellMarks(): void {
    const delivered = this.headOf("shared");
    const { link } = this.store.state;
    const read = Math.min(this.store.state.read, delivered);
    if (link.kind !== "live" || delivered === 0) return;
    if (delivered === this.#told.delivered && read === this.#told.read) return;
    this.#told = { delivered, read };
    this.connection.signal("mark:set", { delivered, read });
  }
}

/** Somebody may write in both threads at once. */
function typistKey({ seat, side }: Typing): string {
  return side ? `side:${seat}` : seat;
}
