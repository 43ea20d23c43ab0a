/** The devices that the checks are about: those of the call, or of a page without one. */
import { createContext, useContext } from "react";
import type { CallState } from "../../call-state";
import type { DeviceHolder } from "../../devices";
import type { Network } from "../../network";
import type { NetworkCheck } from "../../network-check";
import { useStore } from "../../useStore";

export const DevicesContext = createContext<DeviceHolder | null>(null);
export const NetworkContext = createContext<NetworkCheck | null>(null);

export function useDeviceHolder(): DeviceHolder {
  const holder = useContext(DevicesContext);
  if (holder === null) throw new Error("drawn outside of DevicesContext");
  return holder;
}

/** How the devices stand; draws again at every change. */
export function useDevices(): CallState {
  const { store } = useDeviceHolder();
  return useStore(store);
}

export function useNetworkCheck(): NetworkCheck {
  const check = useContext(NetworkContext);
  if (check === null) throw new Error("drawn outside of NetworkContext");
  return check;
}

export function useNetwork(): Network {
  const { store } = useNetworkCheck();
  return useStore(store);
}
