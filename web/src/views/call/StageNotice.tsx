/** The one thing that is wrong with the call just now, in words; nothing while all is well. */
import { Button } from "@mantine/core";
import type { CallState } from "../../call-state";
import type { Call } from "../../protocol.gen";
import { call as words } from "../../strings/call";
import { useCall, useCallClient } from "./CallProvider";
import styles from "./Stage.module.css";

type Props = { readonly call: Call; readonly seat: string; readonly who: string };

export function StageNotice({ call, seat, who }: Props) {
  const client = useCallClient();
  const state = useCall();
  const other = call.people.find((person) => person.seat === seat);
  const notice = noticeOf(state, other?.connected ?? false, who);
  if (notice === null) return null;
  return (
    <div className={styles["notice"]} role="status">
      <strong>
        <bdi>{notice.title}</bdi>
      </strong>
      {notice.text !== undefined && <span>{notice.text}</span>}
      {notice.retry === true && <Button onClick={() => client.retry()}>{words.stage.retry}</Button>}
    </div>
  );
}

type Notice = { readonly title: string; readonly text?: string; readonly retry?: true };

/** What is wrong, the worst first. */
export function noticeOf(state: CallState, otherConnected: boolean, who: string): Notice | null {
  const { line, health, microphone } = state;
  switch (line.kind) {
    case "failed":
      return { title: words.stage.failedTitle, text: line.message, retry: true };
    case "connecting":
      return { title: words.stage.connecting(who) };
    case "reconnecting":
      return { title: words.stage.reconnecting, text: words.stage.reconnectingText };
    case "connected":
      break;
    case "idle":
    case "elsewhere":
      return null;
  }
  if (!otherConnected) return { title: words.stage.waiting(who), text: words.stage.goneText };
  if (health.hearing === "stalled") return { title: words.stage.notHearing(who) };
  if (health.heard === "stalled") return { title: words.stage.unheard(who) };
  if (microphone.kind === "trouble") {
    return { title: words.trouble.microphone[microphone.trouble], text: words.check.deafHint };
  }
  if (health.seeing === "stalled") return { title: words.stage.frozen };
  return health.weak ? { title: words.stage.weak } : null;
}
