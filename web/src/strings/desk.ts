/** Sentences of the moderators' desk. */
import type { Action, CaseStatus, Measure, MessageState } from "../protocol.gen";
import type { Group, Severity } from "../desk-state";

type Who = { readonly reporter: string; readonly accused: string };

export const desk = {
  title: "Moderators' desk",
  tab: (open: number) => (open === 0 ? "Desk" : `(${open}) Desk`),
  you: (name: string) => `You are ${name}`,
  queue: "Queue",
  loading: "Opening the queue",
  groups: {
    mine: "Yours",
    open: "Waiting",
    taken: "With other moderators",
    decided: "Decided this week",
  } satisfies Record<Group, string>,
  severities: { 3: "urgent", 2: "serious", 1: "can wait" } satisfies Record<Severity, string>,
  parties: ({ reporter, accused }: Who) => `the ${reporter} reports the ${accused}`,
  age: (ms: number) => {
    const minutes = Math.floor(ms / 60_000);
    if (minutes < 1) return "just now";
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
  },
  claimedBy: (who: string) => `with ${who}`,
  news: (reason: string) => `A new case came in: ${reason}.`,

  empty: {
    short: "The queue is empty.",
    title: "Nothing waits for you",
    text: "When somebody reports a message, its case appears here by itself.",
  },
  none: {
    title: "Choose a case",
    text: "The evidence of a case is shown to one moderator at a time: whoever has claimed it.",
    key: "With the keyboard: J and K move through the queue, ? shows all keys.",
  },

  facts: {
    reported: "Reported",
    reporter: "Reported by",
    accused: "Written by",
    interview: "Interview",
  },
  status: {
    open: "Waiting for a moderator",
    claimed: "Being worked on",
    decided: "Decided",
  } satisfies Record<CaseStatus, string>,

  claim: "Claim this case",
  claimText:
    "Claiming shows you the evidence and keeps the case from being worked on twice. Nobody in the interview notices.",
  taken: (who: string) =>
    `${who} is working on this case. Its evidence is shown only there. If it is released, it comes back to the queue.`,
  decidedByOther: (who: string) => `${who} decided this case. Its evidence is shown only there.`,
  release: "Release",
  releaseHint: "Gives the case back to the queue. Your notes stay.",
  back: "Back to the queue",

  evidence: {
    title: "Evidence",
    text: "As it stood when it was reported. Later edits and deletions do not change it.",
    flagged: "reported message",
    edited: (count: number) => (count === 1 ? "1 earlier text" : `${count} earlier texts`),
    states: {
      kept: "",
      deleted: "deleted by its author before the report",
      hidden: "hidden by a moderator before the report",
    } satisfies Record<MessageState, string>,
    gone: "The text is not kept any more.",
    loading: "Reading the evidence",
  },
  reporterNote: "The reporter's words",
  noReporterNote: "The reporter added nothing.",

  notes: {
    title: "Notes",
    text: "Only moderators read them.",
    empty: "No notes yet.",
    label: "Add a note",
    add: "Add",
  },
  history: {
    title: "What happened",
    reported: (who: string) => `The ${who} reported the message.`,
    claimed: (who: string) => `${who} claimed the case.`,
    claimedSelf: "You claimed the case.",
    decided: (who: string, what: string) => `${who} decided: ${what}`,
    others: "Other cases of this interview",
  },

  inCall: {
    title: "In the call",
    text: (accused: string) =>
      `The ${accused} who wrote it is in a call now. You can act before you decide. Everybody in the call sees that a moderator did it, but not why.`,
    measures: {
      mute: "Switch off what they send",
      eject: "Take them out of the call",
    } satisfies Record<Measure, string>,
    done: {
      mute: "Their microphone, camera and screen are off. They can switch them on again.",
      eject: "They are out of this call and cannot come back to it. A call of two is over.",
    } satisfies Record<Measure, string>,
  },

  decide: "Decide",
  explanation: "Your explanation",
  noExplanation: "No explanation was given.",
  actions: {
    dismiss: "Dismiss",
    warn: "Warn",
    hide: "Hide",
    remove: "Remove",
    end: "End",
  } satisfies Record<Action, string>,
  confirm: {
    dismiss: "Dismiss the report",
    warn: "Send the warning",
    hide: "Hide the message",
    remove: "Remove the person",
    end: "End the interview",
  } satisfies Record<Action, string>,
  done: {
    dismiss: "The report was dismissed, and the reporter told.",
    warn: "The warning was sent, and the reporter told.",
    hide: "The message is hidden, and the reporter told.",
    remove: "The person was removed, and the reporter told.",
    end: "The interview is over, and the reporter told.",
  } satisfies Record<Action, string>,
  what: {
    dismiss: "no rule was broken",
    warn: "a warning",
    hide: "the message is hidden",
    remove: "the person is removed",
    end: "the interview is over",
  } satisfies Record<Action, string>,
  /** What an action brings about, in the interview and for each side. */
  consequence: {
    interview: "In the interview",
    reporter: (role: string) => `The ${role} who reported`,
    accused: (role: string) => `The ${role} who wrote it`,
    undo: "Can it be undone?",
  },
  effects: {
    dismiss: {
      interview: "Nothing changes.",
      reporter: "Is told that a moderator found no broken rule, and reads your explanation.",
      accused: "Learns nothing, also not that there was a report.",
      undo: "The message can be reported again.",
    },
    warn: {
      interview: "Nothing changes in what both can read.",
      reporter: "Is told that you warned the author, and reads your explanation.",
      accused: "Gets a warning with your explanation, which only they see. Not who reported.",
      undo: "No. A warning that was read stays read.",
    },
    hide: {
      interview:
        "The text disappears for both, also from transcripts and downloads. That it was hidden stays to be seen.",
      reporter: "Is told that you hid the message, and reads your explanation.",
      accused: "Sees that a moderator hid the message, with your explanation. Not who reported.",
      undo: "No. The evidence of this case is kept.",
    },
    remove: {
      interview: "A running call ends. Everything written stays to be read by the other side.",
      reporter: "Is told that you removed the author, and reads your explanation.",
      accused:
        "Reads your explanation, is put out at once, and can neither read nor write here any more. Not told who reported.",
      undo: "No.",
    },
    end: {
      interview:
        "A running call ends. From now on both can only read, and download the transcript.",
      reporter: "Is told that you ended the interview, and reads your explanation.",
      accused:
        "Sees that a moderator ended the interview, with your explanation. Not who reported.",
      undo: "No. They can be invited to a new interview.",
    },
  } satisfies Record<Action, Record<"interview" | "reporter" | "accused" | "undo", string>>,
  reads: {
    both: "The reporter reads it, and so does the person who wrote the message.",
    reporter: "The reporter reads it.",
  },

  keys: {
    title: "Keys",
    open: "Keys (?)",
    list: [
      ["J", "next case"],
      ["K", "case before"],
      ["C", "claim the case"],
      ["1", "dismiss"],
      ["2", "warn"],
      ["3", "hide the message"],
      ["4", "remove the person"],
      ["5", "end the interview"],
      ["N", "write a note"],
      ["Esc", "leave what is being decided"],
      ["?", "show these keys"],
    ],
    text: "A number shows what the action brings about; nothing is done before you confirm it.",
    switch: "Use these keys",
    switchHint: "Off, only Tab, arrows and Enter do anything here.",
  },

  over: {
    not_signed_in: {
      title: "Open your link to come to the desk",
      text: "This browser has no key to the desk. Open the personal link that the operator made for you.",
    },
    link_invalid: {
      title: "Your key to the desk does not work any more",
      text: "It may have expired or been taken back. Ask the operator for a new link.",
    },
  },
} as const;
