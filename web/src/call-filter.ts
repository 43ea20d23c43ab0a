/**
 * The own voice without background noise, for whoever wants that.
 *
 * Counterparts: `call-noise.ts` (the filter itself, loaded when it is needed), `call-sources.ts`.
 */
import type { Quiet } from "./call-noise";

export class NoiseFilter {
  readonly #changed: () => void;
  readonly #failed: () => void;
  #wanted: MediaStreamTrack | null = null;
  #quiet: Quiet | null = null;

  /** `changed` hears that `over` gives another track; `failed` that the browser cannot filter. */
  constructor(changed: () => void, failed: () => void) {
    this.#changed = changed;
    this.#failed = failed;
  }

  /** What to send of a microphone. */
  over(microphone: MediaStreamTrack): MediaStreamTrack {
    return this.#quiet?.of === microphone ? this.#quiet.track : microphone;
  }

  /** Filters this microphone as soon as it can; null: none any more. */
  async set(wanted: MediaStreamTrack | null): Promise<void> {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    const before = this.#quiet;
    this.#quiet = null;
    if (before !== null) this.#changed();
    before?.stop();
    if (wanted === null) return;
    const quiet = await import("./call-noise")
      .then(({ quieten }) => quieten(wanted))
      .catch(() => null);
    if (this.#wanted !== wanted) {
      quiet?.stop();
    } else if (quiet === null) {
      this.#failed();
    } else {
      this.#quiet = quiet;
      this.#changed();
    }
  }
}
