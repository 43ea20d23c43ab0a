/** Oneself, small and mirrored, and whether what one says goes out. */
import { IconMicrophone, IconMicrophoneOff, IconVideoOff } from "@tabler/icons-react";
import { useCallback } from "react";
import type { CallState } from "../../call-state";
import { call as words } from "../../strings/call";
import { useCall, useCallClient } from "./CallProvider";
import { Picture } from "./Picture";
import styles from "./Stage.module.css";
import { useLevel } from "./useLevel";

export function SelfView() {
  const call = useCall();
  const shown = call.camera.kind === "on" && call.intent.camera;
  return (
    <div className={styles["self"]} data-picture={shown}>
      {call.camera.kind === "on" && shown && (
        <Picture track={call.camera.track} label={words.check.preview} mirrored />
      )}
      {!shown && call.intent.camera && (
        <span className={styles["noPicture"]}>
          <IconVideoOff size={18} aria-hidden />
        </span>
      )}
      <Heard call={call} />
    </div>
  );
}

/** The strip below: the own voice as it is sent. */
function Heard({ call }: { readonly call: CallState }) {
  const client = useCallClient();
  const level = useCallback(() => client.ownLevel(), [client]);
  const draw = useCallback((element: HTMLElement, loud: number) => {
    element.style.setProperty("--loud", loud.toFixed(2));
  }, []);
  const ref = useLevel<HTMLSpanElement>(level, draw);
  const silent = !call.intent.microphone || call.microphone.kind === "trouble";
  const heard = call.line.kind === "connected" && call.health.heard !== "stalled" && !silent;
  return (
    <span className={styles["heard"]} data-silent={silent}>
      {silent ? (
        <IconMicrophoneOff size={14} aria-hidden />
      ) : (
        <IconMicrophone size={14} aria-hidden />
      )}
      <span ref={ref} className={styles["voice"]} aria-hidden />
      {silent ? words.stage.silent : heard ? words.stage.heard : words.stage.self}
    </span>
  );
}
