/** The one thing that is wrong with the call just now, in words; nothing while all is well. */
import { Button } from "@mantine/core";
import type { CallState, Health, Source } from "../../call-state";
import type { Call, InCall, Pause } from "../../protocol.gen";
import { call as words } from "../../strings/call";
import { useCall, useCallClient } from "./CallProvider";
import styles from "./Stage.module.css";

type Props = { readonly call: Call; readonly seat: string; readonly who: string };

export function StageNotice({ call, seat, who }: Props) {
  const client = useCallClient();
  const state = useCall();
  const other = call.people.find((person) => person.seat === seat);
  const notice = noticeOf(state, other, who);
  if (notice === null) return null;
  return (
    <div className={styles["notice"]} role="status">
      <strong>
        <bdi>{notice.title}</bdi>
      </strong>
      {notice.text !== undefined && <span>{notice.text}</span>}
      {notice.retry === true && <Button onClick={() => client.retry()}>{words.stage.retry}</Button>}
      {notice.picture !== undefined && (
        <Button onClick={() => client.setSoundOnly(notice.picture === "off")}>
          {words.pause.picture[notice.picture]}
        </Button>
      )}
    </div>
  );
}

type Notice = {
  readonly title: string;
  readonly text?: string;
  readonly retry?: true;
  /** What the person may do about pictures. */
  readonly picture?: "on" | "off";
};

/** What is wrong, the worst first. */
export function noticeOf(state: CallState, other: InCall | undefined, who: string): Notice | null {
  const { line } = state;
  switch (line.kind) {
    case "failed":
      return { title: words.stage.failedTitle, text: line.message, retry: true };
    case "connecting":
      return { title: words.stage.connecting(who) };
    case "reconnecting":
      return { title: words.stage.reconnecting, text: words.stage.reconnectingText };
    case "connected":
      return connectedNotice(state, other, who);
    case "idle":
    case "elsewhere":
      return null;
  }
}

function connectedNotice(state: CallState, other: InCall | undefined, who: string): Notice | null {
  const { health, microphone } = state;
  if (other?.connected !== true)
    return { title: words.stage.waiting(who), text: words.stage.goneText };
  return (
    oneWay(health, who) ??
    deviceNotice(microphone) ??
    pauseNotice(state.pause, other.pause, who) ??
    pictureNotice(health)
  );
}

function oneWay({ hearing, heard }: Health, who: string): Notice | null {
  if (hearing === "stalled") return { title: words.stage.notHearing(who) };
  return heard === "stalled" ? { title: words.stage.unheard(who) } : null;
}

function deviceNotice(microphone: Source): Notice | null {
  if (microphone.kind !== "trouble") return null;
  return { title: words.trouble.microphone[microphone.trouble], text: words.check.deafHint };
}

function pictureNotice({ seeing, weak }: Health): Notice | null {
  if (seeing === "stalled") return { title: words.stage.frozen };
  return weak ? { title: words.stage.weak, picture: "off" } : null;
}

/** What is held back on either side, the sound first. */
export function pauseNotice(mine: Pause | null, theirs: Pause | null, who: string): Notice | null {
  if (mine?.held === "sound") {
    return { title: words.pause.mine.sound(mine.why, who), text: words.pause.write };
  }
  if (theirs?.held === "sound") {
    return { title: words.pause.other.sound(theirs.why, who), text: words.pause.write };
  }
  if (mine?.why === "chosen") return { title: words.pause.mine.chosen, picture: "on" };
  if (theirs?.why === "chosen") return { title: words.pause.other.chosen(who) };
  if (mine !== null) return { title: words.pause.mine.picture(mine.why, who), picture: "on" };
  return theirs === null ? null : { title: words.pause.other.picture(theirs.why, who) };
}
