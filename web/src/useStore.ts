/** A store's state for whatever draws it. Counterpart: `store.ts`. */
import { useLayoutEffect, useState } from "react";

type Source<S> = {
  readonly snapshot: () => S;
  readonly subscribe: (listener: () => void) => () => void;
};

/**
 * The state; draws again when it has changed, once for everything that came in meanwhile.
 *
 * Not `useSyncExternalStore`: that one draws at each change, before the effects of the last drawing
 * have had their turn, and after fifty of these in a row React gives the whole page up. Where
 * changes come in long bursts, React's `startTransition` as `draw` has it end one drawing, with all
 * that follows from it (menus that find their place, marks of what was read), before the next.
 */
export function useStore<S>({ snapshot, subscribe }: Source<S>, draw: Draw = atOnce): S {
  const [state, setState] = useState(snapshot);
  useLayoutEffect(() => {
    const changed = (): void => draw(() => setState(snapshot));
    changed(); // between drawing and listening
    return subscribe(changed);
  }, [snapshot, subscribe, draw]);
  return state;
}

type Draw = (change: () => void) => void;

const atOnce: Draw = (change) => change();
