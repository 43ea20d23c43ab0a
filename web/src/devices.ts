/**
 * The devices of a page that is in no call: to see and hear oneself.
 *
 * A call has them itself (`call.ts`); what draws them needs only what both can do. Counterpart:
 * `views/lobby`.
 */
import { recallChosen } from "./call-devices";
import { Sources } from "./call-sources";
import {
  type CallChange,
  type CallMedia,
  type CallState,
  type Chosen,
  type Intent,
  initialCall,
  reduceCall,
} from "./call-state";
import { Store } from "./store";

/** Whoever has the devices of this page. */
export type DeviceHolder = {
  readonly store: Store<CallState, CallChange>;
  /** What should be on; what was in trouble is asked for again. */
  setIntent(intent: Partial<Intent>): void;
  /** Goes on without what the browser has not given us. */
  skip(): void;
  choose(chosen: Partial<Chosen>): Promise<void>;
  /** Loudness of the own microphone, 0 to 1. */
  ownLevel(): number;
};

export class Devices implements DeviceHolder {
  readonly store = new Store<CallState, CallChange>(initialCall(recallChosen()), reduceCall);
  readonly #sources = new Sources(
    this.store,
    () => this.#needs(),
    () => undefined,
  );
  /** What is looked at now; null: nothing is open. */
  #media: CallMedia | null = null;

  open(): void {
    this.#sources.open();
  }

  close(): void {
    this.#media = null;
    this.#sources.close();
  }

  /** Asks for the devices of such a call. */
  begin(media: CallMedia): void {
    this.#media = media;
    this.setIntent({ microphone: true, camera: media === "video" });
  }

  /** Gives everything back. */
  end(): void {
    this.#media = null;
    this.#sources.giveBack();
  }

  setIntent(intent: Partial<Intent>): void {
    this.store.dispatch({ type: "intent", intent });
    for (const which of ["microphone", "camera"] as const) {
      if (intent[which] === true) this.#sources.forgive(which);
    }
    this.#sources.mute();
    void this.#sources.settle();
  }

  skip(): void {
    this.#sources.skip();
  }

  choose(chosen: Partial<Chosen>): Promise<void> {
    return this.#sources.choose(chosen);
  }

  ownLevel(): number {
    return this.#sources.level();
  }

  #needs() {
    const camera = this.#media === "video" && this.store.state.intent.camera;
    return { microphone: this.#media !== null, camera };
  }
}
