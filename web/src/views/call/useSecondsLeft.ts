/** How long a call goes on ringing, by the server's clock. */
import { useEffect, useState } from "react";

/** As `RINGS` in `server/calls/service.py`. */
const RINGS_MS = 45_000;

/** `clockAhead`: the server's clock minus ours, in milliseconds. */
export function useSecondsLeft(rangAt: number, clockAhead: number): number {
  const left = () => Math.max(0, Math.ceil((rangAt + RINGS_MS - clockAhead - Date.now()) / 1000));
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return left();
}
