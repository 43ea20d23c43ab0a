/** The invitation as the freelancer meets it: who, what for, when, how; and the ways to answer. */
import { Button, Stack, Text } from "@mantine/core";
import { IconMailOpened } from "@tabler/icons-react";
import { useState } from "react";
import { useCommand } from "../../command";
import { useView } from "../../room";
import { common } from "../../strings/common";
import { formatHints, formats, fromNow, moment, nameIn, otherSide } from "../../strings/names";
import { room } from "../../strings/room";
import { Calm } from "../Calm";
import { Refusal } from "../Refusal";
import { ReasonDialog } from "../dialogs/ReasonDialog";
import { Markdown } from "../thread/Markdown";
import { ConnectionChip } from "./ConnectionChip";
import styles from "./Invited.module.css";

const words = room.invited;

/** `onWrite`: to the thread, without an answer yet. */
export function Invited({ onWrite }: { readonly onWrite: () => void }) {
  const { state, view } = useView();
  const { run, busy, refusal } = useCommand("invitation:accept");
  const [declining, setDeclining] = useState(false);
  const client = otherSide(view, state.at.seat);
  const who = client === undefined ? "" : nameIn(view, client.seat);
  const [now] = useState(() => Date.now() + state.clockAhead);
  const later = view.startsAt !== null && view.startsAt > now;
  return (
    <Calm
      icon={<IconMailOpened />}
      title={words.title(who)}
      actions={
        <>
          <Button loading={busy} onClick={() => void run({})}>
            {words.accept}
          </Button>
          <Button variant="default" onClick={onWrite}>
            {words.write}
          </Button>
          <Button variant="subtle" color="gray" onClick={() => setDeclining(true)}>
            {words.decline}
          </Button>
        </>
      }
    >
      <ConnectionChip />
      <Particulars now={now} />
      <Note who={who} />
      <Stack gap={4}>
        <Text size="sm" c="dimmed">
          {words.acceptHint(later)} {words.seen(who)}
        </Text>
      </Stack>
      <Refusal refusal={refusal} />
      {declining && (
        <ReasonDialog
          command="invitation:decline"
          title={words.declineTitle}
          text={words.declineText(who)}
          reasonLabel={words.reason}
          reasonHint={words.reasonHint(who)}
          confirm={words.decline}
          keep={common.cancel}
          onClose={() => setDeclining(false)}
        />
      )}
    </Calm>
  );
}

function Particulars({ now }: { readonly now: number }) {
  const { view } = useView();
  const at = view.startsAt;
  return (
    <dl className={styles["facts"]}>
      <div>
        <dt>{words.for}</dt>
        <dd className={styles["title"]}>
          <bdi>{view.title}</bdi>
        </dd>
      </div>
      <div>
        <dt>{room.when}</dt>
        <dd>
          {at === null ? (
            room.noTime
          ) : (
            <>
              <time dateTime={new Date(at).toISOString()}>{moment(at)}</time>
              <span className={styles["quiet"]}>
                {words.ownTime}, {fromNow(at, now)}
              </span>
            </>
          )}
          {view.minutes > 0 && (
            <span className={styles["quiet"]}>{room.planned.sentence(view.minutes)}</span>
          )}
        </dd>
      </div>
      <div>
        <dt>{room.format}</dt>
        <dd>
          {formats[view.format]}
          <span className={styles["quiet"]}>{formatHints[view.format]}</span>
        </dd>
      </div>
    </dl>
  );
}

/** What the client wrote with the invitation. */
function Note({ who }: { readonly who: string }) {
  const { view } = useView();
  const first = view.thread.find(
    (item) => item.kind === "notice" && item.event.type === "interview:created",
  );
  const text = first?.kind === "notice" ? first.text : null;
  if (text === null || text === "") return null;
  return (
    <section className={styles["note"]}>
      <h2>{words.note(who)}</h2>
      <Markdown text={text} />
    </section>
  );
}
