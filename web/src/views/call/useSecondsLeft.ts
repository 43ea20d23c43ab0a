/** How long a call goes on ringing, by the server's clock. */
import { useNow } from "./useNow";

/** All in milliseconds; `clockAhead` is the server's clock minus ours. */
export function useSecondsLeft(
  rangAt: number,
  { clockAhead, ringsMs }: { readonly clockAhead: number; readonly ringsMs: number },
): number {
  const now = useNow();
  return Math.max(0, Math.ceil((rangAt + ringsMs - clockAhead - now) / 1000));
}
