/** A step that closes the interview and may carry a reason: declining the invitation, or ending. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useCommand } from "../../command";
import { NoteField } from "../NoteField";
import { Dialog } from "../Dialog";
import { Refusal } from "../Refusal";

type Props = {
  readonly command: "invitation:decline" | "interview:end";
  readonly title: string;
  readonly text: string;
  readonly reasonLabel: string;
  readonly reasonHint: string;
  readonly confirm: string;
  readonly keep: string;
  readonly onClose: () => void;
};

export function ReasonDialog(props: Props) {
  const { command, title, text, reasonLabel, reasonHint, confirm, keep, onClose } = props;
  const { run, busy, refusal } = useCommand(command);
  const [reason, setReason] = useState("");
  const act = async (): Promise<void> => {
    if (await run({ reason: reason.trim() })) onClose();
  };
  return (
    <Dialog onClose={onClose} title={title}>
      <Stack>
        <Text>{text}</Text>
        <NoteField label={reasonLabel} hint={reasonHint} value={reason} onChange={setReason} />
        <Refusal refusal={refusal} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {keep}
          </Button>
          <Button color="red.8" loading={busy} onClick={() => void act()}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
