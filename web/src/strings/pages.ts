/** Sentences of the pages outside the room: start, entering by a link, the transcript. */
export const pages = {
  enter: {
    title: {
      client: "Your interview is ready",
      freelancer: "You are invited to an interview",
      moderator: "The moderators’ desk",
    },
    text: {
      client:
        "This link is personal: it opens your seat in this browser. Nobody is told before you enter.",
      freelancer:
        "This link is personal: it opens your seat in this browser. Nobody is told before you enter.",
      moderator:
        "This link is personal: it opens the desk in this browser, under your name. What you decide is kept with it.",
    },
    calm: "Entering asks for no camera and no microphone.",
    action: {
      client: "Enter the interview",
      freelancer: "Enter the interview",
      moderator: "Enter the desk",
    },
  },
  start: {
    title: "Invite somebody to an interview",
    lead: "You both get a personal link. Everything you write stays in one record that both can read and take along.",
    name: "Title",
    namePlaceholder: "Landing page for a bakery",
    client: "Your name",
    clientHint: "As the client. Shown to the freelancer.",
    freelancer: "Freelancer’s name",
    freelancerHint: "Leave empty if they should give it themselves; it is then marked “guest”.",
    format: "How you meet",
    knock: "People knock before they come into a call",
    knockHint: "You let them in when you are ready, and can send a word to those who wait.",
    startsAt: "When",
    startsAtHint: "Leave empty to open as soon as the invitation is accepted. Told in your time.",
    minutes: "Planned length",
    minutesHint: "Counted down from your first call. Nothing ends by itself.",
    unplanned: "No plan",
    long: (minutes: number) => `${minutes} minutes`,
    note: "A note with the invitation",
    noteHint: "What the freelancer should know before accepting.",
    action: "Create the interview",
    titleNeeded: "Give the interview a title: the freelancer sees it first.",
    timePast: "This time is over already.",
  },
  created: {
    title: "The interview is ready",
    lead: "Send each person their own link. Whoever opens a link takes that seat, so do not swap them. They are shown here only: copy them before you leave.",
    client: "For the client",
    freelancer: "For the freelancer",
    open: "Open as the client",
    another: "Create another",
  },
  closedStart: {
    title: "Interviews here are made by the operator",
    text: "If you were invited, open the personal link that you were sent. If you run this server, create an interview on its command line, in the folder where you started it. It prints one link for each person.",
    ways: [
      { started: "Started by make run", command: ".venv/bin/parley interview create" },
      {
        started: "Started with containers",
        command: "docker compose exec server parley interview create",
      },
      { started: "Installed", command: "parley interview create" },
    ],
  },
  loading: "Loading",
  transcript: {
    title: "Transcript",
    of: (title: string) => `Transcript: ${title}`,
    print: "Print",
    back: "Back to the interview",
    between: (names: string) => `Between ${names}`,
    from: (from: string, to: string | null) => (to === null ? `Since ${from}` : `${from} to ${to}`),
    edited: "edited",
    answering: (who: string, text: string) => `In reply to ${who}: “${text}”`,
    made: (when: string) => `As of ${when}.`,
    absent: "Deleted and hidden texts are not part of it.",
  },
  proof: {
    title: "What this proves",
    signed: (seq: number, when: string) =>
      `The server signed the first ${seq} events of this record on ${when}; your browser keeps its signature.`,
    proves:
      "From then on nothing in it can be changed, swapped, dropped or cut without being found out, also by whoever runs the server.",
    limit:
      "It does not prove that everything was written down at the time, nor who sat at the keyboard.",
    how: "To check a downloaded JSON transcript, use",
    key: "The server’s public key",
    save: "Save the signatures",
    cut: "The server now shows fewer events than it once signed for you. Save the signatures before you ask why.",
  },
} as const;
