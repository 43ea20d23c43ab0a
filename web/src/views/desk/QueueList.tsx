/** The queue in the order of work: what it is about, how urgent, how old, and who is on it. */
import { useNow } from "../call/useNow";
import { type Group, grouped, keyOf, severityOf } from "../../desk-state";
import type { CaseSummary } from "../../protocol.gen";
import { desk as words } from "../../strings/desk";
import { reasons, roles } from "../../strings/names";
import { moderatorName, useDesk, useDeskState } from "./context";
import queue from "./Queue.module.css";
import styles from "./Desk.module.css";

export function QueueList() {
  const { cases, you, selected } = useDeskState();
  const groups = grouped(cases ?? [], you);
  if (groups.length === 0) {
    return (
      <div className={queue["emptyQueue"]}>
        <p className={queue["wideOnly"]}>{words.empty.short}</p>
        <div className={queue["narrowOnly"]}>
          <strong>{words.empty.title}</strong>
          <p>{words.empty.text}</p>
        </div>
      </div>
    );
  }
  return groups.map(({ group, cases: found }) => (
    <section key={group} aria-labelledby={`group-${group}`}>
      <h2 className={queue["group"]} id={`group-${group}`}>
        {words.groups[group]} <span className="numbers">{found.length}</span>
      </h2>
      <ul className={queue["lines"]}>
        {found.map((one) => (
          <Line key={keyOf(one)} one={one} group={group} chosen={keyOf(one) === selected} />
        ))}
      </ul>
    </section>
  ));
}

type LineProps = {
  readonly one: CaseSummary;
  readonly group: Group;
  readonly chosen: boolean;
};

function Line({ one, group, chosen }: LineProps) {
  const desk = useDesk();
  const { clockAhead } = useDeskState();
  const now = useNow();
  const severity = severityOf(one.reason);
  const parties = { reporter: roles[one.reporter], accused: roles[one.accused] };
  return (
    <li>
      <button
        type="button"
        className={queue["line"]}
        aria-current={chosen}
        data-group={group}
        onClick={() => desk.select(keyOf(one))}
      >
        <span className={styles["severity"]} data-severity={severity}>
          {words.severities[severity]}
        </span>
        <time dateTime={new Date(one.at).toISOString()}>
          {words.age(now + clockAhead - one.at)}
        </time>
        <strong>{reasons[one.reason]}</strong>
        <span className={queue["parties"]}>{words.parties(parties)}</span>
        {group === "taken" && (
          <span className={queue["parties"]}>{words.claimedBy(moderatorName(one.claimedBy))}</span>
        )}
        {one.action !== null && <span className={queue["parties"]}>{words.what[one.action]}</span>}
      </button>
    </li>
  );
}
