/** How the desk stands to the server; hidden while all is well. */
import { IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { linkWords } from "../link-words";
import { useDeskState } from "./context";
import styles from "./Desk.module.css";

export function DeskChip() {
  const { link } = useDeskState();
  const offline = link.kind === "offline";
  return (
    <div role="status" className={styles["chipBox"]}>
      {(offline || link.kind === "reconnecting") && (
        <span className={styles["chip"]}>
          {offline ? <IconCloudOff size={16} aria-hidden /> : <IconRefresh size={16} aria-hidden />}
          {linkWords(link).text}
        </span>
      )}
    </div>
  );
}
