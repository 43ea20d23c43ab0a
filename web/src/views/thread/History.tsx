/** The earlier versions of an edited message. */
import { Popover, UnstyledButton } from "@mantine/core";
import type { Message } from "../../protocol.gen";
import { clock, day } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import { Markdown } from "./Markdown";
import styles from "./Thread.module.css";

type Props = { readonly message: Message; readonly author: string; readonly active: boolean };

export function History({ message, author, active }: Props) {
  const earlier = message.versions.slice(0, -1).toReversed();
  return (
    <Popover width={340} position="bottom-start" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className={styles["edited"] ?? ""} tabIndex={active ? 0 : -1}>
          {words.edited}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.history}>
        <h3 className={styles["historyTitle"]}>
          {words.history} · <bdi>{author}</bdi>
        </h3>
        <ol className={styles["history"]}>
          {earlier.map((version) => (
            <li key={version.seq}>
              <time dateTime={new Date(version.at).toISOString()}>
                {day(version.at)}, {clock(version.at)}
              </time>
              <Markdown text={version.text ?? ""} />
            </li>
          ))}
        </ol>
      </Popover.Dropdown>
    </Popover>
  );
}
