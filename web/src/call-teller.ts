/** Brings the record to what a person means to send, one command at a time. */
import type { Done, Refused, SetMedia } from "./protocol.gen";

/** Before the record is told again what it refused to take. */
const PATIENCE_MS = 2_000;

type Meant = Omit<SetMedia, "id">;

export class MediaTeller {
  readonly #owed: () => Meant | null;
  readonly #send: (meant: Meant) => Promise<Done | Refused>;
  #telling = false;
  #closed = false;
  #again: ReturnType<typeof setTimeout> | undefined;

  /** `owed`: what the record should say; null where it does, or cannot be told. */
  constructor(owed: () => Meant | null, send: (meant: Meant) => Promise<Done | Refused>) {
    this.#owed = owed;
    this.#send = send;
  }

  open(): void {
    this.#closed = false;
  }

  close(): void {
    clearTimeout(this.#again);
    this.#telling = false;
    this.#closed = true;
  }

  tell(): void {
    const meant = this.#telling ? null : this.#owed();
    if (meant === null) return;
    this.#telling = true;
    void this.#send(meant).then((outcome) => {
      if (this.#closed) return;
      const rest = outcome.ok ? 0 : Math.max(outcome.retryAfterMs, PATIENCE_MS);
      this.#again = setTimeout(() => {
        this.#telling = false;
        this.tell();
      }, rest);
    });
  }
}
