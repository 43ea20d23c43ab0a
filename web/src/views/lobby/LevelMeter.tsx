/** A bar as long as the voice is loud. */
import { useCallback } from "react";
import styles from "./Lobby.module.css";
import { useLevel } from "../call/useLevel";

type Props = { readonly label: string; readonly level: () => number };

export function LevelMeter({ label, level }: Props) {
  const draw = useCallback((element: HTMLElement, loud: number) => {
    element.style.setProperty("--loud", loud.toFixed(2));
    element.setAttribute("aria-valuenow", String(Math.round(loud * 100)));
  }, []);
  const ref = useLevel<HTMLDivElement>(level, draw);
  return (
    <div
      ref={ref}
      className={styles["track"]}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <div className={styles["fill"]} />
    </div>
  );
}
