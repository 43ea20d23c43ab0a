/** How the page stands to the server; hidden while all is well. */
import { Tooltip } from "@mantine/core";
import { IconCloudOff, IconRefresh } from "@tabler/icons-react";
import { useInterview } from "../../room";
import { linkWords } from "../link-words";
import styles from "./Room.module.css";

export function ConnectionChip() {
  const { link } = useInterview();
  const offline = link.kind === "offline";
  const { text, hint } = linkWords(link);
  // The region is always there, so that a screen reader hears what appears in it.
  return (
    <div role="status" className={styles["chipBox"]}>
      {(offline || link.kind === "reconnecting") && (
        <Tooltip label={hint} multiline w={260}>
          <span className={styles["chip"]} data-offline={offline || undefined}>
            {offline ? <IconCloudOff size={16} /> : <IconRefresh size={16} />}
            <span>{text}</span>
            <span className="sr-only">{hint}</span>
          </span>
        </Tooltip>
      )}
    </div>
  );
}
