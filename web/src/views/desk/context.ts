/** The open desk for whatever view draws a part of it. */
import { createContext, useContext, useEffect, useState } from "react";
import { Desk } from "../../desk";
import type { DeskState } from "../../desk-state";
import { useStore } from "../../useStore";

export const DeskContext = createContext<Desk | null>(null);

/** A desk that is connected for as long as the page is drawn. */
export function useOpenDesk(): Desk {
  const [desk] = useState(() => new Desk());
  useEffect(() => {
    desk.open();
    return () => desk.close();
  }, [desk]);
  return desk;
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error("drawn outside of an open desk");
  return desk;
}

export function useDeskState(): DeskState {
  const { store } = useDesk();
  return useStore(store);
}

/** "moderator:Mo" as people say it. */
export function moderatorName(actor: string): string {
  return actor.replace(/^moderator:/, "");
}
