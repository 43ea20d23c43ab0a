/** Which page of this seat takes part in the call: told between windows, and kept over a reload. */
import type { Intent } from "./call-state";
import type { SeatPath } from "./routes";

/** The record tells by then of what was begun before a reload, or it never came to the server. */
const TOLD_WITHIN_MS = 30_000;

type Begun = { readonly meant: Intent; readonly until: number };

/** A microphone that is on while a key is held; a shared screen; what was switched off, and nobody told. */
type Passing = "talking" | "sharing" | keyof Intent;

export class CallWindow {
  readonly #key: string;
  #channel: BroadcastChannel | null = null;
  /** Until when the record may tell of what the person began here. */
  #until = 0;

  constructor({ interview, seat }: SeatPath) {
    this.#key = `parley.call:${interview}/${seat}`;
  }

  /** `taken` hears of each call that another window takes over, and of each wish for one (null). */
  open(taken: (call: unknown) => void): void {
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.addEventListener("message", ({ data }) => {
      this.drop();
      taken(data);
    });
    const begun = this.#begun();
    if (begun === null) return;
    this.#until = begun.until;
    this.announce(null);
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }

  /** Tells the others that this one takes part, or is about to: the person acts here now. */
  announce(call: number | null): void {
    this.#channel?.postMessage(call);
  }

  /** The person acts here, and in no other window any more: it takes them into a call. */
  begin(meant: Intent): void {
    this.#until = Infinity;
    const begun: Begun = { meant, until: Date.now() + TOLD_WITHIN_MS };
    sessionStorage.setItem(`${this.#key}.begun`, JSON.stringify(begun));
    this.announce(null);
  }

  /** Whether the record has yet to tell of what the person began here. */
  get begins(): boolean {
    return Date.now() < this.#until;
  }

  /** What was meant with it, also before a reload, until the record says that; null: nothing. */
  get meant(): Intent | null {
    return this.#begun()?.meant ?? null;
  }

  /** Nothing is begun any more, or the record tells all of it. */
  drop(): void {
    this.#until = 0;
    sessionStorage.removeItem(`${this.#key}.begun`);
  }

  /** The person means this in the call that is claimed here. */
  mean({ microphone, camera }: Intent): void {
    this.pass("microphone", !microphone);
    this.pass("camera", !camera);
  }

  /** The record says by now all that was meant here. */
  told(): void {
    this.drop();
    this.mean({ microphone: true, camera: true });
  }

  claim(call: number): void {
    this.#until = 0;
    sessionStorage.setItem(this.#key, String(call));
  }

  claimed(call: number): boolean {
    return sessionStorage.getItem(this.#key) === String(call);
  }

  unclaim(): void {
    this.mean({ microphone: true, camera: true });
    sessionStorage.removeItem(this.#key);
  }

  /** The person left this call; null: they did not, or came back. */
  quit(call: number | null): void {
    if (call !== null) this.drop();
    if (call === null) sessionStorage.removeItem(`${this.#key}.quit`);
    else sessionStorage.setItem(`${this.#key}.quit`, String(call));
  }

  hasQuit(call: number): boolean {
    return sessionStorage.getItem(`${this.#key}.quit`) === String(call);
  }

  /** Whether something must not be on after a reload, whatever the record says. */
  passing(what: Passing): boolean {
    return sessionStorage.getItem(`${this.#key}.${what}`) !== null;
  }

  pass(what: Passing, on: boolean): void {
    if (on) sessionStorage.setItem(`${this.#key}.${what}`, "");
    else sessionStorage.removeItem(`${this.#key}.${what}`);
  }

  #begun(): Begun | null {
    const kept: Begun | null = JSON.parse(sessionStorage.getItem(`${this.#key}.begun`) ?? "null");
    return kept !== null && Date.now() < kept.until ? kept : null;
  }
}
