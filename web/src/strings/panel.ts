/** Sentences of panels: who was brought along, what may be done for others, the own side's thread. */
import type { Source } from "../protocol.gen";
import { of } from "./names";

const SOURCES: { readonly [K in Source]: string } = {
  microphone: "microphone",
  camera: "camera",
  screen: "shared screen",
};

export const panel = {
  people: (count: number) => `People: ${count}`,
  you: "you",
  observes: (who: string) => `${who} observes`,
  observesHint: "Reads, watches and listens. Nothing ever comes from them.",

  invite: {
    open: "Invite somebody",
    title: "Invite somebody to your side",
    role: "What they come for",
    client: "Interviewer",
    clientHint: "Writes and calls like you, and reads what your side writes to each other.",
    observer: "Observer",
    observerHint: "Reads, watches and listens only. Everybody sees that they are here.",
    name: "Name",
    nameHint: "Everybody reads it. Without one they say it themselves, and are shown as a guest.",
    told: (who: string) => `${who} is told at once who will be there.`,
    confirm: "Invite",
  },

  link: {
    title: (who: string) => `A link for ${who}`,
    label: "Personal link",
    hint: "It opens the interview in one browser, within 30 days. Send it to this person only.",
    replaces: "Earlier links for this seat that nobody opened lead nowhere from now on.",
    making: "Making the link",
    make: "New link",
  },

  remove: {
    action: "Remove from the interview",
    title: (who: string) => `Remove ${who}?`,
    text: (who: string) =>
      `${who} leaves the call and can neither read nor write here from now on. Everybody sees that you removed them.`,
    reason: "Reason",
    reasonHint: "Everybody reads it.",
    confirm: "Remove",
    keep: "Let them stay",
  },

  actions: (who: string) => `What you can do about ${who}`,
  mute: {
    action: {
      microphone: "Turn their microphone off",
      camera: "Turn their camera off",
      screen: "Stop their shared screen",
    } satisfies { readonly [K in Source]: string },
    told: (me: string, kind: Source) =>
      `They read: “${me} turned your ${SOURCES[kind]} off.” They can turn it on again.`,
    notice: (who: string, kind: Source) => `${who} turned your ${SOURCES[kind]} off.`,
    again: (kind: Source) => `Turn your ${SOURCES[kind]} on again`,
    close: "Leave it off",
    line: (who: string, whose: string, kind: Source) =>
      `${who} turned ${of(whose)} ${SOURCES[kind]} off.`,
  },

  call: {
    going: (names: string) => `A call is going on with ${names}.`,
    join: "Join the call",
    watch: "Watch the call",
    watchHint: "You watch and listen. Nobody hears or sees you; everybody sees that you are there.",
    leaving: "How do you want to leave?",
    leave: "Leave",
    leaveHint: "The others go on without you.",
    end: {
      action: "End for everybody",
      title: "End the call for everybody?",
      text: "The call is over for all of you at once. You can still write to each other and call again.",
      confirm: "End the call",
      keep: "Go on talking",
    },
  },

  everybody: "Write to everybody",
  watching: "You read, watch and listen here. Everybody sees that you are there.",

  side: {
    tabs: "Which thread",
    everybody: "Everybody",
    own: "Your side",
    unread: (count: number) => `${count} new`,
    only: (names: string) => `Only your side reads this: you and ${names}.`,
    not: (who: string) => `${who} cannot see it, and no observer can.`,
    empty: "Nothing has been said among yourselves yet.",
    placeholder: "Write to your side only",
    label: "Message to your side only",
  },

  lines: {
    invited: (who: string, whom: string, role: string) => `${who} invited ${whom} as ${role}.`,
    invitedGuest: {
      client: (who: string) => `${who} invited an interviewer, who will say their own name.`,
      observer: (who: string) => `${who} invited an observer, who will say their own name.`,
    },
    removed: (who: string, whom: string) => `${who} removed ${whom} from the interview.`,
    declined: (who: string) => `${who} will not join the call.`,
  },
} as const;
