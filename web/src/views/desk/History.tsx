/** How a case came to where it stands, and what else is known of its interview. */
import { keyOf } from "../../desk-state";
import type { CaseSummary } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import { reasons, roles } from "../../strings/names";
import { moderatorName, useDesk, useDeskState } from "./context";
import styles from "./Desk.module.css";

type Props = { readonly summary: CaseSummary };

export function History({ summary }: Props) {
  const desk = useDesk();
  const { cases, you } = useDeskState();
  const others = (cases ?? []).filter(
    (one) => one.interview === summary.interview && one.case !== summary.case,
  );
  return (
    <section aria-labelledby="history">
      <h3 id="history">{words.history.title}</h3>
      <ol className={styles["history"]}>
        {steps(summary, you).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {others.length > 0 && (
        <>
          <h3>{words.history.others}</h3>
          <ul className={styles["others"]}>
            {others.map((one) => (
              <li key={keyOf(one)}>
                <button type="button" onClick={() => desk.select(keyOf(one))}>
                  {reasons[one.reason]}
                </button>{" "}
                <span className={styles["quiet"]}>
                  {one.action === null ? words.status[one.status] : words.what[one.action]}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function steps({ reporter, status, claimedBy, action }: CaseSummary, you: string): string[] {
  const who = moderatorName(claimedBy);
  const told = [words.history.reported(roles[reporter])];
  if (status !== "open") {
    told.push(claimedBy === you ? words.history.claimedSelf : words.history.claimed(who));
  }
  if (action !== null) told.push(words.history.decided(who, words.what[action]));
  return told;
}
