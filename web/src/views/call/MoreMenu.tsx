/** What of a call is needed seldom: devices, sound only, and which keys there are. */
import { Menu } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconDots, IconKeyboard, IconSettings, IconVideo, IconVideoOff } from "@tabler/icons-react";
import { useState } from "react";
import { watches } from "../../call-state";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { KeysDialog } from "../KeysDialog";
import { useWanted } from "../useSingleKeys";
import { useCall, useCallClient } from "./CallProvider";
import { Control } from "./Control";

const SENDING = { ...words.keys, list: [...words.keys.own, ...words.keys.list] };

export function MoreMenu({ video }: { readonly video: boolean }) {
  const client = useCallClient();
  const { state } = useView();
  const { soundOnly } = useCall();
  const watching = watches(state.view, state.at.seat);
  const keyboard = useMediaQuery("(hover: hover) and (pointer: fine)", false);
  const [shown, setShown] = useState(false);
  const { enabled, setEnabled } = useWanted("stage");
  const devices = () => client.prepare({ purpose: "settings", media: video ? "video" : "audio" });
  return (
    <>
      <Menu position="top" width={260}>
        <Menu.Target>
          <Control label={words.stage.more} icon={<IconDots />} />
        </Menu.Target>
        <Menu.Dropdown aria-label={words.stage.more}>
          <Menu.Item leftSection={<IconSettings size={20} />} onClick={devices}>
            {words.stage.devices}
          </Menu.Item>
          {video && !watching && (
            <Menu.Item
              leftSection={soundOnly ? <IconVideo size={20} /> : <IconVideoOff size={20} />}
              onClick={() => client.setSoundOnly(!soundOnly)}
            >
              {words.pause.picture[soundOnly ? "on" : "off"]}
            </Menu.Item>
          )}
          {keyboard && (
            <Menu.Item leftSection={<IconKeyboard size={20} />} onClick={() => setShown(true)}>
              {words.stage.keys}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {shown && (
        <KeysDialog
          words={watching ? words.keys : SENDING}
          enabled={enabled}
          onSwitch={setEnabled}
          onClose={() => setShown(false)}
        />
      )}
    </>
  );
}
