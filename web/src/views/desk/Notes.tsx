/** What moderators tell each other about a case. */
import { Button, Textarea } from "@mantine/core";
import { useRef, useState } from "react";
import { type CaseDetail, type CaseSummary, NOTE_MAX } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import { clock } from "../../strings/names";
import { Refusal } from "../Refusal";
import { useSingleKeys } from "../useSingleKeys";
import { moderatorName, useDesk } from "./context";
import evidence from "./Evidence.module.css";
import styles from "./Desk.module.css";
import { useGiving } from "./useGiving";

type Props = { readonly summary: CaseSummary; readonly detail: CaseDetail };

export function Notes({ summary, detail }: Props) {
  return (
    <section aria-labelledby="notes">
      <h3 id="notes">{words.notes.title}</h3>
      <p className={styles["quiet"]}>
        {detail.notes.length === 0 ? `${words.notes.empty} ` : ""}
        {words.notes.text}
      </p>
      {detail.notes.length > 0 && (
        <ul className={evidence["notes"]}>
          {detail.notes.map((note) => (
            <li key={note.seq}>
              <div className={evidence["frozenHead"]}>
                <strong>{moderatorName(note.by)}</strong>
                <time dateTime={new Date(note.at).toISOString()}>{clock(note.at)}</time>
              </div>
              <p className={evidence["said"]} dir="auto">
                {note.text}
              </p>
            </li>
          ))}
        </ul>
      )}
      {summary.status === "claimed" && <AddNote summary={summary} />}
    </section>
  );
}

function AddNote({ summary }: { readonly summary: CaseSummary }) {
  const desk = useDesk();
  const { give, busy, refusal } = useGiving();
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useSingleKeys("desk", { n: () => field.current?.focus() });
  const add = async (): Promise<void> => {
    if (await give(() => desk.note(summary, text.trim()))) setText("");
  };
  return (
    <form
      className={evidence["addNote"]}
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Textarea
        ref={field}
        label={words.notes.label}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={NOTE_MAX}
        autosize
        minRows={1}
        maxRows={6}
        dir="auto"
      />
      <Button type="submit" variant="default" loading={busy} disabled={text.trim() === ""}>
        {words.notes.add}
      </Button>
      <Refusal refusal={refusal} />
    </form>
  );
}
