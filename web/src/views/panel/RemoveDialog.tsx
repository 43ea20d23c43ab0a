/** Asks before somebody is removed, says what that means, and takes a reason that all will read. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useCommand } from "../../command";
import { useView } from "../../room";
import { nameIn } from "../../strings/names";
import { panel } from "../../strings/panel";
import { NoteField } from "../NoteField";
import { Dialog } from "../Dialog";
import { Refusal } from "../Refusal";

const words = panel.remove;

type Props = { readonly seat: string; readonly onClose: () => void };

export function RemoveDialog({ seat, onClose }: Props) {
  const { view } = useView();
  const { run, busy, refusal } = useCommand("person:remove");
  const [reason, setReason] = useState("");
  const who = nameIn(view, seat);
  const remove = async (): Promise<void> => {
    if (await run({ seat, reason: reason.trim() })) onClose();
  };
  return (
    <Dialog onClose={onClose} title={words.title(who)}>
      <Stack>
        <Text>{words.text(who)}</Text>
        <NoteField
          label={words.reason}
          hint={words.reasonHint}
          value={reason}
          onChange={setReason}
        />
        <Refusal refusal={refusal} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {words.keep}
          </Button>
          <Button color="red.8" loading={busy} onClick={() => void remove()}>
            {words.confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
