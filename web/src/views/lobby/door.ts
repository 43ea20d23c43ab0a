/** What views need of the door: who waits, and telling people who look elsewhere. */
import { createContext, useContext } from "react";
import type { Door } from "../../call-door";
import type { Knock } from "../../protocol.gen";
import { useInterview } from "../../room";
import { chime } from "../call/useRinging";

export const DoorContext = createContext<Door | null>(null);

export function useDoor(): Door {
  const door = useContext(DoorContext);
  if (door === null) throw new Error("drawn outside of DoorContext");
  return door;
}

/** Those whom this person may let in, the longest waiting first. */
export function useKnocks(): readonly Knock[] {
  const { view, me } = useInterview();
  if (view === null || me?.role !== "client") return [];
  return view.waiting.filter(({ state }) => state !== "refused");
}

/** This person's own knock. */
export function useOwnKnock(): Knock | null {
  const { view, at } = useInterview();
  return view?.waiting.find(({ seat }) => seat === at.seat) ?? null;
}

/** One chime, and a notice of the system where the page is hidden and it was allowed. */
export function announce(said: string): void {
  const context = new AudioContext();
  chime(context);
  setTimeout(() => void context.close(), 2_000);
  notify(said);
}

/** As the system tells of messages, to whoever looks elsewhere. */
export function notify(said: string): void {
  if (!document.hidden || !mayNotify("granted")) return;
  try {
    const notice = new Notification(said, { tag: said });
    notice.addEventListener("click", () => window.focus());
  } catch {
    // Android has the name and not the thing.
  }
}

export function mayNotify(permission: NotificationPermission): boolean {
  return "Notification" in window && Notification.permission === permission;
}
