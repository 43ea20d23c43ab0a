/** What a person may believe about being heard: by the listener's word, never by their own meter. */
import type { CallState } from "../../call-state";
import type { Call, Sound } from "../../protocol.gen";
import { call as words } from "../../strings/call";

export type HeardWords = {
  readonly text: string;
  /** They ought to know: something keeps them from being heard. */
  readonly bad: boolean;
};

/** Who should hear us: `who` sits in `seat`. */
export type Listener = { readonly seat: string; readonly who: string };

/** Of several listeners, what is worst; that all is well only where all say so. */
export function heardByAll(
  state: CallState,
  call: Call,
  listeners: readonly Listener[],
): HeardWords | null {
  const [first] = listeners;
  if (first === undefined) return null;
  if (listeners.length === 1 || !heardAtAll(state)) return heardWords(state, call, first);
  const there = listeners.filter(({ seat }) =>
    call.people.some((person) => person.seat === seat && person.connected),
  );
  const each = there.flatMap((listener) => heardWords(state, call, listener) ?? []);
  const [worst, ...more] = each.filter(({ bad }) => bad);
  if (worst !== undefined) {
    const text = more.length > 0 ? words.heard.others(worst.text, more.length) : worst.text;
    return { text, bad: true };
  }
  return each.length === 0 ? null : { text: goodWords(state, there), bad: false };
}

/** Whether anybody could hear us, as far as it depends on us. */
function heardAtAll({ intent, microphone }: CallState): boolean {
  return intent.microphone && microphone.kind !== "trouble";
}

function goodWords(state: CallState, listeners: readonly Listener[]): string {
  const heard = listeners.flatMap(({ seat }) => state.heardBy[seat] ?? []);
  if (heard.length < listeners.length) return words.heard.some(heard.length, listeners.length);
  const least = Math.min(...heard.map(({ height }) => height));
  return isShown(state) && least > 0 ? words.heard.everybodySees(least) : words.heard.everybody;
}

/** Null while there is nobody to be heard by. */
export function heardWords(
  state: CallState,
  call: Call,
  { seat, who }: Listener,
): HeardWords | null {
  const { line, intent, microphone } = state;
  const there = call.people.some((person) => person.seat === seat && person.connected);
  const heard = state.heardBy[seat];
  const shown = isShown(state);
  // What is still on its way from a camera that was switched off is no picture any more.
  const height = shown ? (heard?.height ?? 0) : 0;
  if (microphone.kind === "trouble") {
    return { text: words.trouble.microphone[microphone.trouble], bad: true };
  }
  if (!intent.microphone) return { text: muted(who, there ? height : 0), bad: true };
  if (line.kind !== "connected" || !there) return null;
  if (state.pause?.held === "sound") return { text: words.heard.held, bad: true };
  return heard === undefined
    ? { text: words.heard.unknown(who), bad: false }
    : byWord(heard.sound, who, playing(who, height, shown));
}

function isShown({ camera, intent, pause }: CallState): boolean {
  return camera.kind === "on" && intent.camera && pause === null;
}

function byWord(sound: Sound, who: string, played: string): HeardWords {
  switch (sound) {
    case "blocked":
      return { text: words.heard.blocked(who), bad: true };
    case "nothing":
      return { text: words.heard.nothing(who), bad: true };
    case "playing":
      return { text: played, bad: false };
  }
}

function muted(who: string, height: number): string {
  return height > 0 ? words.heard.mutedAndSeen(who, height) : words.heard.muted;
}

function playing(who: string, height: number, shown: boolean): string {
  if (height > 0) return words.heard.hearsAndSees(who, height);
  return shown ? words.heard.hearsOnly(who) : words.heard.hears(who);
}
