/**
 * The network check: all ways at once, to one verdict. It can be skipped and made again at any time.
 *
 * Counterparts: `network.ts` (what is found), `network-loop.ts` (one way), `views/lobby/NetworkStep`.
 */
import { visitNetwork } from "./http";
import {
  type Attempt,
  type Door,
  type Network,
  type Try,
  type Way,
  progressOf,
  verdictOf,
  waysOf,
} from "./network";
import { tryWay } from "./network-loop";
import { Store } from "./store";

/** For how long a verdict is not asked for anew by itself. */
const FRESH_MS = 10 * 60_000;

export class NetworkCheck {
  readonly store: Store<Network, Network>;
  #run: AbortController | null = null;

  constructor(found: Network = { kind: "idle" }) {
    this.store = new Store(found, (_, next) => next);
  }

  /** Unless a verdict is fresh, was declined, or is being found. */
  runIfStale(now = Date.now()): void {
    const { state } = this.store;
    if (state.kind === "running" || state.kind === "skipped") return;
    if (state.kind === "done" && now - state.at < FRESH_MS) return;
    void this.run();
  }

  async run(): Promise<void> {
    this.stop();
    const run = new AbortController();
    this.#run = run;
    this.store.dispatch({ kind: "running", progress: 0, tries: [] });
    const visit = await visitNetwork();
    if (run.signal.aborted) return;
    if (!visit.ok) {
      const verdict = {
        code: "unknown",
        figures: null,
        door: null,
        reason: visit.message,
      } as const;
      this.store.dispatch({ kind: "done", at: Date.now(), verdict, tries: [] });
      return;
    }
    const silence = new Silence();
    await this.#tryAll(run.signal, visit.value.ticket, waysOf(visit.value.iceServers), silence);
    silence.close();
  }

  skip(): void {
    this.stop();
    this.store.dispatch({ kind: "skipped" });
  }

  /** Ends a check that is under way, so that it takes nothing from a call. */
  stop(): void {
    this.#run?.abort();
    this.#run = null;
    if (this.store.state.kind === "running") this.store.dispatch({ kind: "idle" });
  }

  async #tryAll(
    signal: AbortSignal,
    ticket: string,
    ways: readonly Way[],
    silence: Silence,
  ): Promise<void> {
    let doors: readonly Door[] = [];
    let tries: readonly Try[] = ways.map((way) => ({
      way,
      attempt: { kind: "running", progress: 0 },
    }));
    const tell = (way: Way, attempt: Attempt): void => {
      if (signal.aborted) return;
      tries = tries.map((one) => (one.way === way ? { way, attempt } : one));
      this.store.dispatch({ kind: "running", progress: progressOf(tries), tries });
    };
    const one = async (way: Way): Promise<void> => {
      const attempt = await tryWay(way, {
        ticket,
        sound: silence.track,
        signal,
        progress: (progress) => tell(way, { kind: "running", progress }),
        doors: (told) => {
          doors = told;
        },
      });
      tell(way, attempt);
    };
    await Promise.all(ways.map(one));
    if (signal.aborted) return;
    this.store.dispatch({ kind: "done", at: Date.now(), verdict: verdictOf(tries, doors), tries });
  }
}

/** A line of sound in which there is nothing to hear. Needs no microphone. */
class Silence {
  readonly #context = new AudioContext();
  readonly track: MediaStreamTrack | null;

  constructor() {
    // Where the page was not touched yet, the browser keeps it from running: then nothing is sent.
    void this.#context.resume();
    const sent = this.#context.createMediaStreamDestination();
    // A line into which nothing leads sends nothing at all.
    const nothing = this.#context.createConstantSource();
    nothing.offset.value = 0;
    nothing.connect(sent);
    nothing.start();
    this.track = sent.stream.getAudioTracks()[0] ?? null;
  }

  close(): void {
    this.track?.stop();
    void this.#context.close();
  }
}
