/** What stands in the composer's place once nothing can be written any more. */
import { Group } from "@mantine/core";
import { useView } from "../../room";
import { moment } from "../../strings/names";
import { room as words } from "../../strings/room";
import { Downloads } from "./Downloads";
import styles from "./Room.module.css";

export function Closed() {
  const { view } = useView();
  const when = moment(view.closedAt ?? view.createdAt);
  const text = view.phase === "declined" ? words.closed.declined(when) : words.closed.ended(when);
  return (
    <section className={styles["closed"]}>
      <p>{text}</p>
      <Group gap="xs" justify="center">
        <Downloads />
      </Group>
    </section>
  );
}
