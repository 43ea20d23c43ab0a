/** What lies above the page while a call begins: the ring, the device check, and refusals. */
import { ActionIcon } from "@mantine/core";
import { IconAlertCircle, IconX } from "@tabler/icons-react";
import { standing } from "../../call-state";
import { useView } from "../../room";
import { common } from "../../strings/common";
import { DeviceCheck } from "../lobby/DeviceCheck";
import { Knocks } from "../lobby/Knocks";
import { useCall, useCallClient } from "./CallProvider";
import styles from "./Layer.module.css";
import { Ring } from "./Ring";
import { ShareDialog } from "./ShareDialog";

export function CallLayer() {
  const { check } = useCall();
  const { state, view } = useView();
  const { call } = view;
  return (
    <>
      <div className={styles["above"]}>
        {call !== null && standing(view, state.at.seat) === "incoming" && <Ring call={call} />}
        <Knocks />
        {check === null && <Said />}
      </div>
      {check !== null && <DeviceCheck check={check} />}
      <ShareDialog />
    </>
  );
}

/** Why the last thing asked for was not done. */
function Said() {
  const client = useCallClient();
  const { said } = useCall();
  if (said === null) return null;
  return (
    <div role="alert" className={styles["said"]}>
      <IconAlertCircle size={20} aria-hidden />
      <span>{said}</span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={44}
        aria-label={common.close}
        onClick={() => client.store.dispatch({ type: "hushed" })}
      >
        <IconX size={18} />
      </ActionIcon>
    </div>
  );
}
