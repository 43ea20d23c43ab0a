/** What somebody is about to do with a message: answer, change, delete, flag, find, link. */
import { useCallback, useContext, useMemo, useState } from "react";
import { watches } from "../../call-state";
import type { Message } from "../../protocol.gen";
import { LaneContext, useSession, useView } from "../../room";
import { messagePath } from "../../routes";
import { isClosed } from "../../state";
import { thread as words } from "../../strings/thread";
import type { ThreadActions } from "../thread/actions";

type Doing = {
  readonly kind: "reply" | "edit" | "remove" | "flag";
  readonly message: Message;
} | null;

type Wanted = { readonly seq: number; readonly nonce: number } | null;

export type ThreadDesk = {
  readonly actions: ThreadActions;
  readonly replyTo: Message | null;
  readonly editing: Message | null;
  readonly removing: Message | null;
  readonly flagging: Message | null;
  /** The message to scroll to and mark. */
  readonly wanted: Wanted;
  /** A short outcome in words, such as that a link was copied. */
  readonly said: string | null;
  readonly settled: () => void;
  readonly editLast: () => void;
};

const SAID_MS = 4_000;

/** `linked` is the message that the page's address names. */
export function useThreadDesk(linked: number | null): ThreadDesk {
  const session = useSession();
  const { view } = useView();
  const [doing, setDoing] = useState<Doing>(null);
  const [wanted, setWanted] = useState<Wanted>(linked === null ? null : { seq: linked, nonce: 0 });
  const found = linked === null || view.thread.some(({ seq }) => seq === linked);
  const [said, setSaid] = useState<string | null>(found ? null : words.notHere);
  const shared = useContext(LaneContext) === "shared";
  const participates = !watches(view, session.at.seat);
  const writable = !isClosed(view) && participates;

  const say = useCallback((text: string) => {
    setSaid(text);
    setTimeout(() => setSaid((now) => (now === text ? null : now)), SAID_MS);
  }, []);
  const actions = useMemo<ThreadActions>(
    () => ({
      reply: (message) => setDoing({ kind: "reply", message }),
      edit: (message) => setDoing({ kind: "edit", message }),
      remove: (message) => setDoing({ kind: "remove", message }),
      flag: (message) => setDoing({ kind: "flag", message }),
      copyLink: (message) => {
        const address = new URL(messagePath(session.at, message.seq), location.href).href;
        navigator.clipboard.writeText(address).then(
          () => say(words.linkCopied),
          () => say(address),
        );
      },
      show: (seq) => setWanted((before) => ({ seq, nonce: (before?.nonce ?? 0) + 1 })),
      retry: (id) => session.outbox.retry(id),
      discard: (id) => session.outbox.discard(id),
      writable,
      public: shared && participates,
    }),
    [session, say, writable, shared, participates],
  );
  const settled = useCallback(() => setDoing(null), []);
  const editLast = (): void => {
    const last = view.thread.findLast(
      (item) => item.kind === "message" && item.by === session.at.seat && item.state === "kept",
    );
    if (last?.kind === "message") setDoing({ kind: "edit", message: last });
  };
  const of = (kind: NonNullable<Doing>["kind"]) => (doing?.kind === kind ? doing.message : null);
  return {
    actions,
    replyTo: of("reply"),
    editing: of("edit"),
    removing: of("remove"),
    flagging: of("flag"),
    wanted,
    said,
    settled,
    editLast,
  };
}
