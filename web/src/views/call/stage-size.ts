/** Whether the call lies over the thread: only on phones, while it has the whole screen. */
import { useMediaQuery } from "@mantine/hooks";
import { createContext, useContext, useState } from "react";
import { useView } from "../../room";
import { unreadCount } from "../../state";

type Size = "wide" | "full" | "tile";

export type StageSize = {
  readonly size: Size;
  readonly onGrow: (grown: boolean) => void;
};

export const StageSizeContext = createContext<StageSize>({ size: "wide", onGrow: () => undefined });

export function useStageSize(): StageSize {
  return useContext(StageSizeContext);
}

export function useNewStageSize(): StageSize {
  const narrow = useMediaQuery("(max-width: 720px)", false, { getInitialValueInEffect: false });
  const [grown, onGrow] = useState(true);
  if (!narrow) return { size: "wide", onGrow };
  return { size: grown ? "full" : "tile", onGrow };
}

/** While the common thread is `away`: how much came there that its reader has not seen. */
export function useMissed(away: boolean): number {
  const { state, view } = useView();
  const [known, setKnown] = useState(view.own.length);
  if (!away && known !== view.own.length) setKnown(view.own.length);
  return away ? unreadCount(state) + view.own.length - known : 0;
}
