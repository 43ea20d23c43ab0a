/** What to do when the browser asks, is silent, or says no: in the words of this very browser. */
import { Button } from "@mantine/core";
import { IconAlertTriangle, IconHandFinger } from "@tabler/icons-react";
import type { CallMedia, DeviceTrouble, Source } from "../../call-state";
import { call as words } from "../../strings/call";
import { browserOf } from "./browser";
import { useCallClient } from "./CallProvider";
import styles from "./DeviceCheck.module.css";

export function Asking({ media, slow }: { readonly media: CallMedia; readonly slow: boolean }) {
  const client = useCallClient();
  return (
    <div className={`${styles["note"]} ${styles["asking"]}`} role="status">
      <IconHandFinger size={20} aria-hidden />
      <div>
        <strong>{words.asking.title}</strong>
        <p>{words.asking.text[media]}</p>
        {slow && (
          <>
            <p>{words.asking.slow}</p>
            <Button size="sm" variant="default" onClick={() => client.skip()}>
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
  const client = useCallClient();
  if (source.kind !== "trouble") return null;
  return (
    <div className={`${styles["note"]} ${styles["trouble"]}`} role="alert">
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <strong>{words.trouble[which][source.trouble]}</strong>
        <p>{help(source.trouble)}</p>
        {source.trouble !== "unsupported" && (
          <Button size="sm" variant="default" onClick={() => client.setIntent({ [which]: true })}>
            {words.trouble.retry}
          </Button>
        )}
      </div>
    </div>
  );
}

function help(trouble: DeviceTrouble): string {
  if (trouble !== "denied") return words.trouble.what[trouble];
  return words.unblock[browserOf(navigator.userAgent, navigator.maxTouchPoints)];
}
