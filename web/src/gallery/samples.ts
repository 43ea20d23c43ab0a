/** Sample records for the gallery: real shapes, invented people. */
import type { Message, Notice, Person, RecordEvent, Screen, View } from "../protocol.gen";
import { partOf } from "../test/record";

const MINUTE = 60_000;
/** A fixed Tuesday, so that pictures of the gallery can be compared. */
export const START = Date.UTC(2026, 10, 24, 13, 0);

export const people: readonly Person[] = [
  {
    seat: "client",
    role: "client",
    name: "Ada Nguyen",
    guest: false,
    removed: false,
    invitedBy: "",
  },
  {
    seat: "freelancer",
    role: "freelancer",
    name: "Ben Okafor",
    guest: false,
    removed: false,
    invitedBy: "",
  },
];

type Said = { readonly by: string; readonly text: string; readonly reply?: number };

const TALK: readonly Said[] = [
  { by: "client", text: "Hi Ben, thanks for taking the time. Did the brief reach you?" },
  { by: "freelancer", text: "Hello Ada. It did, I read it this morning." },
  {
    by: "freelancer",
    text: "Two questions before I say how long it takes:\n\n1. Who writes the texts?\n2. Does the old shop have to keep its addresses?",
  },
  {
    by: "client",
    text: "We write the texts. And yes, **every address stays**: most orders come from search.",
  },
  {
    by: "freelancer",
    text: "Good. Then I would begin with a list of all addresses and a test that they still answer:\n\n```\ncurl -sI https://bakery.example/bread | head -1\n```\n\nI did the same for [this shop](https://portfolio.example/shops/dairy) last year.",
    reply: 7,
  },
  { by: "client", text: "That sounds right. What would you need from us in the first week?" },
  { by: "client", text: "And could we see a first page before Christmas?" },
  {
    by: "freelancer",
    text: "Access to the server logs, somebody who answers within a day, and the photographs.\n\nA first page by *18 December* is realistic.",
    reply: 9,
  },
];

function message(
  seq: number,
  by: string,
  text: string,
  at: number,
  replyTo: number | null = null,
): Message {
  return { kind: "message", seq, by, at, replyTo, state: "kept", versions: [{ seq, at, text }] };
}

function notice(
  seq: number,
  event: RecordEvent,
  text: string | null = null,
  lane = "shared",
): Notice {
  return { kind: "notice", lane, seq, event, text };
}

const NOTE =
  "We are a family bakery and our shop page is ten years old. I liked your dairy shop and would like to hear how you would go about ours.";

const opening: readonly Notice[] = [
  notice(
    1,
    {
      type: "interview:created",
      by: "operator",
      at: START - 90 * MINUTE,
      title: "Landing page for a bakery",
      format: "video",
      seats: [],
    },
    NOTE,
  ),
];

const begun: readonly Notice[] = [
  ...opening,
  notice(2, { type: "invitation:accepted", by: "freelancer", at: START - 70 * MINUTE }),
  notice(3, { type: "interview:opened", by: "freelancer", at: START }),
];

const talk: readonly Message[] = TALK.map(({ by, text, reply }, index) =>
  message(index + 4, by, text, START + MINUTE + Math.floor(index * 0.7) * MINUTE, reply ?? null),
);

export const invited: View = {
  title: "Landing page for a bakery",
  format: "video",
  phase: "invited",
  createdAt: START - 90 * MINUTE,
  startsAt: START + 26 * 60 * MINUTE,
  openedAt: null,
  closedAt: null,
  minutes: 0,
  metAt: null,
  zones: { client: "Europe/Lisbon", freelancer: "Asia/Kolkata" },
  people,
  proposal: null,
  call: null,
  knock: false,
  waiting: [],
  thread: opening,
  side: [],
  own: [],
};

export const open: View = {
  ...invited,
  phase: "open",
  startsAt: null,
  openedAt: START,
  thread: [...begun, ...talk],
};

const call = (seq: number, at: number): readonly Notice[] => [
  notice(seq, { type: "call:rang", by: "client", at, media: "video" }),
  notice(seq + 1, { type: "call:accepted", by: "freelancer", at: at + 8_000 }),
  notice(seq + 2, { type: "call:joined", by: "system", at: at + 9_000, seat: "client" }),
  notice(seq + 3, { type: "call:joined", by: "system", at: at + 9_000, seat: "freelancer" }),
  notice(seq + 4, { type: "call:ended", by: "client", at: at + 13 * MINUTE, reason: "hung_up" }),
];

