/** The panel beside the thread: the interview's particulars, and who can read what. */
import { Button, Group, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { watches } from "../../call-state";
import { useView } from "../../room";
import { isClosed } from "../../state";
import { formatHints, formats, moment } from "../../strings/names";
import { room as words } from "../../strings/room";
import { Downloads } from "./Downloads";
import { PeopleList } from "./PeopleList";
import styles from "./Room.module.css";

export function About({ onFormat }: { readonly onFormat: () => void }) {
  const { state, view } = useView();
  return (
    <Stack gap="lg" className={styles["about"] ?? ""}>
      <Part title={words.format}>
        <p>{formats[view.format]}</p>
        <p className={styles["quiet"]}>{formatHints[view.format]}</p>
        {!isClosed(view) && !watches(view, state.at.seat) && (
          <Button variant="default" size="sm" onClick={onFormat} mt="xs">
            {words.changeFormat}
          </Button>
        )}
      </Part>
      <Part title={words.when}>
        <Times />
      </Part>
      <Part title={words.people}>
        <PeopleList />
      </Part>
      <Part title={words.privacy}>
        <p className={styles["quiet"]}>
          {view.people.length > 2
            ? `${words.privacyPanel} ${words.privacySide}`
            : words.privacyText}
        </p>
      </Part>
      <Part title={words.transcript}>
        <Group gap="xs">
          <Downloads />
        </Group>
      </Part>
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Times() {
  const { view } = useView();
  const times = [
    { label: words.invitedAt, at: view.createdAt },
    { label: words.startsAt, at: view.openedAt === null ? view.startsAt : null },
    { label: words.openedAt, at: view.openedAt },
    { label: words.closedAt, at: view.closedAt },
  ];
  return (
    <dl className={styles["times"]}>
      {times.map(({ label, at }) =>
        at === null ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <time dateTime={new Date(at).toISOString()}>{moment(at)}</time>
            </dd>
          </div>
        ),
      )}
      {view.minutes > 0 && (
        <div>
          <dt>{words.planned.label}</dt>
          <dd>{words.planned.length(view.minutes)}</dd>
        </div>
      )}
    </dl>
  );
}
