/** Tells the server that the person uses the page, so that the other side sees them as here. */
import { useEffect } from "react";
import { useSession } from "../../room";

const SIGNS = ["pointermove", "pointerdown", "keydown", "wheel", "focus"] as const;

export function useActivity(): void {
  const session = useSession();
  useEffect(() => {
    const active = (): void => session.stayActive();
    active();
    for (const sign of SIGNS) addEventListener(sign, active, { passive: true });
    return () => {
      for (const sign of SIGNS) removeEventListener(sign, active);
    };
  }, [session]);
}
