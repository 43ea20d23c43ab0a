/** Says once, to whoever listens rather than looks, what the other side has just written. */
import { useEffect, useRef, useState } from "react";
import { plain } from "../../markdown";
import type { Message } from "../../protocol.gen";
import { useView } from "../../room";
import { nameOf } from "../../strings/names";
import { thread as words } from "../../strings/thread";

export function NewMessages({ messages }: { readonly messages: readonly Message[] }) {
  const { state, view } = useView();
  const [said, setSaid] = useState("");
  // What the page opened with is not news.
  const told = useRef(messages.at(-1)?.seq ?? 0);
  useEffect(() => {
    const news = messages.filter(({ seq, by }) => seq > told.current && by !== state.at.seat);
    told.current = Math.max(told.current, messages.at(-1)?.seq ?? 0);
    const latest = news.at(-1);
    const text = latest?.versions.at(-1)?.text ?? null;
    if (latest !== undefined && text !== null) {
      setSaid(words.announced(nameOf(view, latest.by), plain(text, 300)));
    }
  }, [messages, state.at.seat, view]);
  return (
    <div className="sr-only" role="status">
      {said}
    </div>
  );
}
