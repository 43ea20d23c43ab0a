/** Sentences of the interview's page around the thread: header, panel, dialogs, invitation. */
import type { Format } from "../protocol.gen";

export const room = {
  /** The browser's tab: the number is how people notice from elsewhere that somebody wrote. */
  tab: (title: string, unread: number) =>
    unread === 0 ? `${title} – Parley` : `(${unread}) ${title} – Parley`,
  loading: "Opening the interview",
  slow: "This takes longer than usual. We keep trying.",
  people: "People",
  about: "About",
  aboutOpen: "Show about this interview",
  aboutClose: "Hide about this interview",
  more: "More actions",
  you: "you",
  guest: "guest",
  guestHint: "Gave this name without signing in; nobody vouches for it.",
  removedPerson: "removed",
  format: "Format",
  changeFormat: "Propose another format",
  when: "When",
  startsAt: "Starts",
  openedAt: "Began",
  closedAt: "Ended",
  invitedAt: "Invited",
  noTime: "No time is set: it opens when the invitation is accepted.",
  planned: {
    label: "Planned",
    length: (minutes: number) => (minutes === 1 ? "1 minute" : `${minutes} minutes`),
    sentence: (minutes: number) => `${room.planned.length(minutes)} planned.`,
  },
  transcript: "Transcript",
  notify: "Tell me of calls while I look elsewhere",
  end: "End the interview",
  look: "Appearance",
  looks: { light: "Light", dark: "Dark", auto: "As the device" },
  clock: {
    yours: "you",
    zone: (zone: string) => `Local time, ${zone}`,
    left: (minutes: number) => (minutes === 1 ? "1 minute left" : `${minutes} minutes left`),
    over: (minutes: number) => (minutes === 0 ? "Time is up" : `${minutes} min over`),
    soon: "5 minutes of the planned time are left.",
    past: "The planned time is over. Nothing ends by itself.",
    hint: "Of the time that was planned. Nothing ends by itself.",
  },
  openNow: "Open now",
  privacy: "Who can read this",
  privacyPanel:
    "Everybody named here, observers too; whoever was removed reads nothing from then on. Moderators see only what one of you flags, with the context that person chooses.",
  privacySide:
    "What the client’s side writes to itself, only that side reads: no freelancer, no observer.",
  privacyText:
    "The two of you. Moderators see only what one of you flags, with the context that person chooses.",

  invited: {
    title: (who: string) => `${who} invites you to an interview`,
    for: "For",
    note: (who: string) => `A note from ${who}`,
    ownTime: "in your time",
    accept: "Accept",
    decline: "Decline",
    write: "Write first",
    acceptHint: (later: boolean) =>
      later
        ? "Accepting tells the other side. The interview opens at its time, or earlier when one of you opens it."
        : "Accepting opens the interview at once.",
    seen: (who: string) => `${who} sees your answer. Nothing else about you is shared.`,
    declineTitle: "Decline this invitation?",
    declineText: (who: string) =>
      `${who} is told at once. The interview is then closed and can only be read.`,
    reason: "Reason",
    reasonHint: (who: string) => `${who} reads it.`,
    waiting: (who: string) => `${who} has not answered yet. You can write already.`,
    pending: "You have not answered the invitation yet.",
    answer: "Answer",
  },
  accepted: {
    before: (when: string, distance: string) => `Accepted for ${when}, ${distance}.`,
    text: "You can write already. The interview can also be opened earlier.",
  },
  name: {
    title: "Who are you?",
    text: "Say the name that the other side knows you by. It is shown with the mark “guest” and cannot be changed afterwards.",
    label: "Your name",
    save: "Use this name",
  },
  formats: {
    title: "Meet in another way",
    text: (who: string) => `${who} is asked. Nothing changes before they agree.`,
    propose: (format: Format) => `Propose ${format}`,
    effect: {
      text: "Then you only write to each other. A call that is going on ends.",
      audio: "Then you can ring each other by voice. Each call is still answered or declined.",
      video:
        "Then you can ring each other by voice or video. You choose camera and microphone before each call.",
    } satisfies { readonly [K in Format]: string },
    asked: (who: string, format: string) => `${who} asks to meet by ${format}`,
    askedSelf: (format: string) => `You asked to meet by ${format}`,
    waiting: (who: string) => `Waiting for ${who}.`,
    accept: "Agree",
    decline: "Not now",
    takeBack: "Take back",
  },
  ending: {
    title: "End this interview?",
    text: "For everybody: nobody can write or call any more. Everybody here can still read it. This cannot be undone.",
    reason: "Reason or closing words",
    reasonHint: (who: string) => `${who} reads it, and it stands in the transcript.`,
    confirm: "End the interview",
    keep: "Keep it open",
  },
  flag: {
    title: "Show this message to the moderators",
    lead: (who: string) =>
      `Nobody in the interview learns of it, not even ${who}. If a moderator acts, the person concerned is told the decision, but not who asked for it.`,
    reason: "What is wrong with it?",
    window: "What the moderators see",
    windowHint: (before: number, after: number) => {
      if (before === 0 && after === 0) return "Only this message.";
      const sides = [before > 0 ? `${before} before` : "", after > 0 ? `${after} after` : ""];
      return `This message, ${sides.filter(Boolean).join(" and ")}.`;
    },
    before: "Messages before it",
    after: "Messages after it",
    note: "Anything they should know",
    noteHint: "Only the moderators read this.",
    preview: "Preview",
    flagged: "flagged",
    send: "Show to the moderators",
    gone: "A deleted message. The moderators see what it said.",
  },
  closed: {
    ended: (when: string) => `This interview ended on ${when}. It can only be read.`,
    declined: (when: string) => `The invitation was declined on ${when}. It can only be read.`,
    json: "Download as JSON",
    markdown: "Download as Markdown",
    page: "Open the transcript",
    print: "Print",
  },
} as const;

/** Calm pages for a connection that is over, by the server's code. */
export const farewells: {
  readonly [code: string]: { readonly title: string; readonly text: string };
} = {
  not_signed_in: {
    title: "Open your link to come in",
    text: "This browser has no key to this interview. Open the personal link that you were sent; it brings you here.",
  },
  link_invalid: {
    title: "This link does not work any more",
    text: "It may have expired or been replaced by a newer one. Ask whoever sent it for a new link.",
  },
  link_used: {
    title: "This link was used already",
    text: "Each link opens the interview in one browser. If that was this browser, open it below. If it was another one of yours, go back to it. Otherwise ask for a new link, and say that this one had been opened.",
  },
  not_found: {
    title: "There is no such interview here",
    text: "It does not exist, or it is not yours to see. Check that the whole link was copied.",
  },
  removed: {
    title: "You were removed from this interview",
    text: "You can no longer read or write here, and nobody in it sees or hears you. If you think this is wrong, ask whoever sent you the link.",
  },
  closed: {
    title: "This interview is closed",
    text: "It is over, and this seat cannot be opened any more.",
  },
  foreign_origin: {
    title: "This page was opened under another address",
    text: "The server only answers pages that it delivered itself. Open the link exactly as you got it.",
  },
};

export const otherFarewell = "The server ended the connection";
