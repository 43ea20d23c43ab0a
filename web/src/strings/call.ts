/** Sentences of calls: ringing, devices, the stage. */
import type { CallMedia, DeviceTrouble } from "../call-state";
import type { PauseWhy } from "../protocol.gen";
import { of } from "./names";

/** Which help for permissions applies. */
export type Browser =
  | "chrome"
  | "edge"
  | "firefox"
  | "opera"
  | "safari"
  | "ios"
  /** Another browser than Safari on an iPhone or iPad. */
  | "iosOther"
  | "android"
  | "androidFirefox"
  | "samsung"
  /** A page within another app, such as a messenger. */
  | "inApp"
  | "other";

export const call = {
  button: {
    call: "Call",
    video: "Video call",
    audio: "Voice call",
    videoHint: "Your camera is shown only after you have seen the preview.",
    audioHint: "Sound only. No camera is asked for.",
    choose: "How do you want to call?",
    notOpen: "You can call each other once the interview is open.",
    closed: "This interview is over.",
    inCall: "There is a call already.",
    offline: "You are not connected at the moment.",
    ask: { video: "Propose to meet by video", audio: "Propose to meet by voice" },
    askHint: {
      text: "You agreed to meet in writing. The other side is asked first.",
      audio: "You agreed to meet by voice. The other side is asked first.",
    },
    asked: "You have asked already. Waiting for the answer.",
  },

  incoming: {
    title: (who: string) => `${who} is calling`,
    kind: { video: "Video call", audio: "Voice call" } satisfies Record<CallMedia, string>,
    tab: (who: string) => `${who} is calling`,
    rings: (seconds: number) => `Rings for another ${seconds} s`,
    answerVideo: "Answer with video",
    answerAudio: "Answer with voice only",
    answer: "Answer",
    check: "Check devices first",
    decline: "Decline",
    why: "Decline with a reason",
    reasons: [
      "I cannot talk right now. Let us write.",
      "Please call me again in 10 minutes.",
      "I would rather write than talk.",
    ],
    ownReason: "Another reason",
    send: "Decline and send this",
  },

  outgoing: {
    title: (who: string) => `Calling ${who}`,
    text: (seconds: number) => `Rings for another ${seconds} s. Nobody sees or hears you yet.`,
    away: (who: string) => `${who} is not here at the moment and may not notice.`,
    cancel: "Cancel",
  },

  check: {
    title: {
      ring: { video: "Before you call by video", audio: "Before you call" },
      answer: { video: "Before you answer", audio: "Before you answer" },
      settings: { video: "Devices", audio: "Devices" },
      knock: { video: "Before you knock", audio: "Before you knock" },
      admit: { video: "Before the call begins", audio: "Before the call begins" },
    },
    joining: "Before you join",
    text: "Only you see and hear this.",
    camera: "Camera",
    microphone: "Microphone",
    speaker: "Speaker",
    level: "Loudness of your microphone",
    systemDefault: "Chosen by the browser",
    unnamedSpeakers:
      "This browser plays through the speaker that your computer uses. Change it in the computer’s sound settings.",
    preview: "Your own picture",
    cameraOff: "Your camera is off",
    noCamera: "No picture",
    call: (who: string) => `Call ${who}`,
    answer: "Answer now",
    join: "Join now",
    open: "Open the call",
    knock: "Knock",
    admit: (who: string) => `Let ${who} in`,
    done: "Done",
    deaf: "Go on without a microphone",
    deafHint: "You will hear the other side, but they will not hear you.",
  },

  asking: {
    title: "Your browser is asking you",
    text: {
      video: "Allow the microphone and the camera there.",
      audio: "Allow the microphone there.",
    },
    slow: "Still no answer. The question is near the address bar; some browsers hide it behind a small icon.",
    skip: "Go on without",
  },

  trouble: {
    microphone: {
      denied: "Your microphone is blocked",
      missing: "No microphone found",
      busy: "Your microphone is in use elsewhere",
      unsupported: "This page may not use a microphone",
      unanswered: "Going on without a microphone",
      broken: "Your microphone could not be started",
    },
    camera: {
      denied: "Your camera is blocked",
      missing: "No camera found",
      busy: "Your camera is in use elsewhere",
      unsupported: "This page may not use a camera",
      unanswered: "Going on without a camera",
      broken: "Your camera could not be started",
    },
    what: {
      missing: "Plug one in; we notice by ourselves.",
      busy: "Close the other program or tab that uses it, then try again.",
      unsupported:
        "Browsers allow it only on addresses that begin with https. Tell whoever runs this server.",
      unanswered: "The browser's question was not answered.",
      broken: "Unplug it and plug it in again, or choose another one.",
    } satisfies Record<Exclude<DeviceTrouble, "denied">, string>,
    retry: "Try again",
  },

  unblock: {
    chrome:
      "Click the icon left of the address, switch Microphone and Camera on, and come back to this page.",
    edge: "Click the icon left of the address, then Permissions for this site, set Microphone and Camera to Allow, and come back.",
    firefox:
      "Click the crossed-out icon left of the address, remove the block with the ×, and try again.",
    opera:
      "Click the icon left of the address, then Site settings, set Microphone and Camera to Allow, and come back.",
    safari:
      "In the menu Safari, Settings for This Website, set Camera and Microphone to Allow, and try again.",
    ios: "Tap the icon beside the address, then Website Settings, and set Camera and Microphone to Allow. If they are not listed, open Settings, Apps, Safari, and allow them there. Then try again.",
    iosOther:
      "Open the Settings of your device, then Apps, choose this browser, and switch Microphone and Camera on. Then come back and try again.",
    android:
      "Tap the icon left of the address, Permissions, allow Microphone and Camera, and try again. If they are not listed, open the Settings of your device, Apps, choose this browser, Permissions.",
    androidFirefox:
      "Tap the lock or shield left of the address, then tap Blocked beside Microphone and Camera so that it says Allowed. If they are not listed, open the Settings of your device, Apps, Firefox, Permissions. Then try again.",
    samsung:
      "Tap the lock left of the address, then Permissions, and allow Microphone and Camera. If they are not listed, open the Settings of your device, Apps, Samsung Internet, Permissions. Then try again.",
    inApp:
      "This page is open inside another app, which may keep the microphone and the camera from it. Open the same link in your browser: look for “Open in browser” in the app’s menu.",
    other:
      "Allow this site to use your microphone and camera in the browser's settings, and try again.",
  } satisfies Record<Browser, string>,

  stage: {
    label: "Call",
    self: "You",
    devices: "Devices",
    microphone: "Microphone",
    camera: "Camera",
    leave: "Leave",
    grow: "Show the call in full",
    shrink: "Back to the messages",
    missed: (count: number) => `Messages: ${count} new`,
    since: "In the call for",
    connecting: (who: string) => `Connecting you with ${who}`,
    waiting: (who: string) => `Waiting for ${who} to connect`,
    reconnecting: "Connecting again",
    reconnectingText:
      "Nobody sees or hears you until it is back. We keep trying; what you write is sent then, too.",
    apart: (who: string) => `${who} is not connected just now`,
    paused: (who: string) => `${who}’s picture is paused for now. The sound goes on.`,
    pictureless: (who: string) =>
      `${who}’s browser can neither show nor send pictures in this call. The sound goes on.`,
    others: "the others",
    grid: "Show all",
    speaker: "Show speaker",
    pin: (who: string) => `Keep ${who} large`,
    unpin: "Follow the speaker again",
    shown: { grid: "All are shown alike.", speaker: "Whoever speaks is large." },
    kept: (who: string) => `${who} stays large.`,
    more: "More",
    keys: "Keys",
    watches: (who: string) => `Watching and listening: ${who}`,
    youWatch:
      "You watch and listen. Everybody sees that you are here, and nobody hears or sees you.",
    goneText:
      "They can come back by themselves. The call ends if nobody is connected for a minute.",
    cameraOff: (who: string) => `${who} has the camera off`,
    muted: "microphone off",
    soundBlocked: "Your browser keeps the sound off until you say so.",
    soundOn: "Turn the sound on",
    frozen: "The picture has stopped for the moment.",
    soundGoesOn: "The sound goes on.",
    unheard: (who: string) => `${who} may not be hearing you. We are connecting again.`,
    notHearing: (who: string) => `No sound arrives from ${who}. We are connecting again.`,
    weak: "Your connection is weak: your picture and sound may arrive broken.",
    failedTitle: "The call could not be connected",
    retry: "Try again",
    elsewhere: "You are in this call in another window or on another device.",
    left: {
      telling: "You left this call.",
      owed: "You left this call. The others are told as soon as you are connected again.",
    },
    back: "Come back",
    here: "Move it here",
    leaveAll: "End the call",
  },

  keys: {
    title: "Keys of the call",
    /** For whoever sends something. */
    own: [
      ["Alt + M", "microphone on or off"],
      ["Alt + V", "camera on or off"],
      ["Alt + S", "share your screen, or stop"],
      ["Space", "held down: talk while your microphone is off"],
    ],
    list: [
      ["Alt + G", "show all, or whoever speaks"],
      ["Alt + H", "leave"],
      ["1 … 8", "keep somebody large, in the order in which they are shown"],
      ["0", "keep nobody large"],
    ],
    text: "Those with Alt work while you write, too; the others do not.",
    switch: "Use the number keys",
    switchHint: "Off, numbers do nothing here.",
  },

  pause: {
    mine: {
      picture: (why: PauseWhy, who: string) =>
        `Your picture is paused: ${why === "own" ? "your" : of(who)} connection is slow. Your sound goes on.`,
      sound: (why: PauseWhy, who: string) =>
        why === "own"
          ? "Your connection is too slow for sound. Nobody hears you just now."
          : `Nobody hears you just now: ${of(who)} connection is too slow for sound.`,
      chosen: "Sound only, as you chose: no pictures are sent, either way.",
      codec: (who: string) =>
        `You are heard, but this browser cannot show your picture to ${who}, nor theirs to you.`,
      codecWhy:
        "It has no format for pictures in common with this call. Come in with a current Chrome, Edge, Firefox or Safari to see and be seen.",
    },
    /** For who sends nothing. */
    watching: {
      codec: "You hear this call, but this browser cannot show its pictures.",
      codecWhy:
        "It has no format for pictures in common with this call. Come in with a current Chrome, Edge, Firefox or Safari to see them.",
    },
    other: {
      picture: (why: PauseWhy, who: string) =>
        `${who}’s picture is paused: ${why === "own" ? "their" : "your"} connection is slow. The sound goes on.`,
      sound: (why: PauseWhy, who: string) =>
        `${why === "own" ? `${who}’s` : "Your"} connection is too slow for sound. You do not hear ${who} just now.`,
      chosen: (who: string) => `${who} chose sound only, so no pictures are sent, either way.`,
      codec: (who: string) =>
        `You hear ${who}, but their browser can neither show your picture nor send theirs in this call.`,
    },
    write: "Write to each other for now. The sound comes back by itself when the line is better.",
    picture: { on: "Try video again", off: "Sound only" },
    only: "Sound only",
    onlyHint: "Saves data: no pictures are sent, either way.",
  },

  heard: {
    held: "Your sound is paused: nobody hears you",
    unknown: (who: string) => `Not known yet whether ${who} hears you`,
    hears: (who: string) => `${who} hears you`,
    hearsAndSees: (who: string, height: number) => `${who} hears you, sees you at ${height}p`,
    hearsOnly: (who: string) => `${who} hears you, but has no picture of you just now`,
    blocked: (who: string) =>
      `${who}’s browser is blocking sound. It shows a button that turns it on.`,
    nothing: (who: string) => `${who} gets no sound from you just now`,
    everybody: "Everybody hears you",
    everybodySees: (height: number) => `Everybody hears you, sees you at ${height}p or more`,
    some: (few: number, all: number) => `${few} of ${all} hear you, the others are not known yet`,
    others: (text: string, more: number) => `${text} And ${more} more.`,
    muted: "Your microphone is off",
    hold: "Hold Space to talk",
    talking: "On while you hold Space",
    mutedAndSeen: (who: string, height: number) =>
      `Your microphone is off. ${who} sees you at ${height}p`,
  },

  said: {
    microphone: {
      on: "Your microphone is on.",
      off: "Your microphone is off. Nobody hears you.",
    },
    camera: { on: "Your camera is on.", off: "Your camera is off. Nobody sees you." },
    other: {
      pictureBack: (who: string) => `${who}’s picture is back.`,
      microphone: {
        on: (who: string) => `${who} turned the microphone on.`,
        off: (who: string) => `${who} turned the microphone off.`,
      },
      camera: {
        on: (who: string) => `${who} turned the camera on.`,
        off: (who: string) => `${who} turned the camera off.`,
      },
    },
    connected: "You are connected.",
    pictureBack: "Your picture is sent again.",
    joined: (who: string) => `${who} joined the call.`,
    left: (who: string) => `${who} left the call.`,
  },

  noise: {
    label: "Remove background noise",
    hint: "For keyboards, fans and streets. Music sounds worse with it.",
    failed: "This browser cannot remove background noise. Your sound goes out as it is.",
    slow: "This device is too busy to remove background noise, so that is off now. Your sound goes out as it is.",
  },
  plugged: {
    gone: (was: string, is: string) => `${was} is gone. In use now: ${is}.`,
    back: (label: string) => `In use now: ${label}.`,
    speakerGone: (was: string) => `${was} is gone. You hear the call as your computer plays sound.`,
  },
  exchangeFailed: {
    microphone: "This microphone could not be started, so the one before stays in use.",
    camera: "This camera could not be started, so the one before stays in use.",
  },
  mediaBlocked:
    "Media could not get through. A firewall may block it: try another network, such as a phone's, or go on in writing.",
  notUnderstood: (why: string) => `Your browser could not use the server's answer: ${why}`,
} as const;
