/** Which page of this seat takes part in the call: told between windows, and kept over a reload. */
import type { SeatPath } from "./routes";

/** A microphone that is on while a key is held; a shared screen. */
type Passing = "talking" | "sharing";

export class CallWindow {
  readonly #key: string;
  #channel: BroadcastChannel | null = null;

  constructor({ interview, seat }: SeatPath) {
    this.#key = `parley.call:${interview}/${seat}`;
  }

  /** `taken` hears of each call that another window takes over, and of each wish for one (null). */
  open(taken: (call: unknown) => void): void {
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.addEventListener("message", ({ data }) => taken(data));
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }

  /** Tells the others that this one takes part, or is about to: the person acts here now. */
  announce(call: number | null): void {
    this.#channel?.postMessage(call);
  }

  claim(call: number): void {
    sessionStorage.setItem(this.#key, String(call));
  }

  claimed(call: number): boolean {
    return sessionStorage.getItem(this.#key) === String(call);
  }

  unclaim(): void {
    sessionStorage.removeItem(this.#key);
  }

  /** The person left this call; null: they did not, or came back. */
  quit(call: number | null): void {
    if (call === null) sessionStorage.removeItem(`${this.#key}.quit`);
    else sessionStorage.setItem(`${this.#key}.quit`, String(call));
  }

  hasQuit(call: number): boolean {
    return sessionStorage.getItem(`${this.#key}.quit`) === String(call);
  }

  /** Whether something is on just now that a reload must not leave on. */
  passing(what: Passing): boolean {
    return sessionStorage.getItem(`${this.#key}.${what}`) !== null;
  }

  pass(what: Passing, on: boolean): void {
    if (on) sessionStorage.setItem(`${this.#key}.${what}`, "");
    else sessionStorage.removeItem(`${this.#key}.${what}`);
  }
}
