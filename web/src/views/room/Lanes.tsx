/** The two threads of a client's side that is several people: everybody's, and its own. */
import { Tabs } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconLock } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { LaneContext, useView } from "../../room";
import { LANES, type Lane, type State } from "../../state";
import { nameIn, namesIn, otherSide } from "../../strings/names";
import { panel } from "../../strings/panel";
import { useMissed } from "../call/stage-size";
import styles from "./Lanes.module.css";

const words = panel.side;

export function Lanes({ children }: { readonly children: ReactNode }) {
  const { state } = useView();
  const [chosen, choose] = useState<Lane>("shared");
  const has = hasSide(state);
  const lane = has ? chosen : "shared";
  const unread = useUnread(state, lane);
  const missed = useMissed(lane === "side");
  if (!has) return children;
  return (
    <>
      <Tabs id="lane" value={lane} onChange={(to) => choose(to === "side" ? "side" : "shared")}>
        <Tabs.List grow aria-label={words.tabs}>
          <Tabs.Tab value="shared" className={styles["tab"] ?? ""}>
            <span className={styles["tabText"]}>
              {words.everybody}
              <Count of={missed} />
            </span>
          </Tabs.Tab>
          <Tabs.Tab value="side" className={styles["tab"] ?? ""}>
            <span className={styles["tabText"]}>
              <IconLock size={16} aria-hidden />
              {words.own}
              <Count of={unread} />
            </span>
          </Tabs.Tab>
        </Tabs.List>
      </Tabs>
      <div
        id={`lane-panel-${lane}`}
        role="tabpanel"
        aria-labelledby={`lane-tab-${lane}`}
        className={styles["lane"]}
        data-lane={lane}
      >
        {lane === "side" && <Private />}
        <LaneContext key={lane} value={lane}>
          {children}
        </LaneContext>
      </div>
    </>
  );
}

/** How much is new in a thread that is not shown. */
function Count({ of: count }: { readonly of: number }) {
  return count === 0 ? null : <span className={styles["unread"]}>{words.unread(count)}</span>;
}

/** Who reads this, and who does not. */
function Private() {
  const { state, view } = useView();
  const other = otherSide(view, state.at.seat);
  const names = namesIn(view, colleagues(state));
  return (
    <p className={styles["private"]}>
      <IconLock size={18} aria-hidden />
      <span>
        {words.only(names)} {other !== undefined && words.not(nameIn(view, other.seat))}
      </span>
    </p>
  );
}

function colleagues({ view, at }: State): readonly string[] {
  const people = view?.people ?? [];
  return people
    .filter(({ role, seat, removed }) => role === "client" && seat !== at.seat && !removed)
    .map(({ seat }) => seat);
}

/** One alone has nobody to talk to there; what was said stays readable. */
function hasSide(state: State): boolean {
  if (state.me?.role !== "client") return false;
  return colleagues(state).length > 0 || (state.view?.side.length ?? 0) > 0;
}

/** How much of the own side's thread this browser has not shown. */
function useUnread({ at, view, cursor }: State, lane: Lane): number {
  const head = cursor[LANES.side] ?? 0;
  const [seen, setSeen] = useLocalStorage({
    key: `parley:side:${at.interview}:${at.seat}`,
    defaultValue: 0,
    getInitialValueInEffect: false,
  });
  useEffect(() => {
    if (lane === "side" && head > seen) setSeen(head);
  }, [lane, head, seen, setSeen]);
  const side = view?.side ?? [];
  return side.filter((item) => item.kind === "message" && item.seq > seen && item.by !== at.seat)
    .length;
}
