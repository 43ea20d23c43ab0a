/** Sentences of the checks before a call: microphone, speaker, network; and of the page `/doctor`. */
import type { EchoStep } from "../call-echo";
import type { KnockState } from "../protocol.gen";
import type { Door, Figures, Verdict, VerdictCode, Way } from "../network";

/** How a step of a check stands. */
export type StepState = "idle" | "running" | "passed" | "warning" | "failed" | "skipped" | "late";

const percent = (share: number): string => String(Math.max(1, Math.round(share * 100)));

export const lobby = {
  steps: "Checks",
  skip: "Skip",
  percent: (share: number) => `, ${Math.round(share * 100)} %`,
  again: "Check again",
  state: {
    idle: "Not checked yet",
    running: "Checking",
    passed: "Fine",
    warning: "With limits",
    failed: "Does not work",
    skipped: "Skipped",
    late: "No result in time",
  } satisfies Record<StepState, string>,

  microphone: {
    title: "Microphone",
    asking: "Waiting for your browser’s question to be answered.",
    speak: "Say something: the bar should move.",
    heard: "We hear you.",
    quiet:
      "We have heard nothing yet. Speak up, choose another microphone, or look for a mute switch on your headset.",
    off: "Your microphone is off.",
    none: "You can go on without one: you will hear the others, but they will not hear you.",
  },

  camera: {
    title: "Camera",
    asking: "Waiting for your browser’s question to be answered.",
    seen: "This is how you look.",
    off: "Your camera is off.",
    none: "You can go on without one: you will see the others, but they will not see you.",
  },

  speaker: {
    title: "Speaker",
    play: "Play a sound",
    again: "Play it again",
    intro: "Two soft notes, to see whether you will hear the others.",
    ask: "Did you hear it?",
    yes: "Yes",
    no: "No",
    heard: "You will hear the others.",
    unheard:
      "Turn up the volume of this device and of this browser tab, pull out headphones that you do not wear, or choose another speaker.",
    late: "You have not said whether you heard it.",
    failed: "Your browser did not play the sound. Press again, or reload the page.",
  },

  echo: {
    title: "How you sound",
    begin: "Hear yourself",
    stop: "Stop and listen",
    left: (seconds: number) => `${seconds} s left`,
    said: {
      idle: "Record a few seconds and listen to them.",
      recording: "Recording. Say something.",
      playing: "This is how you sound.",
      heard: "If you heard yourself, so will the other side.",
      failed: "Your browser could not play the recording.",
      skipped: "",
    } satisfies Record<EchoStep, string>,
  },

  network: {
    title: "Network",
    intro:
      "A few seconds of silence go to the server and back, over each way that a call may take.",
    begin: "Check the network",
    running: "Checking",
    skipped: "Skipped. A call finds its own way in any case.",
    checked: (when: string) => `Checked ${when}.`,
    details: "Details for a helpdesk",
    copy: "Copy the details",
    way: "Way",
    result: "Result",
    setup: "Set-up",
    roundTrip: "Round trip",
    loss: "Lost",
    jitter: "Jitter",
    milliseconds: (ms: number) => `${Math.round(ms)} ms`,
    share: (share: number | null) =>
      share === null ? "not measured" : `${(share * 100).toFixed(1)} %`,
    attempt: {
      running: "running",
      passed: "works",
      late: "no connection in 8 s",
      failed: "no sound came back",
      refused: "not tried",
    },
  },

  door: {
    title: (count: number) => (count === 1 ? "Somebody knocks" : `${count} people knock`),
    knocks: (who: string) => `${who} knocks`,
    several: (count: number) => `${count} people knock`,
    waits: (waited: string, since: string) => `Waiting since ${since}, for ${waited}`,
    heldSince: (waited: string) => `Waiting for ${waited}; you have asked for a moment`,
    admit: "Let in",
    admitWho: (who: string) => `Let ${who} in`,
    begin: "Let in and begin the call",
    hold: "One moment",
    holdWords: [
      "I will be with you in two minutes.",
      "We are still talking among ourselves.",
      "The conversation before yours runs late.",
    ],
    holdSend: "Send this and let them wait",
    refuse: "Not now",
    refuseWords: ["It does not suit just now. Let us write.", "Please come back in 15 minutes."],
    refuseSend: "Send this and say “not now”",
    wordless: "Without a word",
    ownWord: "Your own word",
    notify: "Tell me also while I look elsewhere",
    letIn: "You are in the call now",
    own: {
      knock: "Knock",
      hint: "You are let in by the client’s side. They see and hear you only then.",
      waits: "You are waiting",
      waitsHint: "Check your devices while you wait.",
      title: {
        waiting: "You have knocked",
        held: "One moment, please",
        refused: "Not now",
      } satisfies Record<KnockState, string>,
      since: (since: string, waited: string) => `Waiting since ${since}, for ${waited}.`,
      told: "The other side has been told. When they let you in, you are in the call by yourself. You can read and write here meanwhile.",
      held: (who: string) =>
        `${who} knows that you are here, and lets you in as soon as possible. Your place is kept.`,
      away: (who: string) =>
        `${who} is not here at the moment, and sees that you wait as soon as they come. Your place is kept.`,
      offline: "You are not connected at the moment. Your place is kept, and we go on trying.",
      refused: "You were not let in this time. You can go on in writing, or knock again.",
      check: "Check devices",
      stop: "Wait no longer",
      again: "Knock again",
      dismiss: "Close",
    },
  },

  doctor: {
    title: "Check your network and devices",
    lead: "Find out in a few seconds whether you can talk here. Nothing is recorded, and nobody else hears or sees you.",
    devices: "Microphone, camera and speaker",
    devicesHint: "Your browser will ask whether this page may use them.",
    video: "Check microphone and camera",
    audio: "Check the microphone only",
    stop: "Stop using them",
    link: "Check your network and devices",
    more: "Check on a page of its own",
    linkFrom: "Still stuck? Check everything on a page of its own",
  },
} as const;

