/** From an action to a decision: first what it brings about and who is told what, then the act. */
import { Button, Group, Kbd } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { type Action, type CaseSummary } from "../../protocol.gen";
import { common } from "../../strings/common";
import { desk as words } from "../../strings/desk";
import { roles } from "../../strings/names";
import { NoteField } from "../NoteField";
import { Refusal } from "../Refusal";
import { useSingleKeys } from "../useSingleKeys";
import { useDesk } from "./context";
import styles from "./Decision.module.css";
import { useGiving } from "./useGiving";

const ACTIONS: readonly Action[] = ["dismiss", "warn", "hide", "remove", "end"];

export function Decision({ summary }: { readonly summary: CaseSummary }) {
  const [chosen, setChosen] = useState<Action | null>(null);
  const pick = (action: Action) => setChosen(action);
  useSingleKeys("desk", {
    ...Object.fromEntries(ACTIONS.map((action, at) => [String(at + 1), () => pick(action)])),
    Escape: () => setChosen(null),
  });
  return (
    <section className={styles["decision"]} data-open={chosen !== null} aria-labelledby="decide">
      <h3 id="decide">{words.decide}</h3>
      <div className={styles["actions"]}>
        {ACTIONS.map((action, at) => (
          <button
            type="button"
            key={action}
            className={styles["action"]}
            aria-pressed={chosen === action}
            aria-keyshortcuts={String(at + 1)}
            onClick={() => pick(action)}
          >
            <Kbd aria-hidden>{at + 1}</Kbd>
            {words.actions[action]}
          </button>
        ))}
      </div>
      {chosen !== null && (
        <Preview key={chosen} summary={summary} action={chosen} onCancel={() => setChosen(null)} />
      )}
    </section>
  );
}

type PreviewProps = {
  readonly summary: CaseSummary;
  readonly action: Action;
  readonly onCancel: () => void;
};

function Preview({ summary, action, onCancel }: PreviewProps) {
  const desk = useDesk();
  const { give, busy, refusal } = useGiving();
  const [explanation, setExplanation] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const effects = words.effects[action];
  const lines = [
    [words.consequence.interview, effects.interview],
    [words.consequence.accused(roles[summary.accused]), effects.accused],
    [words.consequence.reporter(roles[summary.reporter]), effects.reporter],
    [words.consequence.undo, effects.undo],
  ] as const;
  return (
    <form
      className={styles["preview"]}
      onSubmit={(event) => {
        event.preventDefault();
        void give(() => desk.decide(summary, action, explanation.trim()));
      }}
    >
      <dl>
        {lines.map(([who, what]) => (
          <div key={who}>
            <dt>{who}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <NoteField
        ref={field}
        label={words.explanation}
        hint={action === "dismiss" ? words.reads.reporter : words.reads.both}
        value={explanation}
        onChange={setExplanation}
      />
      <Refusal refusal={refusal} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          {common.cancel}
        </Button>
        <Button
          type="submit"
          loading={busy}
          className={action === "remove" || action === "end" ? (styles["grave"] ?? "") : ""}
        >
          {words.confirm[action]}
        </Button>
      </Group>
    </form>
  );
}
