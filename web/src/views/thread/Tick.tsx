/** How far an own message has come, as one small sign with its meaning in words. */
import { IconCheck, IconChecks, IconClock } from "@tabler/icons-react";
import type { Reach } from "../../state";
import { thread as words } from "../../strings/thread";
import styles from "./Thread.module.css";

type State = Reach | "waiting" | "sending";

export function Tick({ state }: { readonly state: State }) {
  return (
    <span
      className={styles["tick"]}
      data-state={state}
      role="img"
      aria-label={words.ticks[state]}
      title={words.ticks[state]}
    >
      {sign(state)}
    </span>
  );
}

function sign(state: State) {
  switch (state) {
    case "waiting":
    case "sending":
      return <IconClock size={15} stroke={1.8} aria-hidden />;
    case "kept":
      return <IconCheck size={16} stroke={2} aria-hidden />;
    case "delivered":
    case "read":
      return <IconChecks size={16} stroke={2} aria-hidden />;
  }
}
