/** One message: who, when, what, and how far it has come. */
import { type PointerEvent, memo, useEffect, useRef, useState } from "react";
import type { Message } from "../../protocol.gen";
import type { Reach, Unsent } from "../../state";
import { clock } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import { History } from "./History";
import { Markdown } from "./Markdown";
import { MessageActions } from "./MessageActions";
import { ReplyQuote } from "./ReplyQuote";
import { Tick } from "./Tick";
import { Undelivered } from "./Undelivered";
import type { ThreadActions } from "./actions";
import styles from "./Thread.module.css";

/** As long as phones take for a long press of their own. */
const LONG_PRESS_MS = 480;

// Plain values rather than the view, which is another one at every event: a thousand messages are
// then not drawn again for one.
type Props = {
  readonly message: Message;
  readonly own: boolean;
  readonly author: string;
  /** Whom and what it answers; null where it answers nothing. */
  readonly quoteAuthor: string | null;
  readonly quoteText: string | null;
  readonly first: boolean;
  readonly last: boolean;
  readonly reach: Reach;
  /** Whether the keyboard is here: only then are its buttons in the order of Tab. */
  readonly active: boolean;
  readonly highlighted: boolean;
  /** An own edit or deletion that the server has not confirmed. */
  readonly unsent: Unsent | null;
  readonly actions: ThreadActions;
};

export const MessageRow = memo(function MessageRow(props: Props) {
  const { message, own, first, active, highlighted, unsent, actions } = props;
  const nearness = useNearness();
  const acting = (active || nearness.near) && !(own && message.state !== "kept");
  return (
    // One message is in the order of Tab at a time; the arrow keys move among them (Thread.tsx).
    <li
      id={`m-${message.seq}`}
      className={styles["row"]}
      data-own={own || undefined}
      data-first={first || undefined}
      data-highlighted={highlighted || undefined}
      tabIndex={active ? 0 : -1}
      data-seq={message.seq}
      {...nearness.handlers}
    >
      {first && <Heading {...props} />}
      <div className={styles["line"]}>
        <Bubble {...props} />
        {acting && (
          <MessageActions
            message={message}
            own={own}
            active={active}
            actions={actions}
            open={nearness.open}
            onOpen={nearness.setOpen}
          />
        )}
      </div>
      {unsent !== null && <Undelivered item={unsent} actions={actions} />}
    </li>
  );
});

/** Whether a pointer is or was at the message: its buttons are made only then. */
function useNearness() {
  const [near, setNear] = useState(false);
  const [open, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const stop = (): void => clearTimeout(timer.current);
  useEffect(() => () => clearTimeout(timer.current), []);
  const handlers = {
    onPointerEnter: () => setNear(true),
    onFocus: () => setNear(true),
    // A finger that rests on the message; a mouse has hover instead.
    onPointerDown: ({ pointerType }: PointerEvent) => {
      if (pointerType === "mouse") return;
      stop();
      timer.current = setTimeout(() => setOpen(true), LONG_PRESS_MS);
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onPointerMove: stop,
  };
  return { near, open, setOpen, handlers };
}

function Heading({ message, own, author }: Props) {
  return (
    <div className={styles["heading"]}>
      <bdi className={own ? "sr-only" : styles["author"]}>{author}</bdi>
      <time dateTime={new Date(message.at).toISOString()}>{clock(message.at)}</time>
    </div>
  );
}

function Bubble(props: Props) {
  const { message, quoteAuthor, quoteText, actions } = props;
  return (
    <div className={styles["bubble"]} data-gone={message.state !== "kept" || undefined}>
      {message.replyTo !== null && quoteAuthor !== null && (
        <ReplyQuote
          author={quoteAuthor}
          text={quoteText}
          seq={message.replyTo}
          onShow={actions.show}
        />
      )}
      <Body {...props} />
      <Foot {...props} />
    </div>
  );
}

function Body({ message, own, author, unsent }: Props) {
  if (message.state === "hidden") return <p className={styles["gone"]}>{words.hidden}</p>;
  if (message.state === "deleted") {
    return <p className={styles["gone"]}>{own ? words.deletedSelf : words.deleted(author)}</p>;
  }
  const kept = message.versions.at(-1)?.text ?? "";
  return <Markdown text={unsent?.name === "message:edit" ? unsent.payload.text : kept} />;
}

function Foot({ message, own, author, last, reach, active }: Props) {
  if (message.state !== "kept") return null;
  const edited = message.versions.length > 1;
  const ticked = own && last;
  if (!edited && !ticked) return null;
  return (
    <div className={styles["foot"]}>
      {edited && <History author={author} message={message} active={active} />}
      {ticked && <Tick state={reach} />}
    </div>
  );
}
