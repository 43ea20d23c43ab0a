/** One message: who, when, what, and how far it has come. */
import { memo } from "react";
import type { Message, Version, View } from "../../protocol.gen";
import type { Reach, Unsent } from "../../state";
import { clock, nameIn, nameOf } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import { History } from "./History";
import { Markdown } from "./Markdown";
import { MessageActions } from "./MessageActions";
import { ReplyQuote } from "./ReplyQuote";
import { Tick } from "./Tick";
import { Undelivered } from "./Undelivered";
import type { ThreadActions } from "./actions";
import styles from "./Thread.module.css";

type Props = {
  readonly message: Message;
  readonly view: View;
  readonly me: string;
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
  const { message, view, me, first, last, active, highlighted, unsent, actions } = props;
  const own = message.by === me;
  const current = message.versions.at(-1);
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
    >
      {first && <Heading view={view} message={message} own={own} />}
      <div className={styles["line"]}>
        <div className={styles["bubble"]} data-gone={message.state !== "kept" || undefined}>
          {message.replyTo !== null && (
            <ReplyQuote view={view} seq={message.replyTo} onShow={actions.show} />
          )}
          <Body {...{ message, view, own, current, unsent }} />
          <Foot {...props} own={own} last={last} />
        </div>
        {!(own && message.state !== "kept") && (
          <MessageActions message={message} own={own} active={active} actions={actions} />
        )}
      </div>
      {unsent !== null && <Undelivered item={unsent} actions={actions} />}
    </li>
  );
});

function Heading({
  view,
  message,
  own,
}: {
  readonly view: View;
  readonly message: Message;
  readonly own: boolean;
}) {
  return (
    <div className={styles["heading"]}>
      <bdi className={own ? "sr-only" : styles["author"]}>{nameOf(view, message.by)}</bdi>
      <time dateTime={new Date(message.at).toISOString()}>{clock(message.at)}</time>
    </div>
  );
}

type BodyProps = {
  readonly message: Message;
  readonly view: View;
  readonly own: boolean;
  readonly current: Version | undefined;
  readonly unsent: Unsent | null;
};

function Body({ message, view, own, current, unsent }: BodyProps) {
  if (message.state === "hidden") return <p className={styles["gone"]}>{words.hidden}</p>;
  if (message.state === "deleted") {
    const text = own ? words.deletedSelf : words.deleted(nameIn(view, message.by));
    return <p className={styles["gone"]}>{text}</p>;
  }
  const text = unsent?.name === "message:edit" ? unsent.payload.text : (current?.text ?? "");
  return <Markdown text={text} />;
}

function Foot({ message, own, last, reach, view, active }: Props & { readonly own: boolean }) {
  if (message.state !== "kept") return null;
  const edited = message.versions.length > 1;
  const ticked = own && last;
  if (!edited && !ticked) return null;
  return (
    <div className={styles["foot"]}>
      {edited && <History view={view} message={message} active={active} />}
      {ticked && <Tick state={reach} />}
    </div>
  );
}
