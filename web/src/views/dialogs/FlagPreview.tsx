/** The messages that a flag would show to the moderators, as they stand now. */
import { plain } from "../../markdown";
import type { Message, View } from "../../protocol.gen";
import { useView } from "../../room";
import { clock, nameOf } from "../../strings/names";
import { room as words } from "../../strings/room";
import { thread } from "../../strings/thread";
import styles from "./Dialogs.module.css";

type Props = { readonly message: Message; readonly before: number; readonly after: number };

export function FlagPreview({ message, before, after }: Props) {
  const { view } = useView();
  const shown = windowOf(view, message.seq, before, after);
  return (
    <div className={styles["preview"]} role="group" aria-label={words.flag.preview} tabIndex={0}>
      <ol>
        {shown.map((item) => (
          <li key={item.seq} data-flagged={item.seq === message.seq || undefined}>
            <div className={styles["previewHead"]}>
              <bdi>{nameOf(view, item.by)}</bdi>
              <time>{clock(item.at)}</time>
              {item.seq === message.seq && <strong>{words.flag.flagged}</strong>}
            </div>
            <bdi>{textOf(item)}</bdi>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** The flagged message with its neighbours among the messages, in order. */
function windowOf(view: View, seq: number, before: number, after: number): readonly Message[] {
  const messages = view.thread.filter((item) => item.kind === "message");
  const at = messages.findIndex((item) => item.seq === seq);
  return at < 0 ? [] : messages.slice(Math.max(0, at - before), at + after + 1);
}

function textOf(message: Message): string {
  const text = message.versions.at(-1)?.text ?? null;
  if (text !== null) return plain(text, 220);
  return message.state === "hidden" ? thread.hidden : words.flag.gone;
}
