/** For several people leaving ends nothing; the client's side may end the call, when asked twice. */
import { Button, Group, Menu, Stack, Text } from "@mantine/core";
import { IconPhoneOff, IconPhoneX } from "@tabler/icons-react";
import { useState } from "react";
import { useCommand } from "../../command";
import { panel } from "../../strings/panel";
import { Dialog } from "../Dialog";
import { Refusal } from "../Refusal";
import { Control } from "./Control";

const words = panel.call;

export function LeaveMenu({ onLeave }: { readonly onLeave: () => void }) {
  const [ending, setEnding] = useState(false);
  return (
    <>
      <Menu position="top" width={260}>
        <Menu.Target>
          <Control label={words.leave} keys="Alt+H" icon={<IconPhoneOff />} danger />
        </Menu.Target>
        <Menu.Dropdown aria-label={words.leaving}>
          <Menu.Item leftSection={<IconPhoneOff size={20} />} onClick={onLeave}>
            {words.leave}
            <Text size="xs" c="dimmed">
              {words.leaveHint}
            </Text>
          </Menu.Item>
          <Menu.Item leftSection={<IconPhoneX size={20} />} onClick={() => setEnding(true)}>
            {words.end.action}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {ending && <EndDialog onClose={() => setEnding(false)} />}
    </>
  );
}

function EndDialog({ onClose }: { readonly onClose: () => void }) {
  const { run, busy, refusal } = useCommand("call:end");
  const end = async (): Promise<void> => {
    if (await run({})) onClose();
  };
  return (
    <Dialog onClose={onClose} title={words.end.title}>
      <Stack>
        <Text>{words.end.text}</Text>
        <Refusal refusal={refusal} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {words.end.keep}
          </Button>
          <Button color="red.8" loading={busy} onClick={() => void end()}>
            {words.end.confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
