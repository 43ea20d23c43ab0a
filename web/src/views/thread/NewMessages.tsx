/** Says once, to whoever listens rather than looks, what the other side has just written. */
import { useEffect, useRef, useState } from "react";
import { plain } from "../../markdown";
import type { Message } from "../../protocol.gen";
import { useView } from "../../room";
import { nameOf } from "../../strings/names";
import { thread as words } from "../../strings/thread";

export function NewMessages({ messages }: { readonly messages: readonly Message[] }) {
  const { state, view } = useView();
  const [latest, setLatest] = useState(0);
  // What the page opened with is not news.
  const told = useRef(messages.at(-1)?.seq ?? 0);
  useEffect(() => {
    const news = messages.filter(({ seq, by }) => seq > told.current && by !== state.at.seat);
    told.current = Math.max(told.current, messages.at(-1)?.seq ?? 0);
    const newest = news.at(-1);
    if (newest !== undefined) setLatest(newest.seq);
  }, [messages, state.at.seat]);
  // Asked of the thread at every drawing: what was withdrawn must not linger here.
  const message = messages.find(({ seq }) => seq === latest);
  const text = message?.versions[0]?.text ?? null;
  return (
    <div className="sr-only" role="status">
      {message !== undefined &&
        text !== null &&
        words.announced(nameOf(view, message.by), plain(text, 300))}
    </div>
  );
}
