/** In the header of who has to knock: asks to be let into a call. */
import { Button, Tooltip } from "@mantine/core";
import { IconDoor } from "@tabler/icons-react";
import { type CallMedia, watches } from "../../call-state";
import { useView } from "../../room";
import { lobby } from "../../strings/lobby";
import styles from "../call/CallButton.module.css";
import { useCallClient } from "../call/CallProvider";
import { useDoor, useOwnKnock } from "./door";

export function KnockButton() {
  const client = useCallClient();
  const door = useDoor();
  const { state, view } = useView();
  const knock = useOwnKnock();
  const waits = knock !== null && knock.state !== "refused";
  const media: CallMedia = view.format === "audio" ? "audio" : "video";
  const press = (): void => {
    // Who only watches sends nothing, so there is nothing to look at first.
    if (watches(view, state.at.seat)) void door.knock();
    else client.prepare({ purpose: waits ? "settings" : "knock", media });
  };
  return (
    <Tooltip label={waits ? lobby.door.own.waitsHint : lobby.door.own.hint}>
      <Button
        // While one waits, the picture says so: on a phone the sign is enough here.
        className={(waits ? styles["button"] : undefined) ?? ""}
        leftSection={<IconDoor size={20} />}
        variant={waits ? "default" : "filled"}
        onClick={press}
      >
        {waits ? lobby.door.own.waits : lobby.door.own.knock}
      </Button>
    </Tooltip>
  );
}
