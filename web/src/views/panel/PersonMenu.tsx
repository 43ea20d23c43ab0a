/** What the client's side may do about somebody: mute, remove, a new link; nothing to all others. */
import { ActionIcon, Menu, Text } from "@mantine/core";
import {
  IconDots,
  IconLink,
  IconMicrophoneOff,
  IconScreenShareOff,
  IconUserX,
  IconVideoOff,
} from "@tabler/icons-react";
import { useState } from "react";
import type { InCall, Source, View } from "../../protocol.gen";
import { useView } from "../../room";
import { isClosed } from "../../state";
import { nameIn } from "../../strings/names";
import { panel as words } from "../../strings/panel";
import { useCallClient } from "../call/CallProvider";
import { LinkDialog } from "./LinkDialog";
import { RemoveDialog } from "./RemoveDialog";
import styles from "./Panel.module.css";

const ICONS: { readonly [K in Source]: typeof IconDots } = {
  microphone: IconMicrophoneOff,
  camera: IconVideoOff,
  screen: IconScreenShareOff,
};

export function PersonMenu({ seat }: { readonly seat: string }) {
  const { state, view } = useView();
  const client = useCallClient();
  const [dialog, setDialog] = useState<"link" | "remove" | null>(null);
  const close = (): void => setDialog(null);
  const sends = sentBy(view, seat);
  const brought = wasBrought(view, seat);
  if (seat === state.at.seat || state.me?.role !== "client" || isClosed(view)) return null;
  if (sends.length === 0 && !brought) return null;
  const me = nameIn(view, state.at.seat);
  return (
    <>
      <Menu position="bottom-end" width={320} withinPortal>
        <Menu.Target>
          <ActionIcon
            className={styles["person"] ?? ""}
            variant="subtle"
            color="gray"
            size={44}
            aria-label={words.actions(nameIn(view, seat))}
          >
            <IconDots size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {sends.map((kind) => {
            const Icon = ICONS[kind];
            return (
              <Menu.Item
                key={kind}
                leftSection={<Icon size={18} />}
                onClick={() => void client.give("call:mute", { seat, kind })}
              >
                {words.mute.action[kind]}
                <Text size="xs" c="dimmed">
                  {words.mute.told(me, kind)}
                </Text>
              </Menu.Item>
            );
          })}
          {brought && <Brought onPick={setDialog} />}
        </Menu.Dropdown>
      </Menu>
      {dialog === "link" && <LinkDialog seat={seat} onClose={close} />}
      {dialog === "remove" && <RemoveDialog seat={seat} onClose={close} />}
    </>
  );
}

function Brought({ onPick }: { readonly onPick: (dialog: "link" | "remove") => void }) {
  return (
    <>
      <Menu.Item leftSection={<IconLink size={18} />} onClick={() => onPick("link")}>
        {words.link.make}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconUserX size={18} />}
        className={styles["danger"] ?? ""}
        onClick={() => onPick("remove")}
      >
        {words.remove.action}
      </Menu.Item>
    </>
  );
}

/** What somebody sends to the live call just now. */
function sentBy({ call }: View, seat: string): readonly Source[] {
  if (call === null || call.phase !== "active") return [];
  const person = call.people.find((other) => other.seat === seat);
  return person === undefined ? [] : sourcesOf(person);
}

function sourcesOf({ microphone, camera, screen }: InCall): readonly Source[] {
  const on = { microphone, camera, screen: screen !== "off" };
  return (["microphone", "camera", "screen"] as const).filter((kind) => on[kind]);
}

function wasBrought({ people }: View, seat: string): boolean {
  return people.some((other) => other.seat === seat && other.invitedBy !== "" && !other.removed);
}
