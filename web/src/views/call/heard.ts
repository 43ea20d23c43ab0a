/** What a person may believe about being heard: by the listener's word, never by their own meter. */
import type { CallState } from "../../call-state";
import type { Call, Sound } from "../../protocol.gen";
import { call as words } from "../../strings/call";

export type HeardWords = {
  readonly text: string;
  /** They ought to know: something keeps them from being heard. */
  readonly bad: boolean;
};

/** Null while there is nobody to be heard by. `who` sits in `seat`. */
export function heardWords(
  state: CallState,
  call: Call,
  { seat, who }: { readonly seat: string; readonly who: string },
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
