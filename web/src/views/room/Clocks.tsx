/** Both local times, and how much of the planned time is left. */
import { Tooltip } from "@mantine/core";
import { IconClock, IconHourglass } from "@tabler/icons-react";
import { useView } from "../../room";
import { clockIn, nameIn, otherSide } from "../../strings/names";
import { room as words } from "../../strings/room";
import { useNow } from "../call/useNow";
import styles from "./Clocks.module.css";
import { type TimeBox, timeBoxOf } from "./timebox";
import { ownZone } from "./useZone";

export function Clocks() {
  const { state, view } = useView();
  const now = useNow() + state.clockAhead;
  const other = otherSide(view, state.at.seat);
  const zone = other === undefined ? undefined : view.zones[other.seat];
  const box = timeBoxOf(view, now);
  // Who lives by the same clock needs to see one only, and that is on the device.
  const apart = zone !== undefined && clockIn(now, zone) !== clockIn(now, ownZone());
  if (!apart && box === null) return null;
  return (
    <div className={styles["clocks"]}>
      {box !== null && <Left box={box} />}
      {apart && other !== undefined && (
        <>
          <Time label={nameIn(view, other.seat)} zone={zone} now={now} />
          <Time label={words.clock.yours} zone={ownZone()} now={now} />
        </>
      )}
    </div>
  );
}

type TimeProps = { readonly label: string; readonly zone: string; readonly now: number };

function Time({ label, zone, now }: TimeProps) {
  return (
    <Tooltip label={words.clock.zone(zone.replaceAll("_", " "))}>
      <span className={styles["clockOf"]}>
        <IconClock size={15} aria-hidden />
        <time className="numbers" dateTime={new Date(now).toISOString()}>
          {clockIn(now, zone)}
        </time>
        <bdi>{label}</bdi>
      </span>
    </Tooltip>
  );
}

/** Said aloud once, when five minutes are left, and once when they are over. */
function Left({ box: { left, state } }: { readonly box: TimeBox }) {
  const text = state === "over" ? words.clock.over(-left) : words.clock.left(left);
  const said = { well: "", soon: words.clock.soon, over: words.clock.past }[state];
  return (
    <Tooltip label={words.clock.hint}>
      <span className={styles["timeBox"]} data-state={state}>
        <IconHourglass size={15} aria-hidden />
        <span className="numbers">{text}</span>
        <span role="status" className="sr-only">
          {said}
        </span>
      </span>
    </Tooltip>
  );
}
