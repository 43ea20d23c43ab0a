/** One control of a call: a sign and its word, pressed or not, with its key. */
import type { ComponentPropsWithRef, ReactNode } from "react";
import styles from "./StageBar.module.css";

type Props = Omit<ComponentPropsWithRef<"button">, "className" | "title" | "type"> & {
  readonly label: string;
  readonly icon: ReactNode;
  /** Absent where a menu opens. */
  readonly onPress?: () => void;
  readonly keys?: string;
  /** For switches: whether it is on. */
  readonly pressed?: boolean;
  readonly danger?: boolean;
};

export function Control({ label, icon, onPress, keys, pressed, danger = false, ...menu }: Props) {
  return (
    <button
      {...menu}
      type="button"
      className={styles["control"]}
      data-danger={danger}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      title={keys === undefined ? label : `${label} (${keys.replace("+", " + ")})`}
      onClick={onPress ?? menu.onClick}
    >
      {icon}
      <span>{label}</span>
    </button>
  );
}
