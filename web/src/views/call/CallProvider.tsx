/**
 * The call of the open interview, for all views that draw a part of it.
 *
 * Around the room: `<CallProvider>`. In it: `<CallButton />` in the header, `<Stage />` where the
 * call is shown while `useStageShown()` says so. Ringing and the device check lie above everything
 * and come by themselves.
 */
import {
  type ReactNode,
  Suspense,
  createContext,
  lazy,
  useContext,
  useEffect,
  useState,
} from "react";
import { CallClient } from "../../call";
import { Door } from "../../call-door";
import { type CallState, standing } from "../../call-state";
import { NetworkCheck } from "../../network-check";
import { useInterview, useSession } from "../../room";
import { useStore } from "../../useStore";
import { lobby } from "../../strings/lobby";
import { DevicesContext, NetworkContext } from "../lobby/devices";
import { DoorContext, announce, useKnocks } from "../lobby/door";
import { StageSizeContext, useNewStageSize, useStageSize } from "./stage-size";

const CallLayer = lazy(async () => ({ default: (await import("./CallLayer")).CallLayer }));

const CallContext = createContext<CallClient | null>(null);

export function CallProvider({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const [client] = useState(() => new CallClient(session));
  const size = useNewStageSize();
  const [network] = useState(() => new NetworkCheck());
  const [door] = useState(() => new Door(session, client, () => announce(lobby.door.letIn)));
  useEffect(() => {
    client.open();
    door.open();
    return () => {
      door.close();
      client.close();
    };
  }, [client, door]);
  return (
    <CallContext value={client}>
      <DevicesContext value={client}>
        <NetworkContext value={network}>
          <DoorContext value={door}>
            <StageSizeContext value={size}>{children}</StageSizeContext>
            <Layer />
          </DoorContext>
        </NetworkContext>
      </DevicesContext>
    </CallContext>
  );
}

/** Only a page that meets a call loads what draws one. */
function Layer() {
  const { check, said } = useCall();
  const { view, at } = useInterview();
  const knocks = useKnocks();
  const still = ["none", "joinable"].includes(standing(view, at.seat)) && knocks.length === 0;
  if (check === null && said === null && still) return null;
  return (
    <Suspense fallback={null}>
      <CallLayer />
    </Suspense>
  );
}

export function useCallClient(): CallClient {
  const client = useContext(CallContext);
  if (client === null) throw new Error("drawn outside of CallProvider");
  return client;
}

/** This browser's part in the call; draws again at every change. */
export function useCall(): CallState {
  const { store } = useCallClient();
  return useStore(store);
}

/** Whether the room should give a place to `<Stage />` now. */
export function useStageShown(): boolean {
  const { view, at } = useInterview();
  const how = standing(view, at.seat);
  return how === "outgoing" || how === "active";
}

/** Whether the call lies over the thread. */
export function useCovered(): boolean {
  const shown = useStageShown();
  const { size } = useStageSize();
  return shown && size === "full";
}
