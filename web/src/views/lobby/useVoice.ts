/** Whether the own microphone has heard somebody speak yet. */
import { useEffect, useState } from "react";

const EVERY_MS = 100;
/** Loud enough to be a voice, on the scale of `loudness`; a quiet room lies near 0.15. */
const VOICE = 0.35;
/** So many moments, with pauses between them as speech has: one knock on the table is none. */
const ENOUGH = 3;
const LATE_MS = 15_000;

export type Voice = "waiting" | "heard" | "late";

/** Begins anew with each track; null: there is nothing to listen to. */
export function useVoice(track: MediaStreamTrack | null, level: () => number): Voice {
  const [known, setKnown] = useState<{
    readonly of: MediaStreamTrack | null;
    readonly voice: Voice;
  }>({ of: null, voice: "waiting" });
  useEffect(() => {
    if (track === null) return;
    let loud = 0;
    const begun = performance.now();
    const timer = setInterval(() => {
      if (level() > VOICE) loud += 1;
      if (loud >= ENOUGH) {
        clearInterval(timer);
        setKnown({ of: track, voice: "heard" });
      } else if (performance.now() - begun > LATE_MS) {
        setKnown({ of: track, voice: "late" });
      }
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [track, level]);
  return known.of === track ? known.voice : "waiting";
}
