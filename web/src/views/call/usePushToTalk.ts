/**
 * Hold Space to talk while the microphone is off.
 *
 * Space goes on doing what it does for whoever writes or moves by keyboard: it talks only where it
 * would do nothing, or would press again the button that a pointer has just pressed. On the
 * microphone's own button a short press switches, and a long one talks.
 */
import { useEffect, useEffectEvent } from "react";

const WRITES = "input, textarea, select, [contenteditable]:not([contenteditable='false'])";
const ACTS = "button, a, summary, audio, video, [role='button'], [role='tab'], [tabindex='0']";
const ABOVE = "[role='dialog'], [role='menu'], [role='listbox']";

/** What marks a button on which Space talks once it is held for longer than a press. */
const LONG = "[data-talks]";

/** Whether Space means nothing else here; `pointed` was pressed by a pointer last. */
export function talksFrom(target: Element, pointed: Element | null, long: boolean): boolean {
  if (target.closest(`${WRITES}, ${ABOVE}`) !== null) return false;
  const acts = target.closest(ACTS);
  return long ? acts !== null && acts.matches(LONG) : acts === null || acts === pointed;
}

/** `talk` hears when Space goes down, and up again if it said that this meant something. */
export function usePushToTalk(talk: (talking: boolean) => boolean): void {
  const said = useEffectEvent(talk);
  useEffect(() => {
    let pointed: Element | null = null;
    let held = false;
    const release = (): void => {
      if (held) said(false);
      held = false;
    };
    const point = ({ target }: Event): void => {
      pointed = target instanceof Element ? target.closest(ACTS) : null;
    };
    const down = (event: KeyboardEvent): void => {
      if (event.code !== "Space") {
        pointed = null;
        return;
      }
      const plain = !event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
      const { target } = event;
      if (!plain || !(target instanceof Element)) return;
      if (!held && talksFrom(target, pointed, event.repeat)) held = said(true);
      if (held) event.preventDefault();
    };
    const up = (event: KeyboardEvent): void => {
      if (event.code !== "Space" || !held) return;
      event.preventDefault(); // or the button in focus is pressed
      release();
    };
    addEventListener("pointerdown", point);
    addEventListener("keydown", down);
    addEventListener("keyup", up);
    // The key may come up where this page does not hear it.
    addEventListener("blur", release);
    addEventListener("pagehide", release);
    return () => {
      release();
      removeEventListener("pointerdown", point);
      removeEventListener("keydown", down);
      removeEventListener("keyup", up);
      removeEventListener("blur", release);
      removeEventListener("pagehide", release);
    };
  }, []);
}
