/**
 * What each side's browser really plays of the other, told both ways once a second.
 *
 * The own browser's statistics say what is decoded of somebody (`decodedOf`, `playedOf`: pure);
 * `Hearing` tells them, and keeps what they tell of us for as long as it counts.
 * Counterparts: `call-line.ts`, which looks every second; `call:hearing`, `call:heard` on the wire.
 */
import type { CallChange } from "./call-state";
import type { Heard, TellHearing } from "./protocol.gen";

/** Running totals of one person's media, by W3C "Identifiers for WebRTC's Statistics API". */
export type Decoding = {
  /** Samples of sound that came from packets, not from filling a gap. */
  readonly samples: number;
  /** Packets of sound that came, and that did not. */
  readonly came: number;
  readonly lost: number;
  readonly frames: number;
  /** The shorter side of the latest picture, in pixels. */
  readonly height: number;
};

/** By stream id: a seat, or `vacant-<rank>`. */
export type Decoded = { readonly [stream: string]: Decoding };

/** `lost`: the percentage of the sound that did not arrive. */
export type Played = { readonly sound: boolean; readonly height: number; readonly lost: number };

export const UNPLAYED: Played = { sound: false, height: 0, lost: 0 };

/** The fields that are read of an `inbound-rtp` entry. */
export type Inbound = RTCStats & {
  readonly kind?: string;
  readonly trackIdentifier?: string;
  readonly totalSamplesReceived?: number;
  readonly concealedSamples?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly framesDecoded?: number;
  readonly audioLevel?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
};

const NOTHING: Decoding = { samples: 0, came: 0, lost: 0, frames: 0, height: 0 };
/** What was told counts for so long. */
const STALE_MS = 4_000;

/** What has been decoded so far; `ownerOf` knows the stream of each track. */
export function decodedOf(
  report: { readonly forEach: (each: (entry: Inbound) => void) => void },
  ownerOf: (track: string) => string | undefined,
): Decoded {
  const found: { [stream: string]: Decoding } = {};
  report.forEach((entry: Inbound) => {
    const owner = entry.type === "inbound-rtp" ? ownerOf(entry.trackIdentifier ?? "") : undefined;
    if (owner === undefined) return;
    found[owner] = { ...(found[owner] ?? NOTHING), ...decodingOf(entry) };
  });
  return found;
}

/** How loud each received track is, 0 to 1 of full scale (linear), by the track's id. */
export function levelsOf(report: {
  readonly forEach: (each: (entry: Inbound) => void) => void;
}): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  report.forEach((entry: Inbound) => {
    if (entry.type !== "inbound-rtp" || entry.kind !== "audio") return;
    levels.set(entry.trackIdentifier ?? "", entry.audioLevel ?? 0);
  });
  return levels;
}

function decodingOf(entry: Inbound): Partial<Decoding> {
  if (entry.kind === "audio") {
    return {
      samples: (entry.totalSamplesReceived ?? 0) - (entry.concealedSamples ?? 0),
      came: entry.packetsReceived ?? 0,
      lost: entry.packetsLost ?? 0,
    };
  }
  const height = Math.min(entry.frameWidth ?? 0, entry.frameHeight ?? 0);
  return { frames: entry.framesDecoded ?? 0, height };
}

/**
 * What was played lately, by looks a second apart, the oldest first. Sound that stops for a second
 * is missed; a picture may stand still for a second, as one of a screen does.
 */
export function playedOf(looks: readonly Decoded[]): { readonly [stream: string]: Played } {
  const [now = {}, before = {}] = looks.toReversed();
  const [oldest = {}] = looks;
  const played: { [stream: string]: Played } = {};
  for (const [stream, { samples, frames, height, ...packets }] of Object.entries(now)) {
    played[stream] = {
      sound: samples !== (before[stream]?.samples ?? 0),
      height: frames === (oldest[stream]?.frames ?? 0) ? 0 : height,
      lost: percentage(packets, oldest[stream] ?? NOTHING),
    };
  }
  return played;
}

type Packets = Pick<Decoding, "came" | "lost">;

/** What share did not come; late packets may make the loss shrink. */
function percentage(now: Packets, before: Packets): number {
  const lost = Math.max(0, now.lost - before.lost);
  const sent = lost + Math.max(0, now.came - before.came);
  return sent === 0 ? 0 : Math.round((100 * lost) / sent);
}

export class Hearing {
  readonly #tell: (told: TellHearing) => void;
  readonly #dispatch: (change: CallChange) => void;
  readonly #stale = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #played = new Map<string, Played>();
  readonly #blocked = new Set<string>();
  readonly #shown = new Map<string, number>();

  constructor(tell: (told: TellHearing) => void, dispatch: (change: CallChange) => void) {
    this.#tell = tell;
    this.#dispatch = dispatch;
  }

  /** This browser plays so much of somebody. */
  played(seat: string, played: Played): void {
    this.#played.set(seat, played);
    this.#say(seat, played);
  }

  /** This browser draws somebody's picture so high. Larger pictures are told at once. */
  shows(seat: string, height: number): void {
    const before = this.#shown.get(seat);
    this.#shown.set(seat, height);
    const played = this.#played.get(seat);
    if (played !== undefined && before !== undefined && height > before) this.#say(seat, played);
  }

  /** The browser wants a press before it plays somebody, or has had it: told at once. */
  block(seat: string, blocked: boolean): void {
    if (this.#blocked.has(seat) === blocked) return;
    if (blocked) this.#blocked.add(seat);
    else this.#blocked.delete(seat);
    this.#dispatch({ type: "blocked", blocked: [...this.#blocked] });
    const played = this.#played.get(seat);
    if (played !== undefined) this.#say(seat, played);
  }

  /** Somebody's browser says what it plays of us. */
  heard({ seat, sound, height, lost }: Omit<Heard, "type">): void {
    clearTimeout(this.#stale.get(seat));
    this.#dispatch({ type: "heard", seat, heard: { sound, height, lost } });
    this.#stale.set(
      seat,
      setTimeout(() => this.#dispatch({ type: "heard", seat, heard: null }), STALE_MS),
    );
  }

  /** Media ended: nothing is known any more. */
  stop(): void {
    this.#played.clear();
    for (const [seat, timer] of this.#stale) {
      clearTimeout(timer);
      this.#dispatch({ type: "heard", seat, heard: null });
    }
    this.#stale.clear();
  }

  #say(seat: string, { sound, height, lost }: Played): void {
    const told = { seat, shown: this.#shown.get(seat) ?? null, lost };
    if (this.#blocked.has(seat)) this.#tell({ ...told, sound: "blocked", height: 0 });
    else this.#tell({ ...told, sound: sound ? "playing" : "nothing", height });
  }
}
