/** Words that may be given with a step, and need not be. */
import { Textarea } from "@mantine/core";
import type { Ref } from "react";
import { NOTE_MAX } from "../protocol.gen";
import { common } from "../strings/common";

type Props = {
  readonly label: string;
  /** Who will read them. */
  readonly hint: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly ref?: Ref<HTMLTextAreaElement>;
};

export function NoteField({ label, hint, value, onChange, ref }: Props) {
  return (
    <Textarea
      ref={ref ?? null}
      label={`${label} (${common.optional})`}
      description={hint}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={NOTE_MAX}
      autosize
      minRows={2}
      maxRows={6}
      dir="auto"
    />
  );
}
