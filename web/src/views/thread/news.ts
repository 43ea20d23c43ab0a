/** What is worth saying aloud of what a view holds more than the one before. Pure; `News.tsx` says it. */
import { summarizeCall } from "../../call-summary";
import { plain } from "../../markdown";
import type { Message, Notice, View } from "../../protocol.gen";
import type { Lane } from "../../state";
import { measures, nameOf, outcomes } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import { story } from "./CallRow";
import { sentence } from "./NoticeRow";

export type News = {
  readonly text: string;
  /** The message that it quotes, which may be withdrawn later. */
  readonly quotes: { readonly lane: Lane; readonly seq: number } | null;
};

type Item = Message | Notice;

/** More messages than this at once, as after a while without a network, are counted. */
const MANY = 4;
const LONGEST = 300;

/** In the order of the threads; of oneself the outcomes, of the others what they did. */
export function newsOf(before: View, now: View, me: string): readonly News[] {
  return [
    ...inThread("shared", before.thread, now, me),
    ...inThread("side", before.side, now, me),
    ...now.own.slice(before.own.length).flatMap((notice) => plainly(privately(notice))),
  ];
}

/** Whether what it quotes can still be read. */
export function stands({ quotes }: News, view: View): boolean {
  if (quotes === null) return true;
  // From the end, where news is: a thread may be long.
  const found = threadOf(view, quotes.lane).findLast(({ seq }) => seq === quotes.seq);
  return found !== undefined && isKept(found);
}

function inThread(lane: Lane, before: readonly Item[], view: View, me: string): readonly News[] {
  const thread = threadOf(view, lane);
  const added = thread.slice(before.length);
  const others = added.filter((one) => isKept(one) && one.by !== me).length;
  const changes = before.flatMap((one, at) => changed(one, thread[at], view, me));
  const said = added.flatMap((one) => {
    if (one.kind === "notice") return plainly(told(one, view, me));
    if (others > MANY && one.by !== me) return [];
    return posted(one, lane, view, me);
  });
  return [...changes, ...said, ...plainly(others > MANY ? words.unread(others) : null)];
}

function posted(message: Message, lane: Lane, view: View, me: string): readonly News[] {
  const text = message.versions.at(-1)?.text ?? null;
  if (text === null) return [];
  if (message.by === me) return plainly(words.sent);
  const who = nameOf(view, message.by);
  const said = words[lane === "side" ? "announcedAside" : "announced"](who, plain(text, LONGEST));
  return [{ text: said, quotes: { lane, seq: message.seq } }];
}

/** What became of a message that was there before. */
function changed(before: Item, now: Item | undefined, view: View, me: string): readonly News[] {
  if (before === now || before.kind !== "message" || now?.kind !== "message") return [];
  const own = now.by === me;
  const who = nameOf(view, now.by);
  if (before.state === "kept" && now.state === "hidden") return plainly(words.hiddenNow);
  if (before.state === "kept" && now.state === "deleted") {
    return plainly(own ? words.withdrawnSelf : words.withdrawn(who));
  }
  if (now.versions.length === before.versions.length) return [];
  return plainly(own ? words.changedSelf : words.changed(who));
}

/** A line or a card of the thread, where nothing else on the page says it. */
function told(notice: Notice, view: View, me: string): string | null {
  const { event, text } = notice;
  if (event.type === "call:ended") return callOver(notice, view);
  if (event.type === "call:muted" && event.seat === me) return null; // there is an alert
  return together(sentence(event, view), text);
}

function callOver(notice: Notice, view: View): string | null {
  const rang = view.thread.findLast(
    (one) => one.kind === "notice" && one.event.type === "call:rang" && one.seq < notice.seq,
  );
  const call = rang === undefined ? null : summarizeCall(view.thread, rang.seq);
  if (call === null) return null;
  return together(`${words.call.title(call.media)}: ${story(call, view, null)}`, call.reason);
}

/** What only the reader is told. */
function privately({ event, text }: Notice): string | null {
  switch (event.type) {
    case "flag:received":
      return together(words.notices.flagReceived, words.notices.flagWaiting);
    case "flag:answered":
      return together(`${words.notices.flagAnswered}: ${outcomes[event.action]}`, text);
    case "person:warned":
      return together(measures[event.action], text);
    default:
      return null;
  }
}

function together(first: string | null, then: string | null): string | null {
  if (first === null || then === null || then === "") return first;
  return `${first}${/[.!?]$/.test(first) ? "" : "."} ${plain(then, LONGEST)}`;
}

function plainly(text: string | null): readonly News[] {
  return text === null ? [] : [{ text, quotes: null }];
}

function threadOf(view: View, lane: Lane): readonly Item[] {
  return lane === "side" ? view.side : view.thread;
}

function isKept(item: Item): item is Message {
  return item.kind === "message" && item.state === "kept";
}
