/** A person without a picture: the first letters of their name, and a ring that follows the voice. */
import { useCallback } from "react";
import styles from "./Avatar.module.css";
import { useLevel } from "./useLevel";

type Props = {
  readonly name: string;
  readonly ringing?: boolean;
  readonly large?: boolean;
  /** Loudness now, 0 to 1. */
  readonly level?: () => number;
};

const SILENCE = () => 0;

export function Avatar({ name, ringing = false, large = false, level = SILENCE }: Props) {
  const draw = useCallback((element: HTMLElement, loud: number) => {
    element.style.setProperty("--loud", loud.toFixed(2));
  }, []);
  const ref = useLevel<HTMLSpanElement>(level, draw);
  const kind = `${styles["avatar"]} ${large ? styles["large"] : ""} ${ringing ? styles["ringing"] : ""}`;
  return (
    <span ref={ref} className={kind} aria-hidden>
      {initials(name)}
    </span>
  );
}

/** One or two letters, by what people see as letters: also emoji and scripts with marks. */
export function initials(name: string): string {
  const letters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const parts = name.trim().split(/\s+/u);
  const chosen = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]];
  return chosen
    .map((part) => [...letters.segment(part ?? "")][0]?.segment ?? "")
    .join("")
    .toLocaleUpperCase();
}
