/**
 * What the thread shows, line by line: messages in groups, days, notices in their place, whole calls.
 *
 * Pure; `Thread.tsx` draws it.
 */
import type { Call, CallEnd, Format, Message, Notice, View } from "../../protocol.gen";
import type { Unsent } from "../../state";

type Post = Extract<Unsent, { name: "message:post" }>;

/** A call as the thread tells it: one line, whatever happened in it. */
export type CallStory = {
  readonly call: number;
  readonly by: string;
  readonly media: Format;
  readonly at: number;
  readonly activeAt: number | null;
  readonly endedAt: number | null;
  readonly end: CallEnd | null;
  /** What was given as a reason by whoever declined. */
  readonly text: string | null;
  /** The seats whose media was connected at some time. */
  readonly joined: readonly string[];
};

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "new"; readonly key: string }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: Message;
      /** First and last of a run by one author within one minute. */
      readonly first: boolean;
      readonly last: boolean;
    }
  | { readonly kind: "notice"; readonly key: string; readonly notice: Notice }
  | { readonly kind: "call"; readonly key: string; readonly story: CallStory; readonly at: number }
  | { readonly kind: "unsent"; readonly key: string; readonly item: Post; readonly first: boolean };

type Item = Message | Notice;

/** `newAfter`: the shared seq after which others' messages are new, or null for none. */
export function rows(
  view: View,
  pending: readonly Post[],
  me: string,
  newAfter: number | null = null,
): readonly Row[] {
  const items = inOrder(view);
  const stories = callStories(items);
  const found: Row[] = [];
  let dayShown = "";
  let marked = newAfter === null;
  items.forEach((item, index) => {
    const row = rowOf(item, items[index - 1], items[index + 1], stories);
    if (row === null) return;
    const at = momentOf(item);
    const today = new Date(at).toDateString();
    if (today !== dayShown) found.push({ kind: "day", key: `day-${today}`, at });
    dayShown = today;
    if (!marked && row.kind === "message" && item.seq > (newAfter ?? 0) && row.message.by !== me) {
      found.push({ kind: "new", key: "new" });
      marked = true;
    }
    found.push(row);
  });
  const last = items.at(-1);
  return [...found, ...pending.map((item, index) => unsentRow(item, index, last, me))];
}

/** The shared lane, with the reader's own notices in the places that they name. */
function inOrder(view: View): readonly Item[] {
  const own = view.own.map((notice) => ({ notice, after: afterOf(notice) }));
  const found: Item[] = [];
  let next = 0;
  for (const item of view.thread) {
    for (let mine = own[next]; mine !== undefined && mine.after < item.seq; mine = own[next]) {
      found.push(mine.notice);
      next += 1;
    }
    found.push(item);
  }
  return [...found, ...own.slice(next).map(({ notice }) => notice)];
}

function afterOf(notice: Notice): number {
  return "after" in notice.event ? notice.event.after : 0;
}

function momentOf(item: Item): number {
  return item.kind === "message" ? item.at : item.event.at;
}

function rowOf(
  item: Item,
  before: Item | undefined,
  after: Item | undefined,
  stories: ReadonlyMap<number, CallStory>,
): Row | null {
  if (item.kind === "message") {
    const first = !sameGroup(before, item);
    const last = !sameGroup(after, item);
    return { kind: "message", key: `m-${item.seq}`, message: item, first, last };
  }
  if (item.event.type.startsWith("call:")) {
    const story = stories.get(item.seq);
    if (story === undefined) return null;
    return { kind: "call", key: `c-${item.seq}`, story, at: item.event.at };
  }
  return { kind: "notice", key: `n-${item.lane}-${item.seq}`, notice: item };
}

/** Grouped by author and minute. */
function sameGroup(other: Item | undefined, message: Message): boolean {
  return (
    other?.kind === "message" && other.by === message.by && minute(other.at) === minute(message.at)
  );
}

function unsentRow(item: Post, index: number, last: Item | undefined, me: string): Row {
  const follows = last?.kind === "message" && last.by === me && minute(last.at) === minute(item.at);
  return { kind: "unsent", key: `u-${item.id}`, item, first: index === 0 && !follows };
}

function minute(at: number): number {
  return Math.floor(at / 60_000);
}

/** Each call by the seq of its `call:rang`, in whose place it is told. */
function callStories(items: readonly Item[]): ReadonlyMap<number, CallStory> {
  const found = new Map<number, CallStory>();
  let story: CallStory | null = null;
  for (const item of items) {
    if (item.kind === "message" || item.lane !== "shared") continue;
    story = told(story, item);
    if (story !== null) found.set(story.call, story);
  }
  return found;
}

function told(story: CallStory | null, { seq, event, text }: Notice): CallStory | null {
  if (event.type === "call:rang") {
    const { by, media, at } = event;
    const nothing = { activeAt: null, endedAt: null, end: null, text: null, joined: [] };
    return { call: seq, by, media, at, ...nothing };
  }
  if (story === null) return null;
  switch (event.type) {
    case "call:accepted":
      return { ...story, activeAt: event.at };
    case "call:joined":
      return { ...story, joined: [...new Set([...story.joined, event.seat])] };
    case "call:ended":
      return { ...story, endedAt: event.at, end: event.reason, text };
    default:
      return story;
  }
}

/** Whether the call that the thread tells of is still ringing or going on. */
export function isGoing(story: CallStory, call: Call | null): boolean {
  return call !== null && call.call === story.call && call.phase !== "ended";
}
