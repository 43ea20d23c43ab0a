/** How much of a long thread is drawn: its end, and what somebody asks for before that. */
import { useEffect, useMemo, useState } from "react";
import type { Message } from "../../protocol.gen";
import type { Row } from "./rows";

/** So many lines are drawn at first, and with every step towards the beginning. */
const STEP = 200;
/** At the end of the thread, what is more than this is taken from its beginning again. */
const MOST = 2 * STEP;
/** Lines before a message that was looked for. */
const CONTEXT = 20;

type Wanted = { readonly seq: number; readonly nonce: number } | null;

type Recent = {
  readonly shown: readonly Row[];
  /** Those among the shown lines. */
  readonly messages: readonly Message[];
  /** Draws more of what is earlier; null when all of it is drawn. */
  readonly earlier: (() => void) | null;
};

/** `stay` keeps what is under the reader's eyes in its place when the next drawing adds above it. */
export function useRecent(
  lines: readonly Row[],
  wanted: Wanted,
  atEnd: boolean,
  stay: () => void,
): Recent {
  const [hidden, setHidden] = useState(Math.max(0, lines.length - STEP));
  const [count, setCount] = useState(lines.length);
  const [found, setFound] = useState<Wanted>(null);
  // As the thread grows, or is looked into: never because of the scrolling that follows.
  if (count !== lines.length) {
    setCount(lines.length);
    if (atEnd && lines.length - hidden > MOST) setHidden(lines.length - STEP);
    else if (hidden > lines.length) setHidden(Math.max(0, lines.length - STEP));
  }
  if (found !== wanted) {
    setFound(wanted);
    const at = lines.findIndex((row) => row.kind === "message" && row.message.seq === wanted?.seq);
    if (at !== -1 && at < hidden) setHidden(Math.max(0, at - CONTEXT));
  }

  // The keyboard goes on from where it was: the button may be gone.
  const [from, setFrom] = useState<number | null>(null);
  useEffect(() => {
    if (from !== null) document.getElementById(`m-${from}`)?.focus({ preventScroll: true });
  }, [from]);

  const shown = useMemo(() => recent(lines, hidden), [lines, hidden]);
  const messages = useMemo(() => shown.flatMap(messageOf), [shown]);
  const earlier = (): void => {
    stay();
    setFrom(messages[0]?.seq ?? null);
    setHidden(Math.max(0, hidden - STEP));
  };
  return { shown, messages, earlier: hidden > 0 ? earlier : null };
}

/** The lines after the hidden ones, below the day that they belong to. */
function recent(lines: readonly Row[], hidden: number): readonly Row[] {
  const shown = lines.slice(hidden);
  if (hidden === 0 || shown[0]?.kind === "day") return shown;
  const day = lines.slice(0, hidden).findLast(({ kind }) => kind === "day");
  return day === undefined ? shown : [day, ...shown];
}

function messageOf(row: Row): readonly Message[] {
  return row.kind === "message" ? [row.message] : [];
}
