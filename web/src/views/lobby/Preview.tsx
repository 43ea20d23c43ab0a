/** What the own camera sees, as in a mirror, and its switch. */
import { IconVideo, IconVideoOff } from "@tabler/icons-react";
import { call as words } from "../../strings/call";
import { Picture } from "../call/Picture";
import { useDeviceHolder, useDevices } from "./devices";
import styles from "./Lobby.module.css";
import { Toggle } from "./Toggle";

export function Preview() {
  const holder = useDeviceHolder();
  const { camera, intent } = useDevices();
  return (
    <div className={styles["preview"]}>
      {camera.kind === "on" && intent.camera ? (
        <Picture track={camera.track} label={words.check.preview} mirrored />
      ) : (
        <span className={styles["dark"]}>
          <IconVideoOff size={28} aria-hidden />
          {camera.kind === "trouble" ? words.check.noCamera : words.check.cameraOff}
        </span>
      )}
      <Toggle
        label={words.check.camera}
        on={intent.camera}
        icons={[<IconVideo key="on" size={20} />, <IconVideoOff key="off" size={20} />]}
        onToggle={() => holder.setIntent({ camera: !intent.camera })}
      />
    </div>
  );
}
