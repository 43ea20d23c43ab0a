/** Showing a message to the moderators: why, with how much around it, and exactly what they get. */
import { Button, Group, Radio, RangeSlider, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useCommand } from "../../command";
import { type FlagReason, type Message, WINDOW_MAX } from "../../protocol.gen";
import { useView } from "../../room";
import { common } from "../../strings/common";
import { nameIn, reasons } from "../../strings/names";
import { room as words } from "../../strings/room";
import { NoteField } from "../NoteField";
import { Dialog } from "../Dialog";
import { Refusal } from "../Refusal";
import { FlagPreview } from "./FlagPreview";
import styles from "./Dialogs.module.css";

const DEFAULT_AROUND = 5;

type Props = { readonly message: Message; readonly onClose: () => void };

export function FlagDialog({ message, onClose }: Props) {
  const { view } = useView();
  const { run, busy, refusal } = useCommand("message:flag");
  const [reason, setReason] = useState<FlagReason | null>(null);
  const [[before, after], setAround] = useState<readonly [number, number]>([
    DEFAULT_AROUND,
    DEFAULT_AROUND,
  ]);
  const [note, setNote] = useState("");
  const act = async (): Promise<void> => {
    if (reason === null) return;
    if (await run({ message: message.seq, reason, note: note.trim(), before, after })) onClose();
  };
  return (
    <Dialog onClose={onClose} title={words.flag.title} size="lg">
      <Stack gap="lg">
        <Text>{words.flag.lead(nameIn(view, message.by))}</Text>
        <Reasons chosen={reason} onChoose={setReason} />
        <Window before={before} after={after} onChange={setAround} />
        <FlagPreview message={message} before={before} after={after} />
        <NoteField
          label={words.flag.note}
          hint={words.flag.noteHint}
          value={note}
          onChange={setNote}
        />
        <Refusal refusal={refusal} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button loading={busy} disabled={reason === null} onClick={() => void act()}>
            {words.flag.send}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

const REASONS: readonly FlagReason[] = [
  "payment_outside",
  "scam",
  "harassment",
  "offensive",
  "confidentiality",
  "other",
];

type ReasonsProps = {
  readonly chosen: FlagReason | null;
  readonly onChoose: (reason: FlagReason | null) => void;
};

function Reasons({ chosen, onChoose }: ReasonsProps) {
  return (
    <Radio.Group
      label={words.flag.reason}
      value={chosen}
      onChange={(value) => onChoose(REASONS.find((reason) => reason === value) ?? null)}
    >
      <Stack gap="xs" mt="xs">
        {REASONS.map((reason) => (
          <Radio key={reason} value={reason} label={reasons[reason]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

type WindowProps = {
  readonly before: number;
  readonly after: number;
  readonly onChange: (around: readonly [number, number]) => void;
};

/** One slider with two handles: how many messages on each side of the flagged one, in the middle. */
function Window({ before, after, onChange }: WindowProps) {
  return (
    <div>
      <Text fw={500}>{words.flag.window}</Text>
      <Text size="sm" c="dimmed">
        {words.flag.windowHint(before, after)}
      </Text>
      <RangeSlider
        className={styles["slider"] ?? ""}
        min={-WINDOW_MAX}
        max={WINDOW_MAX}
        minRange={0}
        pushOnOverlap={false}
        value={[-before, after]}
        onChange={([from, to]) => onChange([Math.max(0, -from), Math.max(0, to)])}
        label={(value) => String(Math.abs(value))}
        thumbFromLabel={words.flag.before}
        thumbToLabel={words.flag.after}
        marks={[{ value: 0 }]}
      />
    </div>
  );
}
