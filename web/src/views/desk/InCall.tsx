/** What cannot wait for the decision: the accused is in a call now. */
import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type { CaseSummary, Measure } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import { roles } from "../../strings/names";
import { Refusal } from "../Refusal";
import { useDesk } from "./context";
import styles from "./Desk.module.css";
import { useGiving } from "./useGiving";

const MEASURES: readonly Measure[] = ["mute", "eject"];

export function InCall({ summary }: { readonly summary: CaseSummary }) {
  const desk = useDesk();
  const { give, busy, refusal } = useGiving();
  const [done, setDone] = useState<Measure | null>(null);
  const act = async (measure: Measure): Promise<void> => {
    if (await give(() => desk.intervene(summary, measure))) setDone(measure);
  };
  if (!summary.inCall && done === null) return null;
  return (
    <section className={styles["inCall"]} aria-labelledby="in-call">
      <h3 id="in-call">{words.inCall.title}</h3>
      {summary.inCall && (
        <>
          <p className={styles["quiet"]}>{words.inCall.text(roles[summary.accused])}</p>
          <Group gap="sm">
            {MEASURES.map((measure) => (
              <Button
                key={measure}
                variant="default"
                loading={busy}
                onClick={() => void act(measure)}
              >
                {words.inCall.measures[measure]}
              </Button>
            ))}
          </Group>
        </>
      )}
      <p role="status">{done !== null && words.inCall.done[done]}</p>
      <Refusal refusal={refusal} />
    </section>
  );
}
