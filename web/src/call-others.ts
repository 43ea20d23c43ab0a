/** What the record lets one expect of a call, and should be told of one's own part in it: pure. Counterpart: `call.ts`. */
import type { Expected } from "./call-health";
import { samePause } from "./call-ladder";
import type { Needs } from "./call-sources";
import { type CallState, possible } from "./call-state";
import type { Call, InCall, Screen } from "./protocol.gen";

/** Everybody else whose media is connected. */
export function othersIn(call: Call | null, seat: string): readonly InCall[] {
  const people = call?.people ?? [];
  return people.filter((other) => other.seat !== seat && other.connected);
}

/** What should flow. */
export function expectedOf(
  others: readonly InCall[],
  { declined, microphone: own, intent, heardBy }: CallState,
): Expected {
  const speak = others.filter(({ microphone }) => microphone);
  const sent = own.kind === "on" && intent.microphone;
  return {
    hearing: speak.length > 0,
    // Whose network is gone says nothing, or, at first, that they get nothing either.
    alive: speak.some(({ seat }) => {
      const sound = heardBy[seat]?.sound;
      return sound !== undefined && !(sent && sound === "nothing");
    }),
    seeing: !declined && others.some(({ camera, pause }) => camera && pause === null),
    heard: own.kind === "on",
  };
}

/** Which devices should be open. `here`: the call in which this page takes part. */
export function needsOf({ check, intent }: CallState, here: Call | null, watches: boolean): Needs {
  const media = here === null ? check?.media : here.media;
  const any = !watches && (check !== null || here !== null);
  return { microphone: any, camera: any && media === "video" && intent.camera };
}

/** Whether a picture is meant to be sent, everybody asks to be spared it, or none can be. */
export function wishesOf(call: Call | null, others: readonly InCall[], state: CallState) {
  const video = call?.media === "video";
  return {
    meant: video && state.intent.camera,
    declined: video && state.declined,
    spared: others.length > 0 && others.every(({ pause }) => pause?.why === "chosen"),
  };
}

/** What the record is to say of our media; null where it does. */
export function owedOf(state: CallState, call: Call | null, mine: InCall | undefined) {
  if (call === null || mine === undefined || call.media === "text") return null;
  const { pause } = state;
  const screen: Screen = state.screen.kind === "shared" ? state.screen.as : "off";
  const meant = { ...possible(state, call.media), pause, screen };
  const told = mine.microphone === meant.microphone && mine.camera === meant.camera;
  return told && mine.screen === screen && samePause(mine.pause, pause) ? null : meant;
}
