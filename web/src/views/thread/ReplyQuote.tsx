/** The message that another one answers, in one line; leads there. */
import { UnstyledButton } from "@mantine/core";
import { plain } from "../../markdown";
import type { View } from "../../protocol.gen";
import { nameIn } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import styles from "./Thread.module.css";

type Props = {
  readonly view: View;
  readonly seq: number;
  readonly onShow: (seq: number) => void;
};

export function ReplyQuote({ view, seq, onShow }: Props) {
  const found = view.thread.find((item) => item.seq === seq);
  if (found?.kind !== "message") return null;
  const text = found.versions.at(-1)?.text ?? null;
  return (
    <UnstyledButton className={styles["quote"] ?? ""} onClick={() => onShow(seq)} tabIndex={-1}>
      <span className={styles["quoteAuthor"]}>{words.replyTo(nameIn(view, found.by))}</span>
      <bdi className={styles["quoteText"]}>
        {text === null ? words.replyGone : plain(text, 160)}
      </bdi>
    </UnstyledButton>
  );
}
