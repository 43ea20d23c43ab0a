/** Proposing to meet in another format: nothing changes before the other side agrees. */
import { Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useCommand } from "../../command";
import type { Format } from "../../protocol.gen";
import { useView } from "../../room";
import { common } from "../../strings/common";
import { formatHints, formats, nameIn, otherSide } from "../../strings/names";
import { room as words } from "../../strings/room";
import { Dialog } from "../Dialog";
import { Refusal } from "../Refusal";

const ALL: readonly Format[] = ["text", "audio", "video"];

export function FormatDialog({ onClose }: { readonly onClose: () => void }) {
  const { state, view } = useView();
  const { run, busy, refusal } = useCommand("format:propose");
  const choices = ALL.filter((format) => format !== view.format);
  const [wanted, setWanted] = useState<Format>(choices.at(-1) ?? "video");
  const other = otherSide(view, state.at.seat);
  const act = async (): Promise<void> => {
    if (await run({ format: wanted })) onClose();
  };
  return (
    <Dialog onClose={onClose} title={words.formats.title}>
      <Stack>
        <Text>{words.formats.text(other === undefined ? "" : nameIn(view, other.seat))}</Text>
        <Radio.Group
          aria-label={words.formats.title}
          value={wanted}
          onChange={(value) => setWanted(ALL.find((format) => format === value) ?? wanted)}
        >
          <Stack gap="sm">
            {choices.map((format) => (
              <Radio
                key={format}
                value={format}
                label={formats[format]}
                description={formatHints[format]}
              />
            ))}
          </Stack>
        </Radio.Group>
        <Refusal refusal={refusal} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button loading={busy} onClick={() => void act()}>
            {words.formats.propose(wanted)}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
