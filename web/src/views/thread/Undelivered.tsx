/** What stands below something that the server has not confirmed: where it is, what can be done. */
import { Button, Group } from "@mantine/core";
import { useInterview } from "../../room";
import type { Unsent } from "../../state";
import { thread as words } from "../../strings/thread";
import type { ThreadActions } from "./actions";
import styles from "./Thread.module.css";

type Props = { readonly item: Unsent; readonly actions: ThreadActions };

export function Undelivered({ item, actions }: Props) {
  const { link } = useInterview();
  if (item.state.kind === "refused") {
    return (
      <div className={styles["refused"]} role="alert">
        <span>
          <strong>{words.refused}.</strong> {item.state.refusal.message}
        </span>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => actions.retry(item.id)}>
            {words.retry}
          </Button>
          <Button size="xs" variant="subtle" color="gray" onClick={() => actions.discard(item.id)}>
            {words.discard}
          </Button>
        </Group>
      </div>
    );
  }
  if (item.state.notSaved === true && link.kind === "live") {
    return (
      <div className={styles["waiting"]} role="status">
        {words.notSaved}
      </div>
    );
  }
  if (item.state.kind === "waiting") {
    const text = link.kind === "live" ? words.waitingLive : words.waitingOffline;
    return <div className={styles["waiting"]}>{text}</div>;
  }
  // A message under way carries a tick of its own; a change to an old one says so in words.
  if (item.name === "message:post") return null;
  const text = item.name === "message:edit" ? words.editing : words.deleting;
  return <div className={styles["waiting"]}>{text}</div>;
}
