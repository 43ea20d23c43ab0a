/** The microphone that is on while a key is held. Counterparts: `call.ts`, `usePushToTalk.ts`. */
import type { CallChange, CallState, Intent } from "./call-state";
import type { CallWindow } from "./call-window";
import type { Store } from "./store";

export class Talk {
  readonly #store: Store<CallState, CallChange>;
  readonly #window: CallWindow;
  readonly #mean: (intent: Partial<Intent>) => void;

  /** `mean` switches the microphone, which ends what was held before. */
  constructor(
    store: Store<CallState, CallChange>,
    window: CallWindow,
    mean: (intent: Partial<Intent>) => void,
  ) {
    this.#store = store;
    this.#window = window;
    this.#mean = mean;
  }

  /** The key goes down, or up; whether that means anything now. */
  hold(talking: boolean): boolean {
    const { intent, microphone, talking: before } = this.#store.state;
    if (talking ? intent.microphone || microphone.kind !== "on" : !before) return false;
    this.#mean({ microphone: talking });
    this.#set(talking);
    return true;
  }

  /** Whatever is held means nothing any more. */
  end(): void {
    this.#set(false);
  }

  #set(talking: boolean): void {
    this.#store.dispatch({ type: "talking", talking });
    // If the page goes away meanwhile, it must not come back with an open microphone.
    this.#window.pass("talking", talking);
  }
}
