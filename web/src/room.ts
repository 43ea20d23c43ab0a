/** The open interview for whatever view draws a part of it. */
import { createContext, startTransition, useContext, useMemo } from "react";
import type { View } from "./protocol.gen";
import type { Session } from "./session";
import { type Lane, type State, inLane } from "./state";
import { useStore } from "./useStore";

/** Which thread the views below draw. */
export const LaneContext = createContext<Lane>("shared");

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error("drawn outside of an open interview");
  return session;
}

/** The whole state; draws again at every change, and after what a person does in the page. */
export function useInterview(): State {
  const { store } = useSession();
  return useStore(store, startTransition);
}

/** As `useInterview`, for views that are drawn only once the record has arrived. */
export function useView(): { readonly state: State; readonly view: View } {
  const whole = useInterview();
  const lane = useContext(LaneContext);
  const state = useMemo(() => inLane(whole, lane), [whole, lane]);
  if (state.view === null) throw new Error("drawn before the record arrived");
  return { state, view: state.view };
}
