/**
 * How much of one's own media the connections bear: picture and sound, sound alone, or writing. Pure.
 *
 * Sound comes first: the picture is paused before the sound suffers, and sound that nobody could
 * follow gives way to writing. Down after seconds, up after a calm that grows with each try that
 * failed. While sound is held back, silence is sent, so that its loss still tells how the line is.
 * Counterparts: `call-line.ts`, which looks every second; `Pause` on the wire.
 */
import { type Figures, reportsOf } from "./call-health";
import type { Pause } from "./protocol.gen";

/** The own way to the server, by W3C "Identifiers for WebRTC's Statistics API". */
export type Uplink = {
  /** When this was looked at, in milliseconds. */
  readonly at: number;
  /** There and back, in milliseconds. */
  readonly roundTrip: number;
  /** The share of our latest sound that was lost, 0 to 1. */
  readonly lost: number;
  /** What the browser believes it may send, in bits per second; null where that says nothing. */
  readonly room: number | null;
};

/** `lostThere`: the share of our sound that is missing even where most of it arrives, 0 to 1. */
export type Strain = Uplink & { readonly lostThere: number };

/** What is sent: with the picture, the sound alone, or neither. */
type Rung = "picture" | "sound" | "writing";

export type Ladder = {
  readonly rung: Rung;
  /** Whose connection the rung is owed to. */
  readonly why: "own" | "theirs";
  /** Looks with trouble that were not made good by looks without. */
  readonly strikes: number;
  /** Whose trouble it was: one's own if any of these looks said so, since one look may miss it. */
  readonly blame: "own" | "theirs" | null;
  readonly calmSince: number | null;
  /** How long it must be calm before the picture is tried again, in milliseconds. */
  readonly patience: number;
  /** When the picture was last tried again. */
  readonly raisedAt: number;
};

/** Sound is at risk. 80 kbit/s carry sound, and no picture worth looking at. */
const STRAINED = { roundTrip: 800, lost: 0.15, room: 80_000 };
/** Beyond what redundancy and patience mend. */
const UNUSABLE = { roundTrip: 3_000, lost: 0.4 };
const CALM = { roundTrip: 400, lost: 0.05 };
const STRIKES = { picture: 4, sound: 6, writing: Number.POSITIVE_INFINITY };
const CALM_SOUND_MS = 10_000;
const CALM_MS = 30_000;
const CALM_MAX_MS = 240_000;
/** A picture that must be paused again so soon was tried too early. */
const FAILED_MS = 60_000;

export const TOP: Ladder = {
  rung: "picture",
  why: "own",
  strikes: 0,
  blame: null,
  calmSince: null,
  patience: CALM_MS,
  raisedAt: Number.NEGATIVE_INFINITY,
};

/** The fields that are read of an entry of the browser's report. */
export type UplinkFigures = Figures & {
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
};

/** What one `getStats()` says of the way to the server. */
export function uplinkOf(
  report: { readonly forEach: (each: (entry: UplinkFigures) => void) => void },
  at: number,
): Uplink {
  const told = reportsOf(report);
  const sound = told.filter(({ kind }) => kind === "audio");
  const most = (figures: readonly (number | undefined)[]) =>
    Math.max(0, ...figures.map((figure) => figure ?? 0));
  // Where no sound is sent, what becomes of the picture says how the line is.
  const lost = most((sound.length > 0 ? sound : told).map(({ fractionLost }) => fractionLost));
  // Firefox says 0 of the pair.
  const reported = most(told.map(({ roundTripTime }) => roundTripTime));
  let uplink: Uplink = { at, roundTrip: reported * 1000, lost, room: null };
  report.forEach((entry: UplinkFigures) => {
    if (entry.type !== "candidate-pair" || entry.nominated !== true) return;
    const roundTrip = (entry.currentRoundTripTime || reported) * 1000;
    uplink = { ...uplink, roundTrip, room: entry.availableOutgoingBitrate ?? null };
  });
  return uplink;
}

/** The ladder after another look, a second after the one before. */
export function step(ladder: Ladder, strain: Strain): Ladder {
  const calmSince = isCalm(strain) ? (ladder.calmSince ?? strain.at) : null;
  const next = { ...counted(ladder, troubleFor(ladder.rung, strain)), calmSince };
  if (next.blame !== null && next.strikes >= STRIKES[next.rung]) {
    return lower(next, next.blame, strain.at);
  }
  if (calmSince === null) return next;
  const calm = strain.at - calmSince;
  if (ladder.rung === "writing" && calm >= CALM_SOUND_MS) return { ...next, rung: "sound" };
  return ladder.rung === "sound" && calm >= ladder.patience ? raised(next, strain.at) : next;
}

function counted(ladder: Ladder, trouble: Ladder["blame"]): Ladder {
  if (trouble !== null) {
    const blame = ladder.blame === "own" ? "own" : trouble;
    return { ...ladder, strikes: ladder.strikes + 1, blame };
  }
  const strikes = Math.max(0, ladder.strikes - 1);
  return { ...ladder, strikes, blame: strikes === 0 ? null : ladder.blame };
}

/** The picture is tried again, calm or not. */
export function raised(ladder: Ladder, at: number): Ladder {
  return { ...ladder, rung: "picture", strikes: 0, blame: null, calmSince: null, raisedAt: at };
}

/** What a person's own choices, and those of the others, come to on this rung. */
export function pauseOf(
  { rung, why }: Ladder,
  {
    meant,
    chosen,
    spared,
    declined,
  }: {
    /** A picture would be sent. */
    readonly meant: boolean;
    /** The person asked for sound only. */
    readonly chosen: boolean;
    /** Everybody else did. */
    readonly spared: boolean;
    /** The call has no codec for pictures that this browser has. */
    readonly declined: boolean;
  },
): Pause | null {
  if (rung === "writing") return { held: "sound", why };
  if (declined) return { held: "picture", why: "codec" };
  if (!meant) return null;
  if (chosen) return { held: "picture", why: "chosen" };
  if (rung === "sound") return { held: "picture", why };
  return spared ? { held: "picture", why: "theirs" } : null;
}

export function samePause(one: Pause | null, other: Pause | null): boolean {
  return one?.held === other?.held && one?.why === other?.why;
}

function lower(ladder: Ladder, why: Ladder["why"], at: number): Ladder {
  const lowered = { ...ladder, why, strikes: 0, blame: null, calmSince: null };
  if (ladder.rung !== "picture") return { ...lowered, rung: "writing" };
  const early = at - ladder.raisedAt < FAILED_MS;
  const patience = early ? Math.min(CALM_MAX_MS, ladder.patience * 2) : CALM_MS;
  return { ...lowered, rung: "sound", patience };
}

/** Whose connection does not bear this rung; null: it does. */
function troubleFor(rung: Rung, strain: Strain): Ladder["why"] | null {
  const limit = rung === "picture" ? STRAINED : UNUSABLE;
  const narrow = rung === "picture" && strain.room !== null && strain.room < STRAINED.room;
  if (narrow || strain.lost > limit.lost || strain.roundTrip > limit.roundTrip) return "own";
  if (strain.lostThere <= limit.lost) return null;
  // What is lost on the own way is missing there too; it is whose connection loses most of it.
  return strain.lost >= strain.lostThere / 2 ? "own" : "theirs";
}

function isCalm({ roundTrip, lost, lostThere }: Strain): boolean {
  return roundTrip < CALM.roundTrip && lost < CALM.lost && lostThere < CALM.lost;
}
