/** How long a call goes on ringing, by the server's clock. */
import { useNow } from "./useNow";

/** As `RINGS` in `server/calls/service.py`. */
const RINGS_MS = 45_000;

/** `clockAhead`: the server's clock minus ours, in milliseconds. */
export function useSecondsLeft(rangAt: number, clockAhead: number): number {
  const now = useNow();
  return Math.max(0, Math.ceil((rangAt + RINGS_MS - clockAhead - now) / 1000));
}
