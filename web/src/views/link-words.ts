/** What the chips of the room and of the desk say about a link that is not live. */
import type { Link } from "../state";
import { connection as words } from "../strings/connection";

export function linkWords(link: Link): { readonly text: string; readonly hint: string } {
  if (link.kind === "offline") return { text: words.offline, hint: words.offlineHint };
  return link.kind === "reconnecting" && link.restarting === true
    ? { text: words.restarting, hint: words.restartingHint }
    : { text: words.reconnecting, hint: words.reconnectingHint };
}
