/** Tells by which clock the person lives, once it is not what the record says. */
import { useEffect } from "react";
import { useSession, useView } from "../../room";
import { isClosed } from "../../state";

export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function useZone(): void {
  const session = useSession();
  const { state, view } = useView();
  const known = view.zones[state.at.seat];
  const open = state.link.kind === "live" && !isClosed(view);
  useEffect(() => {
    const zone = ownZone();
    // A refusal is no loss: the next connection tells it again.
    if (open && known !== zone) void session.connection.command("person:zone", { zone });
  }, [session, open, known]);
}