export const verdicts = {
  ready: () => "Your network is ready for video.",
  relayed: () => "Your network blocks the direct way; we go through a relay. Video works.",
  slower: () => "Your network blocks UDP; we use a slower way in. Video works.",
  delayed: ({ figures }) =>
    `What you say arrives ${lateness(figures)} late. Video works; leave each other a moment to answer.`,
  lossy: ({ figures }) =>
    `Your network loses ${percent(figures?.loss ?? 0)} of 100 packets. Voice works; the picture may stop now and then.`,
  poor: ({ figures }) =>
    `Your network loses ${percent(figures?.loss ?? 0)} of 100 packets: voices will break up. Move closer to your Wi-Fi, use a cable, or go on in writing.`,
  text: ({ door }) =>
    `Only text will work from this network: sound and picture do not get through. ${advice(door)}`,
  unknown: ({ reason }) => `We could not find out whether a call will work. ${reason}`,
} satisfies Record<VerdictCode, (verdict: Verdict) => string>;

function lateness(figures: Figures | null): string {
  const ms = (figures?.roundTripMs ?? 0) / 2;
  return ms < 950 ? `${Math.round(ms / 100) * 100} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function advice(door: Door | null): string {
  const other = "try another network, such as a phone’s.";
  if (door === null) return `You can ${other}`;
  const port = `UDP port ${door.port} to ${door.host}`;
  return `Ask your network’s administrator to allow ${port}, or ${other}`;
}

/** What a way is called, for people who run networks. */
export function wayName(way: Way): string {
  switch (way.kind) {
    case "udp":
      return "UDP, directly";
    case "tcp":
      return "TCP, directly";
    case "relay":
      return `Relay by ${relayTransport(way.url)}, ${way.url}`;
  }
}

function relayTransport(url: string): string {
  if (url.startsWith("turns:")) return "TLS";
  return url.endsWith("transport=tcp") ? "TCP" : "UDP";
}
