/** What to do when the browser asks, is silent, or says no: in the words of this very browser. */
import { Anchor, Button } from "@mantine/core";
import { IconAlertTriangle, IconHandFinger } from "@tabler/icons-react";
import type { CallMedia, DeviceTrouble, Source } from "../../call-state";
import { DOCTOR } from "../../routes";
import { call as words } from "../../strings/call";
import { lobby } from "../../strings/lobby";
import { browserOf } from "./browser";
import { useDeviceHolder } from "./devices";
import styles from "./Lobby.module.css";

export function Asking({ media, slow }: { readonly media: CallMedia; readonly slow: boolean }) {
  const holder = useDeviceHolder();
  return (
    <div className={`${styles["note"]} ${styles["asking"]}`} role="status">
      <IconHandFinger size={20} aria-hidden />
      <div>
        <strong>{words.asking.title}</strong>
        <p>{words.asking.text[media]}</p>
        {slow && (
          <>
            <p>{words.asking.slow}</p>
            <Button size="sm" variant="default" onClick={() => holder.skip()}>
              {words.asking.skip}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

type Props = { readonly which: "microphone" | "camera"; readonly source: Source };

export function Trouble({ which, source }: Props) {
  const holder = useDeviceHolder();
  if (source.kind !== "trouble") return null;
  return (
    <div className={`${styles["note"]} ${styles["trouble"]}`} role="alert">
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <strong>{words.trouble[which][source.trouble]}</strong>
        <p>{help(source.trouble)}</p>
        {source.trouble !== "unsupported" && (
          <Button size="sm" variant="default" onClick={() => holder.setIntent({ [which]: true })}>
            {words.trouble.retry}
          </Button>
        )}
        {location.pathname !== DOCTOR && (
          <Anchor size="sm" href={DOCTOR} target="_blank">
            {lobby.doctor.linkFrom}
          </Anchor>
        )}
      </div>
    </div>
  );
}

function help(trouble: DeviceTrouble): string {
  if (trouble !== "denied") return words.trouble.what[trouble];
  return words.unblock[browserOf(navigator.userAgent, navigator.maxTouchPoints)];
}
