/** What an interview needs: a title, two names, how to meet, when, and a note. */
import {
  Button,
  Checkbox,
  NativeSelect,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Textarea,
} from "@mantine/core";
import { type FormEvent, useId, useState } from "react";
import { type Created, type NewInterview, createInterview } from "../../http";
import { NAME_MAX, NOTE_MAX, type Refused, TITLE_MAX } from "../../protocol.gen";
import { common } from "../../strings/common";
import { formatHints, formats } from "../../strings/names";
import { pages } from "../../strings/pages";
import { Calm } from "../Calm";
import { ToDoctor } from "../doctor/ToDoctor";
import { Refusal } from "../Refusal";

const words = pages.start;

type Wanted = Omit<NewInterview, "startsAt"> & { readonly when: string };
/** In minutes. */
const LENGTHS = [0, 15, 20, 30, 45, 60, 90, 120];
const BLANK: Wanted = {
  title: "",
  format: "text",
  client: "",
  freelancer: "",
  note: "",
  when: "",
  minutes: 0,
  knock: false,
};

export function CreateForm({ onCreated }: { readonly onCreated: (created: Created) => void }) {
  const [wanted, setWanted] = useState(BLANK);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refused | null>(null);
  const set = (change: Partial<Wanted>): void => setWanted((before) => ({ ...before, ...change }));
  const problems = problemsOf(wanted);

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (problems.title !== null || problems.when !== null) return;
    setBusy(true);
    setRefusal(null);
    const { when, ...rest } = wanted;
    const outcome = await createInterview({ ...rest, startsAt: instant(when) });
    setBusy(false);
    if (outcome.ok) onCreated(outcome.value);
    else setRefusal(outcome);
  };
  return (
    <Calm title={words.title} footer={<ToDoctor />}>
      <Text c="dimmed">{words.lead}</Text>
      <form onSubmit={(event) => void create(event)} noValidate>
        <Stack gap="lg">
          <Fields wanted={wanted} set={set} problems={tried ? problems : NONE} />
          <Refusal refusal={refusal} />
          <Button type="submit" loading={busy}>
            {words.action}
          </Button>
        </Stack>
      </form>
    </Calm>
  );
}

type Problems = { readonly title: string | null; readonly when: string | null };
const NONE: Problems = { title: null, when: null };

function problemsOf({ title, when }: Wanted): Problems {
  const at = instant(when);
  return {
    title: title.trim() === "" ? words.titleNeeded : null,
    when: at !== null && at < Date.now() ? words.timePast : null,
  };
}

/** The moment that a `datetime-local` field names in this browser's zone. */
function instant(when: string): number | null {
  const at = Date.parse(when);
  return Number.isNaN(at) ? null : at;
}

type FieldsProps = {
  readonly wanted: Wanted;
  readonly set: (change: Partial<Wanted>) => void;
  readonly problems: Problems;
};

function Fields({ wanted, set, problems }: FieldsProps) {
  return (
    <>
      <TextInput
        label={words.name}
        placeholder={words.namePlaceholder}
        value={wanted.title}
        onChange={(event) => set({ title: event.currentTarget.value })}
        maxLength={TITLE_MAX}
        error={problems.title}
        dir="auto"
      />
      <TextInput
        label={words.client}
        description={words.clientHint}
        value={wanted.client}
        onChange={(event) => set({ client: event.currentTarget.value })}
        maxLength={NAME_MAX}
        autoComplete="name"
        dir="auto"
      />
      <TextInput
        label={words.freelancer}
        description={words.freelancerHint}
        value={wanted.freelancer}
        onChange={(event) => set({ freelancer: event.currentTarget.value })}
        maxLength={NAME_MAX}
        autoComplete="off"
        dir="auto"
      />
      <FormatField wanted={wanted} set={set} />
      <Checkbox
        label={words.knock}
        description={words.knockHint}
        checked={wanted.knock}
        onChange={(event) => set({ knock: event.currentTarget.checked })}
      />
      <TextInput
        type="datetime-local"
        label={`${words.startsAt} (${common.optional})`}
        description={words.startsAtHint}
        value={wanted.when}
        onChange={(event) => set({ when: event.currentTarget.value })}
        error={problems.when}
      />
      <LengthField wanted={wanted} set={set} />
      <Textarea
        label={`${words.note} (${common.optional})`}
        description={words.noteHint}
        value={wanted.note}
        onChange={(event) => set({ note: event.currentTarget.value })}
        maxLength={NOTE_MAX}
        autosize
        minRows={3}
        maxRows={8}
        dir="auto"
      />
    </>
  );
}

function LengthField({ wanted, set }: Omit<FieldsProps, "problems">) {
  return (
    <NativeSelect
      label={words.minutes}
      description={words.minutesHint}
      size="md"
      value={String(wanted.minutes)}
      onChange={(event) => set({ minutes: Number(event.currentTarget.value) })}
      data={LENGTHS.map((minutes) => ({
        value: String(minutes),
        label: minutes === 0 ? words.unplanned : words.long(minutes),
      }))}
    />
  );
}

function FormatField({ wanted, set }: Omit<FieldsProps, "problems">) {
  const label = useId();
  return (
    <div>
      <Text fw={500} mb={4} id={label}>
        {words.format}
      </Text>
      <SegmentedControl
        fullWidth
        aria-labelledby={label}
        value={wanted.format}
        onChange={(format) => set({ format })}
        data={[
          { value: "text", label: formats.text },
          { value: "audio", label: formats.audio },
          { value: "video", label: formats.video },
        ]}
      />
      <Text size="sm" c="dimmed" mt={6}>
        {formatHints[wanted.format]}
      </Text>
    </div>
  );
}
