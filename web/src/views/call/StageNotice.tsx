/** The one thing that is wrong with the call just now, in words; nothing while all is well. */
import { Button } from "@mantine/core";
import { type CallState, type Health, type Source, watches } from "../../call-state";
import type { Call, InCall, Pause } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameIn } from "../../strings/names";
import { useCall } from "./CallProvider";
import styles from "./Stage.module.css";

type Props = {
  readonly notice: Notice | null;
  readonly onRetry: () => void;
  /** The person wants pictures, or none any more. */
  readonly onPictures: (on: boolean) => void;
};

export function StageNotice({ notice, onRetry, onPictures }: Props) {
  return (
    // The region is always there, so that a screen reader hears what appears in it.
    <div role="status">
      {notice !== null && (
        <div className={styles["notice"]}>
          <strong>{notice.title}</strong>
          {notice.text !== undefined && <span>{notice.text}</span>}
          {notice.retry === true && <Button onClick={onRetry}>{words.stage.retry}</Button>}
          {notice.picture !== undefined && (
            <Button onClick={() => onPictures(notice.picture === "on")}>
              {words.pause.picture[notice.picture]}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

/** What is wrong with this call now. */
export function useStageNotice(call: Call): Notice | null {
  const state = useCall();
  const { view, state: room } = useView();
  const others = call.people.filter(({ seat }) => seat !== room.at.seat);
  const alone = others.length === 1 ? others[0] : undefined;
  const who = alone === undefined ? words.stage.others : nameIn(view, alone.seat);
  const unseeing = state.declined && call.media === "video" && watches(view, room.at.seat);
  const notice = noticeOf(state, alone ?? allOf(others), who, unseeing);
  return alone === undefined && notice !== null ? begun(notice) : notice;
}

/**
 * Several as if they were one, who is there as soon as anybody is; what one of them holds back is
 * told in their tile, and here only that all chose sound only.
 */
export function allOf(others: readonly InCall[]): InCall | undefined {
  const there = others.filter(({ connected }) => connected);
  const [first] = there;
  const chose = there.every(({ pause }) => pause?.why === "chosen");
  return first === undefined ? undefined : { ...first, pause: chose ? first.pause : null };
}

/** A sentence may begin with "the others". */
function begun(notice: Notice): Notice {
  return { ...notice, title: notice.title.charAt(0).toUpperCase() + notice.title.slice(1) };
}

export type Notice = {
  readonly title: string;
  readonly text?: string;
  readonly retry?: true;
  /** What the person may do about pictures. */
  readonly picture?: "on" | "off";
};

/** What is wrong, the worst first. `unseeing`: who only watches can see nothing. */
export function noticeOf(
  state: CallState,
  other: InCall | undefined,
  who: string,
  unseeing = false,
): Notice | null {
  const { line } = state;
  switch (line.kind) {
    case "failed":
      return { title: words.stage.failedTitle, text: line.message, retry: true };
    case "connecting":
      return { title: words.stage.connecting(who) };
    case "reconnecting":
      return { title: words.stage.reconnecting, text: words.stage.reconnectingText };
    case "connected":
      return connectedNotice(state, other, who, unseeing);
    case "idle":
    case "elsewhere":
      return null;
  }
}

function connectedNotice(
  state: CallState,
  other: InCall | undefined,
  who: string,
  unseeing: boolean,
): Notice | null {
  const { health, microphone } = state;
  if (other?.connected !== true)
    return { title: words.stage.waiting(who), text: words.stage.goneText };
  return (
    oneWay(health, who) ??
    deviceNotice(microphone) ??
    (unseeing ? UNSEEING : null) ??
    pauseNotice(state.pause, other.pause, who) ??
    pictureNotice(health)
  );
}

const UNSEEING: Notice = { title: words.pause.watching.codec, text: words.pause.watching.codecWhy };

function oneWay({ hearing, heard }: Health, who: string): Notice | null {
  if (hearing === "stalled") return { title: words.stage.notHearing(who) };
  return heard === "stalled" ? { title: words.stage.unheard(who) } : null;
}

function deviceNotice(microphone: Source): Notice | null {
  if (microphone.kind !== "trouble") return null;
  return { title: words.trouble.microphone[microphone.trouble], text: words.check.deafHint };
}

function pictureNotice({ seeing, hearing, weak }: Health): Notice | null {
  if (seeing === "stalled") {
    return {
      title: words.stage.frozen,
      ...(hearing === "flowing" ? { text: words.stage.soundGoesOn } : {}),
    };
  }
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
  return codecNotice(mine, theirs, who) ?? picturesNotice(mine, theirs, who);
}

function codecNotice(mine: Pause | null, theirs: Pause | null, who: string): Notice | null {
  if (mine?.why === "codec") {
    return { title: words.pause.mine.codec(who), text: words.pause.mine.codecWhy };
  }
  return theirs?.why === "codec" ? { title: words.pause.other.codec(who) } : null;
}

function picturesNotice(mine: Pause | null, theirs: Pause | null, who: string): Notice | null {
  if (mine?.why === "chosen") return { title: words.pause.mine.chosen, picture: "on" };
  if (theirs?.why === "chosen") return { title: words.pause.other.chosen(who) };
  const other = theirs === null ? null : words.pause.other.picture(theirs.why, who);
  if (mine === null) return other === null ? null : { title: other };
  const title = words.pause.mine.picture(mine.why, who);
  return { title, picture: "on", ...(other === null ? {} : { text: other }) };
}
