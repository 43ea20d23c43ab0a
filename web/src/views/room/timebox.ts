/** How much of the planned time is left: pure. Nothing ends by itself when it is over. */
import type { View } from "../../protocol.gen";

const MINUTE = 60_000;
/** From here on it is worth a word. */
const SOON = 5;
/** So long after the planned end nobody needs to be told any more. */
const FORGOTTEN = 60;

export type TimeBox = {
  /** Whole minutes that are left, rounded up; negative: so many beyond the planned end. */
  readonly left: number;
  readonly state: "well" | "soon" | "over";
};

/** Null while nobody has met, or nobody said how long it should take. `now` by the server's clock. */
export function timeBoxOf(
  { minutes, metAt, phase }: Pick<View, "minutes" | "metAt" | "phase">,
  now: number,
): TimeBox | null {
  if (minutes === 0 || metAt === null || phase !== "open") return null;
  const left = Math.ceil((metAt + minutes * MINUTE - now) / MINUTE);
  if (left < -FORGOTTEN) return null;
  if (left > SOON) return { left, state: "well" };
  return { left, state: left > 0 ? "soon" : "over" };
}
