/** The text in the composer: its draft outlives the page, and sending hands it to the outbox. */
import { useCallback, useContext, useEffect, useState } from "react";
import { type Message, TEXT_MAX } from "../../protocol.gen";
import { LaneContext } from "../../room";
import type { Session } from "../../session";
import type { Lane } from "../../state";

export type Writing = {
  readonly text: string;
  readonly sendable: boolean;
  /** Too many messages wait to be sent already. */
  readonly full: boolean;
  readonly write: (text: string) => void;
  readonly send: () => void;
  /** Leaves the reply or the edit; an edit's text is forgotten, a reply's stays. */
  readonly giveUp: () => void;
};

type Options = {
  readonly session: Session;
  readonly replyTo: Message | null;
  readonly editing: Message | null;
  readonly onDone: () => void;
};

export function useWriting({ session, replyTo, editing, onDone }: Options): Writing {
  const lane = useContext(LaneContext);
  const at = `${session.at.interview}:${session.at.seat}`;
  const key = lane === "side" ? `parley:draft:side:${at}` : `parley:draft:${at}`;
  const [draft, setDraft] = useState(() => localStorage.getItem(key) ?? "");
  const [changed, setChanged] = useState<{ readonly seq: number; readonly text: string } | null>(
    null,
  );
  const [full, setFull] = useState(false);
  const text = editing === null ? draft : changedText(editing, changed);

  useEffect(() => keep(key, draft), [key, draft]);

  const write = useCallback(
    (next: string) => {
      setFull(false);
      if (editing !== null) {
        setChanged({ seq: editing.seq, text: next });
        return;
      }
      setDraft(next);
      session.setTyping(next.trim() !== "", lane);
    },
    [editing, session, lane],
  );
  const tidy = text.trim();
  const sendable = tidy !== "" && characters(tidy) <= TEXT_MAX;
  const giveUp = (): void => {
    setChanged(null);
    onDone();
  };
  const send = (): void => {
    if (!sendable) return;
    if (!handedOver(session, lane, { text: tidy, replyTo, editing })) {
      setFull(true);
      return;
    }
    session.setTyping(false, lane);
    if (editing === null) setDraft("");
    giveUp();
  };
  return { text, sendable, full, write, send, giveUp };
}

function changedText(
  editing: Message,
  changed: { readonly seq: number; readonly text: string } | null,
): string {
  if (changed !== null && changed.seq === editing.seq) return changed.text;
  return editing.versions.at(-1)?.text ?? "";
}

type Said = {
  readonly text: string;
  readonly replyTo: Message | null;
  readonly editing: Message | null;
};

/** False when too many wait already. */
function handedOver(session: Session, lane: Lane, { text, replyTo, editing }: Said): boolean {
  const where = lane === "side" ? { side: true } : {};
  if (editing === null) {
    const payload = { ...where, text, ...(replyTo === null ? {} : { replyTo: replyTo.seq }) };
    return session.outbox.add({ name: "message:post", payload }, session.headOf(lane));
  }
  if (text === editing.versions.at(-1)?.text) return true;
  const payload = { ...where, message: editing.seq, text };
  return session.outbox.add({ name: "message:edit", payload }, session.headOf(lane));
}

function keep(key: string, draft: string): void {
  try {
    if (draft === "") localStorage.removeItem(key);
    else localStorage.setItem(key, draft);
  } catch {
    // Storage may be full or forbidden: the draft then lives as long as the page.
  }
}

/** Length as the server counts it: in code points, not in UTF-16 units. */
export function characters(text: string): number {
  const pairs = text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g)?.length ?? 0;
  return text.length - pairs;
}
