/** Which page of this seat takes part in the call: told between windows, and kept over a reload. */
import type { SeatPath } from "./routes";

export class CallWindow {
  readonly #key: string;
  #channel: BroadcastChannel | null = null;

  constructor({ interview, seat }: SeatPath) {
    this.#key = `parley.call:${interview}/${seat}`;
  }

  /** `taken` hears of each call that another window takes over. */
  open(taken: (call: unknown) => void): void {
    this.#channel = new BroadcastChannel(this.#key);
    this.#channel.addEventListener("message", ({ data }) => taken(data));
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }

  /** Tells the others that this one takes part. */
  announce(call: number): void {
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

  /** Whether the microphone is on only while a key is held: a reload must not leave it open. */
  get talking(): boolean {
    return sessionStorage.getItem(`${this.#key}.talking`) !== null;
  }

  set talking(talking: boolean) {
    if (talking) sessionStorage.setItem(`${this.#key}.talking`, "");
    else sessionStorage.removeItem(`${this.#key}.talking`);
  }
}
