/**
 * Who is shown large while several people talk: whoever speaks, but never in a flicker. Pure.
 *
 * Loudness is linear, 0 to 1 of full scale, as `RTCInboundRtpStreamStats.audioLevel` (W3C
 * "Identifiers for WebRTC's Statistics API"). Counterpart: `views/call/useSpeaker.ts`, which listens five times a second.
 */

/** Louder than this is speech; a quiet room is at about 0.001. */
export const AUDIBLE = 0.01;
/** A cough is shorter. */
const SPEAKS_MS = 600;
/** People breathe: the last speaker stays for so long. */
const HOLDS_MS = 1_200;
/** Whoever goes on for so long into the words of another has taken over. */
const INSISTS_MS = 3_000;
/** Gaps between words. */
const WORD_GAP_MS = 400;

type Voice = {
  /** Since when they speak without a pause. */
  readonly since: number;
  /** When they were last audible. */
  readonly last: number;
};

export type Listening = {
  readonly speaker: string | null;
  readonly voices: { readonly [seat: string]: Voice };
};

export const SILENCE: Listening = { speaker: null, voices: {} };

/** After a look at everybody's loudness at `now` (milliseconds). */
export function listen(
  { speaker, voices }: Listening,
  levels: { readonly [seat: string]: number },
  now: number,
): Listening {
  const heard: { [seat: string]: Voice } = {};
  for (const [seat, level] of Object.entries(levels)) {
    const before = voices[seat];
    if (level >= AUDIBLE) {
      const goesOn = before !== undefined && now - before.last <= WORD_GAP_MS;
      heard[seat] = { since: goesOn ? before.since : now, last: now };
    } else if (before !== undefined) heard[seat] = before;
  }
  return { speaker: chosen(speaker, heard, levels, now), voices: heard };
}

function chosen(
  speaker: string | null,
  voices: Listening["voices"],
  levels: { readonly [seat: string]: number },
  now: number,
): string | null {
  const here = speaker !== null && speaker in levels;
  const current = here ? voices[speaker] : undefined;
  const held = current !== undefined && now - current.last <= HOLDS_MS;
  const enough = held ? INSISTS_MS : SPEAKS_MS;
  const rivals = Object.entries(voices)
    .filter(([seat, { since, last }]) => {
      return seat !== speaker && now - last <= WORD_GAP_MS && now - since >= enough;
    })
    // Who began to speak last has the word: the others went on when they were already shown.
    .toSorted(([, one], [, other]) => other.since - one.since);
  const [next] = rivals;
  const newer = current === undefined || !held || (next?.[1].since ?? 0) > current.since;
  if (next !== undefined && newer) return next[0];
  return here ? speaker : null;
}
