/** Somebody else switched off what one sends: said with who did it, and undone with one press. */
import { Button } from "@mantine/core";
import { useView } from "../../room";
import { nameIn } from "../../strings/names";
import { panel } from "../../strings/panel";
import { useCall, useCallClient } from "./CallProvider";
import styles from "./Stage.module.css";

const words = panel.mute;

export function MutedNotice({ tile }: { readonly tile: boolean }) {
  const client = useCallClient();
  const { view } = useView();
  const { muted } = useCall();
  if (muted === null) return null;
  const { kind, by } = muted;
  return (
    <div className={styles["mutedNotice"]} role="alert">
      <span>{words.notice(nameIn(view, by), kind)}</span>
      {!tile && (
        <div className={styles["choices"]}>
          {kind !== "screen" && (
            <Button size="sm" onClick={() => client.setIntent({ [kind]: true })}>
              {words.again(kind)}
            </Button>
          )}
          <Button
            size="sm"
            variant="default"
            onClick={() => client.store.dispatch({ type: "hushed" })}
          >
            {words.close}
          </Button>
        </div>
      )}
    </div>
  );
}
