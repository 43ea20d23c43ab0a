/** Draws a loudness ten times a second straight into an element: no state, no new render. */
import { type RefObject, useEffect, useRef } from "react";

const EVERY_MS = 100;

/** `draw` gets the element and the loudness, 0 to 1, which falls slower than it rises. */
export function useLevel<E extends Element>(
  level: () => number,
  draw: (element: E, loud: number) => void,
): RefObject<E | null> {
  const ref = useRef<E>(null);
  useEffect(() => {
    let shown = 0;
    const timer = setInterval(() => {
      shown = Math.max(level(), shown * 0.7);
      if (ref.current !== null) draw(ref.current, shown);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [level, draw]);
  return ref;
}
