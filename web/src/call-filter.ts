/**
 * The own voice without background noise, for whoever wants that.
 *
 * Counterparts: `call-noise.ts` (the filter itself, loaded when it is needed), `call-sources.ts`.
 */
import type { Quiet } from "./call-noise";

/** `failed`: the browser cannot filter at all; `slow`: the device cannot keep up with it. */
type Why = "failed" | "slow";

/** Between two looks at whether the filter keeps up, in milliseconds. */
const LOOK_MS = 2_000;
/** Less than this share of the sound is one with gaps that everybody hears. */
const ENOUGH = 0.85;
/** So many looks in a row: waking up and changing the speaker take one. */
const TOLD_AT = 3;

/** `rendered` seconds of sound had come out at `at` (ms); `late`: so many looks in a row too few. */
export type Pace = { readonly at: number; readonly rendered: number; readonly late: number };

/**
 * The pace at another look. Sound that a busy device did not compute in time is never computed, so
 * the clock of its context (W3C "Web Audio API", `currentTime`) falls behind ours.
 */
export function paceAt(before: Pace, at: number, rendered: number): Pace {
  const share = (rendered - before.rendered) / ((at - before.at) / 1000);
  return { at, rendered, late: share < ENOUGH ? before.late + 1 : 0 };
}

/** Whether a device cannot keep up. */
export function starves({ late }: Pace): boolean {
  return late >= TOLD_AT;
}

export class NoiseFilter {
  readonly #changed: () => void;
  readonly #failed: (why: Why) => void;
  #watch: ReturnType<typeof setInterval> | undefined;
  #wanted: MediaStreamTrack | null = null;
  #quiet: Quiet | null = null;

  /** `changed` hears that `over` gives another track; `failed` why it should not be wanted. */
  constructor(changed: () => void, failed: (why: Why) => void) {
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
    clearInterval(this.#watch);
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
      this.#failed("failed");
    } else {
      this.#quiet = quiet;
      this.#look(quiet);
      this.#changed();
    }
  }

  #look({ rendered }: Quiet): void {
    let pace: Pace = { at: performance.now(), rendered: rendered(), late: 0 };
    this.#watch = setInterval(() => {
      pace = paceAt(pace, performance.now(), rendered());
      if (starves(pace)) this.#failed("slow");
    }, LOOK_MS);
  }
}
