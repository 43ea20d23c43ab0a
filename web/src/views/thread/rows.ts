/**
 * What the thread shows, line by line: messages in groups, days, notices in their place, whole calls.
 *
 * Pure; `Thread.tsx` draws it.
 */
import { type CallSummary, isWithinCall, summarizeCall } from "../../call-summary";
import type { Message, Notice, View } from "../../protocol.gen";
import type { Unsent } from "../../state";

type Post = Extract<Unsent, { name: "message:post" }>;

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
  | { readonly kind: "call"; readonly key: string; readonly call: CallSummary }
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
  const found: Row[] = [];
  let dayShown = "";
  let marked = newAfter === null;
  items.forEach((item, index) => {
    const row = rowOf(item, items[index - 1], items[index + 1], view);
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
  view: View,
): Row | null {
  if (item.kind === "message") {
    const first = !sameGroup(before, item);
    const last = !sameGroup(after, item);
    return { kind: "message", key: `m-${item.seq}`, message: item, first, last };
  }
  if (isWithinCall(item)) return null;
  if (item.event.type === "call:rang") {
    const call = summarizeCall(view.thread, item.seq);
    return call === null ? null : { kind: "call", key: `c-${item.seq}`, call };
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
