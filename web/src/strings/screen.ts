/** Sentences about sharing a screen. */
import type { ScreenTrouble } from "../call-screen";
import type { Shown, Surface } from "../call-state";

export const screen = {
  share: "Share screen",

  look: {
    title: "What will be seen",
    text: "Nobody sees this yet. Close what is private.",
    preview: "What the others would see",
    sound: "Let them hear its sound, too",
    noSound: {
      browser: "Without sound: in your browser’s question, sound was not chosen.",
      other: "Without sound. To share sound, choose a browser tab.",
      never: "Without sound: this browser cannot share any. Chrome and Edge can.",
    },
    start: "Share",
    again: "Choose something else",
  },

  bar: {
    label: "Your shared screen",
    what: {
      monitor: "You are sharing your whole screen",
      window: "You are sharing a window",
      browser: "You are sharing a browser tab",
      unknown: "You are sharing your screen",
    } satisfies Record<Surface, string>,
    as: {
      live: { with: "with its sound.", without: "without sound." },
      frozen: "Frozen: the others keep the last picture and hear nothing of it.",
      blank: "Covered: the others see and hear nothing of it.",
    },
    seen: "What the others see",
    freeze: "Freeze",
    freezeHint: "The others keep this picture while you look something up",
    blank: "Cover",
    blankHint: "The others see a card instead",
    resume: "Go on",
    stop: "Stop sharing",
  },

  seen: {
    of: (who: string) => `${who}’s screen`,
    coming: (who: string) => `The screen of ${who} is on its way.`,
    frozen: (who: string) => `${who} has frozen this picture for a moment`,
    blank: (who: string) => `${who} has covered the screen for a moment`,
    blankText: "The sharing goes on as soon as they uncover it.",
    fit: "Fit",
    actual: "Actual size",
    fitHint: "Show the whole screen",
    actualHint: "Show every pixel; scroll to see the rest",
  },

  said: {
    own: {
      off: "Your screen is no longer shared.",
      live: "Your screen is shared.",
      frozen: "Your screen is frozen for the others.",
      blank: "Your screen is covered.",
    },
    other: {
      off: (who: string) => `${who} stopped sharing the screen.`,
      live: (who: string) => `${who} is sharing the screen.`,
      frozen: (who: string) => `${who} has frozen the screen.`,
      blank: (who: string) => `${who} has covered the screen.`,
    },
  } satisfies {
    own: Record<Shown | "off", string>;
    other: Record<Shown | "off", (who: string) => string>;
  },

  failed: {
    cancelled: "Nothing is shared: no screen was chosen.",
    forbidden:
      "Your computer does not let this browser record the screen. Allow it in the system’s privacy settings, restart the browser, and share again.",
    missing: "Your browser found nothing that could be shared.",
    broken: "This could not be captured. Try another window, or the whole screen.",
  } satisfies Record<ScreenTrouble, string>,

  ended: {
    looking: "What you had chosen was closed. Nothing was shared.",
    shared: "Your screen is no longer shared.",
  },
  reloaded:
    "Your screen is no longer shared, since this page was loaded anew. You can share it again.",
  voiceOnly: "The call goes on by voice, so your screen is no longer shared.",
} as const;
