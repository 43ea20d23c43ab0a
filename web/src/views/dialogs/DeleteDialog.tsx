/** Asks before a message is taken back, since that cannot be undone. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useContext } from "react";
import type { Message } from "../../protocol.gen";
import { LaneContext, useSession } from "../../room";
import { common } from "../../strings/common";
import { thread as words } from "../../strings/thread";
import { Dialog } from "../Dialog";

type Props = { readonly message: Message; readonly onClose: () => void };

export function DeleteDialog({ message, onClose }: Props) {
  const session = useSession();
  const lane = useContext(LaneContext);
  const remove = (): void => {
    const where = lane === "side" ? { side: true } : {};
    const payload = { ...where, message: message.seq };
    session.outbox.add({ name: "message:delete", payload }, session.headOf(lane));
    onClose();
  };
  return (
    <Dialog onClose={onClose} title={words.removeTitle}>
      <Stack>
        <Text>{words.removeText}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button color="red.8" onClick={remove} data-autofocus>
            {words.remove}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
