/** The message that another one answers, in one line; leads there. */
import { UnstyledButton } from "@mantine/core";
import { plain } from "../../markdown";
import type { View } from "../../protocol.gen";
import { nameIn } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import styles from "./Thread.module.css";

type Props = {
  readonly author: string;
  /** Null where it may not be told any more. */
  readonly text: string | null;
  readonly seq: number;
  readonly onShow: (seq: number) => void;
};

export function ReplyQuote({ author, text, seq, onShow }: Props) {
  return (
    <UnstyledButton className={styles["quote"] ?? ""} onClick={() => onShow(seq)} tabIndex={-1}>
      <span className={styles["quoteAuthor"]}>{words.replyTo(author)}</span>
      <bdi className={styles["quoteText"]}>
        {text === null ? words.replyGone : plain(text, 160)}
      </bdi>
    </UnstyledButton>
  );
}

/** Whom and what a message answers; null where it answers none that is here. */
export function quoted(view: View, seq: number | null | undefined) {
  const found = view.thread.find((item) => item.seq === seq);
  if (found?.kind !== "message") return null;
  return { author: nameIn(view, found.by), text: found.versions.at(-1)?.text ?? null };
}
