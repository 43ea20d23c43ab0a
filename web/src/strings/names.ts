/** What roles, formats, reasons and states are called, and how people and times are named. */
import { shortened } from "../markdown";
import type { Action, FlagReason, Format, Phase, PresenceState, Role, View } from "../protocol.gen";

export const roles: { readonly [K in Role]: string } = {
  client: "client",
  freelancer: "freelancer",
  observer: "observer",
  moderator: "moderator",
  operator: "operator",
  system: "Parley",
};

export const formats: { readonly [K in Format]: string } = {
  text: "Text",
  audio: "Audio",
  video: "Video",
};

/** What the two sides may do in each format. */
export const formatHints: { readonly [K in Format]: string } = {
  text: "Messages only. Nobody is asked for a microphone or camera.",
  audio: "Messages, and calls by voice.",
  video: "Messages, and calls by voice or video.",
};

export const phases: { readonly [K in Phase]: string } = {
  invited: "Invited",
  accepted: "Accepted",
  open: "Open",
  declined: "Declined",
  ended: "Ended",
};

export const presences: { readonly [K in PresenceState]: string } = {
  online: "here now",
  away: "away",
  offline: "not here",
};

export const reasons: { readonly [K in FlagReason]: string } = {
  payment_outside: "Asks to pay or be paid outside the platform",
  offensive: "Offensive or hateful language",
  harassment: "Harassment or threats",
  scam: "A scam, or a request for money or credentials",
  confidentiality: "Shares something confidential",
  other: "Something else",
};

/** What a moderator did, told to whoever flagged. */
export const outcomes: { readonly [K in Action]: string } = {
  dismiss: "A moderator looked at it and found no broken rule.",
  warn: "A moderator warned the person who wrote it.",
  hide: "A moderator hid the message.",
  remove: "A moderator removed the person who wrote it.",
  end: "A moderator ended the interview.",
};

/** What a moderator did, told to whom it was about. */
export const measures: { readonly [K in Action]: string } = {
  dismiss: "A moderator looked at a message of yours and did nothing.",
  warn: "A moderator warns you",
  hide: "A moderator hid a message of yours",
  remove: "A moderator removed you from this interview",
  end: "A moderator ended this interview because of a message of yours",
};

/** How whoever did something is named: a person by name, or by role while they have none. */
export function nameOf(view: View, by: string): string {
  const person = view.people.find((other) => other.seat === by);
  if (person !== undefined) return person.name === "" ? `The ${roles[person.role]}` : person.name;
  if (by.startsWith("moderator")) return "A moderator";
  return by === "operator" ? "The operator" : roles.system;
}

const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/;

/**
 * As `nameOf`, for a sentence: a name that runs from right to left is isolated, so that the words
 * around it keep their order. (A `bdi` around the sentence would be turned by a name at its head.)
 * `longest`: of more letters, only the first are told.
 */
export function nameIn(view: View, by: string, longest = Infinity): string {
  const name = shortened(nameOf(view, by), longest);
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/** Whose something is; "the others" are several. */
export function of(who: string): string {
  return who.endsWith("s") ? `${who}’` : `${who}’s`;
}

/** Who speaks for the other side: of several, whoever was there first. */
export function otherSide(view: View, seat: string) {
  const own = view.people.find((person) => person.seat === seat)?.role;
  return view.people.find(
    ({ role, removed }) => role !== own && (role === "client" || role === "freelancer") && !removed,
  );
}

/** Everybody else who takes part: neither removed, nor there to watch only. */
export function othersIn(view: View, seat: string): readonly string[] {
  return view.people
    .filter((other) => other.seat !== seat && other.role !== "observer" && !other.removed)
    .map((other) => other.seat);
}

/** Who is there to watch and listen only. */
export function observersIn(view: View): readonly string[] {
  return view.people
    .filter(({ role, removed }) => role === "observer" && !removed)
    .map(({ seat }) => seat);
}

/** "Ada, Ben and Cy", for the middle of a sentence. */
export function namesIn(view: View, seats: readonly string[]): string {
  const list = new Intl.ListFormat("en", { type: "conjunction" });
  return list.format(seats.map((seat) => nameIn(view, seat)));
}

const locale = (): string => navigator.language;

export function clock(at: number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(at);
}

/** The time of day in a zone; in the device's own where the browser does not know that one. */
export function clockIn(at: number, timeZone: string): string {
  try {
    return new Intl.DateTimeFormat(locale(), { timeStyle: "short", timeZone }).format(at);
  } catch {
    return clock(at);
  }
}

/** "Monday, 23 November", with the year when it is not this one. */
export function day(at: number, now = Date.now()): string {
  const date = new Date(at);
  const year =
    date.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" as const };
  const options = { weekday: "long", day: "numeric", month: "long", ...year } as const;
  return new Intl.DateTimeFormat(locale(), options).format(date);
}

/** A full moment with the zone that it is told in. */
export function moment(at: number): string {
  return new Intl.DateTimeFormat(locale(), {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(at);
}

/** "in 2 hours", "5 minutes ago". */
export function fromNow(at: number, now: number): string {
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const minutes = Math.round((at - now) / 60_000);
  if (Math.abs(minutes) < 60) return format.format(minutes, "minute");
  if (Math.abs(minutes) < 60 * 24) return format.format(Math.round(minutes / 60), "hour");
  return format.format(Math.round(minutes / 60 / 24), "day");
}

/** "12 min", "40 s", "1 h 5 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