/** Everything that a thread can hold. */
export const full: View = {
  ...open,
  people: [
    people[0] ?? {
      seat: "client",
      role: "client",
      name: "",
      guest: false,
      removed: false,
      invitedBy: "",
    },
    {
      seat: "freelancer",
      role: "freelancer",
      name: "ليلى الحداد 🌷",
      guest: true,
      removed: false,
      invitedBy: "",
    },
  ],
  thread: [
    ...begun,
    ...talk.slice(0, 3),
    {
      ...message(12, "client", "We pay per milestone.", START + 8 * MINUTE),
      versions: [
        { seq: 12, at: START + 8 * MINUTE, text: "We pay by the hour." },
        { seq: 13, at: START + 9 * MINUTE, text: "We pay **per milestone**." },
      ],
    },
    {
      ...message(14, "freelancer", "", START + 9 * MINUTE),
      state: "deleted",
      versions: [{ seq: 14, at: START, text: null }],
    },
    {
      ...message(15, "client", "", START + 10 * MINUTE),
      state: "hidden",
      versions: [{ seq: 15, at: START, text: null }],
    },
    message(
      16,
      "freelancer",
      "مرحباً، شكراً على الدعوة. هل يمكننا البدء يوم الأحد؟",
      START + 11 * MINUTE,
    ),
    message(17, "client", "👍", START + 12 * MINUTE),
    message(
      18,
      "freelancer",
      "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft https://example.org/a/very/long/path/that/never/ends/and/has/no/spaces/at/all/0123456789012345678901234567890123456789",
      START + 13 * MINUTE,
    ),
    ...call(19, START + 14 * MINUTE),
    notice(24, { type: "call:rang", by: "freelancer", at: START + 40 * MINUTE, media: "audio" }),
    notice(25, { type: "call:ended", by: "system", at: START + 41 * MINUTE, reason: "missed" }),
    notice(26, {
      type: "format:proposed",
      by: "freelancer",
      at: START + 42 * MINUTE,
      format: "audio",
    }),
    message(
      27,
      "freelancer",
      "> We pay per milestone.\n\nAgreed. By voice is enough for me, my line is weak today.",
      START + 43 * MINUTE,
      12,
    ),
  ],
  own: [
    notice(
      1,
      {
        type: "flag:received",
        by: "moderator",
        at: START + 12 * MINUTE,
        case: 1,
        message: 16,
        reason: "payment_outside",
        after: 17,
      },
      null,
      "person:client",
    ),
    notice(
      2,
      {
        type: "flag:answered",
        by: "moderator",
        at: START + 20 * MINUTE,
        case: 1,
        action: "dismiss",
        after: 18,
      },
      "The message asks for a start date, not for a payment.",
      "person:client",
    ),
    notice(
      3,
      {
        type: "person:warned",
        by: "moderator",
        at: START + 21 * MINUTE,
        message: 12,
        after: 18,
        action: "warn",
      },
      "Please keep talk of payment to the milestones of the contract.",
      "person:client",
    ),
  ],
  proposal: { by: "freelancer", format: "audio" },
};

export const ended: View = {
  ...open,
  phase: "ended",
  closedAt: START + 55 * MINUTE,
  thread: [
    ...open.thread,
    notice(
      30,
      { type: "interview:ended", by: "client", at: START + 55 * MINUTE },
      "Thank you, Ben. You hear from me on Friday.",
    ),
  ],
};

const colleague = (seat: string, name: string, role: Person["role"] = "client"): Person => ({
  seat,
  role,
  name,
  guest: false,
  removed: false,
  invitedBy: "client",
});

const brought = [
  colleague("client-2", "Cora Lindqvist"),
  colleague("client-3", "Dmitri Alexandrowitsch Wolkonski-Schereschewski"),
  colleague("client-4", "ليلى الحداد"),
  colleague("client-5", "Fatima Zahra"),
  colleague("client-6", "Gus"),
  colleague("observer", "Eva Stone", "observer"),
];

/** A panel of `count` people, of whom one observes, in a call by video. */
export function panelOf(count: number): View {
  const everybody = [...people, ...brought.slice(0, count - 3), ...brought.slice(-1)];
  return {
    ...open,
    minutes: 15,
    metAt: Date.now() - 11 * MINUTE,
    people: everybody,
    side: [
      message(1, "client-2", "He knows his craft. Shall we ask for the price?", START + 9 * MINUTE),
      message(2, "client", "In a minute. Let him finish first.", START + 10 * MINUTE),
    ],
    call: {
      call: 40,
      by: "client",
      media: "video",
      phase: "active",
      rangAt: START,
      activeAt: Date.now() - 11 * MINUTE,
      people: everybody.map(({ seat, role }, index) =>
        partOf(seat, {
          microphone: role !== "observer" && index % 3 !== 1,
          camera: false,
          connected: index !== 4,
        }),
      ),
      declined: [],
      admitted: [],
      ejected: [],
    },
  };
}

/** A panel of four, to whom the freelancer shows a screen. */
export function sharedBy(screen: Screen): View {
  const view = panelOf(4);
  const there = view.call?.people.map((one) =>
    one.seat === "freelancer" ? { ...one, screen } : one,
  );
  return view.call === null ? view : { ...view, call: { ...view.call, people: there ?? [] } };
}

/** A thousand messages. */
export const long: View = {
  ...open,
  thread: [
    ...begun,
    ...Array.from({ length: 1000 }, (_, index) => {
      const said = TALK[index % TALK.length] ?? { by: "client", text: "" };
      return message(index + 4, said.by, said.text, START + index * 41_000);
    }),
  ],
};
