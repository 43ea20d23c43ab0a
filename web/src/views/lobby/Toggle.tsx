/** A square button that switches a device on and off. */
import type { ReactNode } from "react";
import styles from "./Lobby.module.css";

type Props = {
  readonly label: string;
  readonly on: boolean;
  /** Switched on, switched off. */
  readonly icons: readonly [ReactNode, ReactNode];
  readonly onToggle: () => void;
};

export function Toggle({ label, on, icons, onToggle }: Props) {
  return (
    <button
      type="button"
      className={styles["toggle"]}
      aria-pressed={on}
      aria-label={label}
      onClick={onToggle}
    >
      {icons[on ? 0 : 1]}
    </button>
  );
}
