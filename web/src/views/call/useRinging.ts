/** Makes a ring hard to miss: a soft sound made here, and the tab's title. */
import { useEffect } from "react";

const EVERY_MS = 3_000;
/** Two notes a fifth apart, in Hz. */
const NOTES = [587.33, 880] as const;

export function useRinging(title: string, everyMs = EVERY_MS): void {
  useEffect(() => {
    const before = document.title;
    document.title = title;
    return () => {
      document.title = before;
    };
  }, [title]);
  useEffect(() => {
    // Browsers keep it silent on pages that nobody has touched yet; the banner is there all the same.
    const context = new AudioContext();
    const ring = (): void => chime(context);
    ring();
    const timer = setInterval(ring, everyMs);
    // Not before the page was touched: browsers forbid it, and complain.
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [everyMs]);
}

/** One soft chime; also what the device check plays through a speaker. */
export function chime(context: AudioContext): void {
  for (const [at, pitch] of NOTES.entries()) {
    const start = context.currentTime + at * 0.22;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.18, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.65);
  }
}
