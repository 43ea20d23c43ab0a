/** A message that the server has not confirmed yet, where it will stand. */
import { useView } from "../../room";
import type { Unsent } from "../../state";
import { Markdown } from "./Markdown";
import { ReplyQuote, quoted } from "./ReplyQuote";
import { Tick } from "./Tick";
import { Undelivered } from "./Undelivered";
import type { ThreadActions } from "./actions";
import styles from "./Thread.module.css";

type Props = {
  readonly item: Extract<Unsent, { name: "message:post" }>;
  readonly first: boolean;
  readonly actions: ThreadActions;
};

export function UnsentRow({ item, first, actions }: Props) {
  const { view } = useView();
  const { text, replyTo } = item.payload;
  const quote = quoted(view, replyTo);
  return (
    <li className={styles["row"]} data-own data-first={first || undefined} data-unsent>
      <div className={styles["line"]}>
        <div className={styles["bubble"]}>
          {typeof replyTo === "number" && quote !== null && (
            <ReplyQuote {...quote} seq={replyTo} onShow={actions.show} />
          )}
          <Markdown text={text} />
          <div className={styles["foot"]}>
            {item.state.kind !== "refused" && <Tick state={item.state.kind} />}
          </div>
        </div>
      </div>
      <Undelivered item={item} actions={actions} />
    </li>
  );
}
