/** The frozen messages, the reported one marked; plain text, so that nothing in it can act. */
import { IconFlag } from "@tabler/icons-react";
import type { CaseDetail, Evidence, Version } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import { clock, roles } from "../../strings/names";
import evidence from "./Evidence.module.css";
import styles from "./Desk.module.css";

export function EvidenceList({ detail }: { readonly detail: CaseDetail }) {
  return (
    <section aria-labelledby="evidence">
      <h3 id="evidence">{words.evidence.title}</h3>
      <p className={styles["quiet"]}>{words.evidence.text}</p>
      <ol className={evidence["evidence"]}>
        {detail.evidence.map((one) => (
          <Frozen key={one.message} one={one} flagged={one.message === detail.flagged} />
        ))}
      </ol>
    </section>
  );
}

function Frozen({ one, flagged }: { readonly one: Evidence; readonly flagged: boolean }) {
  const earlier = one.versions.slice(0, -1);
  return (
    <li className={evidence["frozen"]} data-flagged={flagged}>
      <div className={evidence["frozenHead"]}>
        <strong className={styles["role"]}>{roles[one.by]}</strong>
        <time dateTime={new Date(one.at).toISOString()}>{clock(one.at)}</time>
        {flagged && (
          <span className={evidence["flagged"]}>
            <IconFlag size={14} aria-hidden /> {words.evidence.flagged}
          </span>
        )}
        {one.state !== "kept" && (
          <span className={styles["quiet"]}>{words.evidence.states[one.state]}</span>
        )}
      </div>
      <Said version={one.versions.at(-1)} />
      {earlier.length > 0 && (
        <details>
          <summary>{words.evidence.edited(earlier.length)}</summary>
          {earlier.map((version) => (
            <Said key={version.seq} version={version} />
          ))}
        </details>
      )}
    </li>
  );
}

function Said({ version }: { readonly version: Version | undefined }) {
  const text = version?.text ?? null;
  if (text === null) return <p className={styles["quiet"]}>{words.evidence.gone}</p>;
  return (
    <p className={evidence["said"]} dir="auto">
      {text}
    </p>
  );
}
