/** Says what is new, once and in its order, to whoever listens rather than looks. */
import { useEffect, useRef, useState } from "react";
import type { View } from "../../protocol.gen";
import { useInterview } from "../../room";
import { thread as words } from "../../strings/thread";
import { type News as One, newsOf, stands } from "./news";

/** A log is read as it grows; what was read long ago need not lie about. */
const KEPT = 20;

type Line = One & { readonly key: number };

/** Around all faces of the interview, so that it is there before what it says. */
export function News() {
  const { at, view } = useInterview();
  const before = useRef<View | null>(null);
  const [lines, setLines] = useState<readonly Line[]>([]);
  useEffect(() => {
    // What the page opened with is not news.
    const found = before.current && view ? newsOf(before.current, view, at.seat) : [];
    before.current = view;
    if (found.length > 0) setLines((earlier) => grown(earlier, found));
  }, [view, at.seat]);
  return (
    <div className="sr-only" role="log" aria-label={words.news}>
      {lines.map(
        (line) => view !== null && stands(line, view) && <p key={line.key}>{line.text}</p>,
      )}
    </div>
  );
}

/** Equal texts are lines of their own: each is said. */
function grown(earlier: readonly Line[], found: readonly One[]): readonly Line[] {
  const next = (earlier.at(-1)?.key ?? 0) + 1;
  return [...earlier, ...found.map((one, index) => ({ ...one, key: next + index }))].slice(-KEPT);
}
