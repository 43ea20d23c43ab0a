/** A whole call as one line of the thread: who, which kind, how long, why it ended. */
import { IconPhone, IconPhoneOff, IconVideo } from "@tabler/icons-react";
import type { CallSummary } from "../../call-summary";
import type { Call, View } from "../../protocol.gen";
import { clock, duration, nameIn } from "../../strings/names";
import { thread as words } from "../../strings/thread";
import styles from "./Notice.module.css";

type Props = { readonly call: CallSummary; readonly view: View };

export function CallRow({ call, view }: Props) {
  return (
    <li className={styles["call"]}>
      <span className={styles["cardIcon"]} aria-hidden>
        {icon(call)}
      </span>
      <div className={styles["cardBody"]}>
        <div className={styles["cardHead"]}>
          <h3>{words.call.title(call.media)}</h3>
          <time dateTime={new Date(call.rangAt).toISOString()}>{clock(call.rangAt)}</time>
        </div>
        <p className={styles["hint"]}>{story(call, view, view.call)}</p>
        {call.reason !== null && call.reason !== "" && <p dir="auto">“{call.reason}”</p>}
      </div>
    </li>
  );
}

function icon({ media, answeredAt, end }: CallSummary) {
  if (end !== null && answeredAt === null) return <IconPhoneOff size={18} />;
  return media === "video" ? <IconVideo size={18} /> : <IconPhone size={18} />;
}

/** How it stands, or how it went, in a few words. */
export function story(call: CallSummary, view: View, live: Call | null): string {
  if (call.end === null) {
    const ringing = live?.call === call.call && live.phase === "ringing";
    return ringing ? words.call.ringing(nameIn(view, call.by)) : words.call.going;
  }
  const end = words.call.ended[call.end];
  return call.lastedMs === null ? end : `${end} · ${duration(call.lastedMs)}`;
}
