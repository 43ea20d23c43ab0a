/**
 * What is held back of one's own media: by the connections, by oneself, and for the others' sake.
 *
 * Counterparts: `call-ladder.ts` (what the connections bear), `call-sources.ts` (which obeys).
 */
import { TOP, type Uplink, pauseOf, raised, samePause, step } from "./call-ladder";
import type { CallChange, CallState } from "./call-state";
import type { Store } from "./store";

/** `meant`: a picture would be sent. `spared`: everybody else asked for sound only. */
type Wishes = {
  readonly meant: boolean;
  readonly spared: boolean;
  /** None can be: the call has no codec for it. */
  readonly declined: boolean;
};

export class Pauses {
  readonly #store: Store<CallState, CallChange>;
  readonly #wishes: () => Wishes;
  readonly #changed: () => void;
  #ladder = TOP;

  /** `changed` hears that more or less is held back. */
  constructor(store: Store<CallState, CallChange>, wishes: () => Wishes, changed: () => void) {
    this.#store = store;
    this.#wishes = wishes;
    this.#changed = changed;
  }

  /** Media begins anew. */
  reset(): void {
    this.#ladder = TOP;
    this.settle();
  }

  /** The way to the server, a second after it was looked at before. */
  look(uplink: Uplink): void {
    const { heardBy, pause } = this.#store.state;
    // Who gets no sound at all loses none.
    const heard = Object.values(heardBy).filter(({ sound }) => sound !== "nothing");
    // One listener in a bad place is no reason to show nothing to all.
    const lostThere = heard.length === 0 ? 0 : Math.min(...heard.map(({ lost }) => lost / 100));
    // A browser finds room only for what it has to send.
    const room = this.#wishes().meant && pause === null ? uplink.room : null;
    this.#ladder = step(this.#ladder, { ...uplink, room, lostThere });
    this.settle();
  }

  /** The person wants sound only, or pictures again: then also one that was paused. */
  choose(soundOnly: boolean): void {
    this.#store.dispatch({ type: "sound-only", soundOnly });
    if (!soundOnly) this.#ladder = raised(this.#ladder, performance.now());
    this.settle();
  }

  /** Holds back what is to be now. */
  settle(): void {
    const { soundOnly: chosen, pause: before } = this.#store.state;
    const pause = pauseOf(this.#ladder, { ...this.#wishes(), chosen });
    if (samePause(pause, before)) return;
    this.#store.dispatch({ type: "pause", pause });
    this.#changed();
  }
}
