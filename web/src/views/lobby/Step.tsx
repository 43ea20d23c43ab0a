/** One step of a check: how it stands, in a word and a sentence; never in anybody's way. */
import { Button, Progress } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconClock,
  IconLoader2,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type StepState, lobby as words } from "../../strings/lobby";
import styles from "./Lobby.module.css";

const ICON: { readonly [K in StepState]: ReactNode } = {
  idle: <IconCircleDashed size={22} />,
  running: <IconLoader2 size={22} />,
  passed: <IconCircleCheck size={22} />,
  warning: <IconAlertTriangle size={22} />,
  failed: <IconCircleX size={22} />,
  skipped: <IconCircleMinus size={22} />,
  late: <IconClock size={22} />,
};

type Props = {
  readonly title: string;
  readonly state: StepState;
  /** What it means, in a sentence. */
  readonly said: string;
  /** 0 to 1, where it is known. */
  readonly progress?: number;
  readonly children?: ReactNode;
  /** Goes on without; absent where there is nothing to wait for. */
  readonly onSkip?: (() => void) | undefined;
};

export function Step({ title, state, said, progress, children, onSkip }: Props) {
  return (
    <li className={styles["step"]} data-state={state}>
      <span className={styles["icon"]} aria-hidden>
        {ICON[state]}
      </span>
      <div className={styles["body"]}>
        <h3 className={styles["name"]}>
          {title}
          <span className="sr-only">: {words.state[state]}</span>
        </h3>
        <p className={styles["said"]}>
          <span role="status">{said}</span>
          {/* The bar has this, too, for whoever asks: a word for each step would be a flood. */}
          {progress !== undefined && <span aria-hidden>{words.percent(progress)}</span>}
        </p>
        {progress !== undefined && (
          <Progress value={progress * 100} size="sm" aria-label={title} transitionDuration={300} />
        )}
        {children}
      </div>
      {onSkip !== undefined && (
        <Button
          variant="subtle"
          color="gray"
          c="dimmed"
          size="compact-md"
          className={styles["skip"] ?? ""}
          aria-label={`${words.skip}: ${title}`}
          onClick={onSkip}
        >
          {words.skip}
        </Button>
      )}
    </li>
  );
}
