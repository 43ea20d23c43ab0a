/**
 * The door of a call where people knock: this page's knock, kept over a reload, and coming in by it.
 *
 * Who waits and who was let in is in the record; here is only that *this* page knocked, and what the
 * person meant to have switched on. Counterparts: `call.ts`, `server/calls/knocks.py`.
 */
import type { CallClient } from "./call";
import type { CallHost } from "./call-host";
import type { Intent } from "./call-state";
import { mayBeDone } from "./connection";
import type { Knock } from "./protocol.gen";

export class Door {
  readonly #host: CallHost;
  readonly #client: CallClient;
  readonly #key: string;
  readonly #entered: () => void;
  readonly #stops: (() => void)[] = [];
  /** When the knock before this page's own began, which was answered already. */
  #before: number | null = null;

  /** `entered` hears that the person was let in, and that their media goes out from now on. */
  constructor(host: CallHost, client: CallClient, entered: () => void) {
    this.#host = host;
    this.#client = client;
    this.#entered = entered;
    this.#key = `parley.knock:${host.at.interview}/${host.at.seat}`;
  }

  open(): void {
    this.#stops.push(
      this.#host.store.subscribe(this.#follow),
      this.#client.store.subscribe(this.#remember),
    );
    this.#follow();
  }

  close(): void {
    for (const end of this.#stops.splice(0)) end();
  }

  /** Asks to be let in; this page then comes in by itself. The devices are given back until then. */
  async knock(): Promise<void> {
    this.#before = this.#own()?.since ?? null;
    this.#keep(this.#client.store.state.intent);
    const outcome = await this.#client.give("call:knock", {});
    if (!outcome.ok && !mayBeDone(outcome)) this.forget();
  }

  /** This page waits no longer, whatever becomes of the knock. */
  forget(): void {
    sessionStorage.removeItem(this.#key);
  }

  /** Begins the call by letting somebody in, and takes part in it here. */
  async admit(seat: string): Promise<void> {
    this.#client.expect(this.#client.store.state.intent);
    await this.#client.give("call:admit", { seat });
  }

  readonly #follow = (): void => {
    const meant = this.#kept();
    const { view } = this.#host.store.state;
    if (meant === null || view === null) return;
    const { seat } = this.#host.at;
    const knock = this.#own();
    if (knock !== undefined && knock.since !== this.#before) this.#stands(knock);
    if (view.call?.phase !== "active" || view.call.people.every((one) => one.seat !== seat)) return;
    this.forget();
    this.#client.expect(meant);
    this.#entered();
  };

  /** The record knows of this page's knock. */
  #stands({ state }: Knock): void {
    if (state === "refused") this.forget();
    else if (this.#client.store.state.check?.purpose === "knock") this.#client.dismiss();
  }

  #own(): Knock | undefined {
    return this.#host.store.state.view?.waiting.find(({ seat }) => seat === this.#host.at.seat);
  }

  /** What is changed in the device check while one waits counts, too. */
  readonly #remember = (): void => {
    const { check, intent } = this.#client.store.state;
    if (check !== null && this.#kept() !== null) this.#keep(intent);
  };

  #keep(intent: Intent): void {
    sessionStorage.setItem(this.#key, JSON.stringify(intent));
  }

  #kept(): Intent | null {
    const kept = sessionStorage.getItem(this.#key);
    if (kept === null) return null;
    const found: unknown = JSON.parse(kept);
    const { microphone, camera }: { [K in keyof Intent]?: unknown } = { ...Object(found) };
    return { microphone: microphone === true, camera: camera === true };
  }
}
