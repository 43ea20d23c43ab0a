/** What was decided, and the words that went with it. */
import { IconCheck } from "@tabler/icons-react";
import type { CaseDetail, CaseSummary } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import styles from "./Desk.module.css";

type Props = { readonly summary: CaseSummary; readonly detail: CaseDetail };

export function Decided({ summary, detail }: Props) {
  if (summary.action === null) return null;
  return (
    <section className={styles["decided"]} aria-labelledby="decided">
      <IconCheck size={20} aria-hidden />
      <div>
        <h3 id="decided">{words.done[summary.action]}</h3>
        {detail.explanation === "" ? (
          <p className={styles["quiet"]}>{words.noExplanation}</p>
        ) : (
          <blockquote dir="auto">{detail.explanation}</blockquote>
        )}
      </div>
    </section>
  );
}
