/** The whole interview to read, print and take along; from the same record as the room. */
import { Button, Group } from "@mantine/core";
import { IconArrowLeft, IconPrinter } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { plain } from "../../markdown";
import type { Message, View } from "../../protocol.gen";
import { SessionContext, useInterview, useView } from "../../room";
import { type SeatPath, seatPath } from "../../routes";
import {
  clock,
  day,
  measures,
  moment,
  nameIn,
  nameOf,
  outcomes,
  reasons,
  roles,
} from "../../strings/names";
import { pages } from "../../strings/pages";
import { thread } from "../../strings/thread";
import { Mark } from "../Mark";
import { Downloads } from "../room/Downloads";
import { Farewell } from "../room/Farewell";
import { useOpenSession } from "../room/InterviewPage";
import { Opening } from "../room/Opening";
import { story } from "../thread/CallRow";
import { Markdown } from "../thread/Markdown";
import { sentence } from "../thread/NoticeRow";
import { type Row, rows } from "../thread/rows";
import { Proof } from "./Proof";
import styles from "./Transcript.module.css";

const words = pages.transcript;

export function Transcript({ at }: { readonly at: SeatPath }) {
  const session = useOpenSession(at);
  return (
    <SessionContext value={session}>
      <Face />
    </SessionContext>
  );
}

function Face() {
  const { link, view } = useInterview();
  const title = view?.title;
  useEffect(() => {
    // Also the name that browsers propose when the page is printed to a file.
    if (title !== undefined) document.title = words.of(title);
  }, [title]);
  if (link.kind === "over") return <Farewell link={link} />;
  return view === null ? <Opening /> : <Sheet />;
}

/** The sheet itself, as it is printed. */
export function Sheet() {
  const { state, view } = useView();
  return (
    <div className={styles["page"]}>
      <nav className={styles["tools"]}>
        <Button
          component="a"
          href={seatPath(state.at)}
          variant="subtle"
          color="gray"
          leftSection={<IconArrowLeft size={18} />}
        >
          {words.back}
        </Button>
        <Group gap="xs">
          <Button
            variant="default"
            size="sm"
            leftSection={<IconPrinter size={16} />}
            onClick={() => print()}
          >
            {words.print}
          </Button>
          <Downloads />
        </Group>
      </nav>
      <main className={styles["sheet"]}>
        <Head />
        <ol className={styles["lines"]}>
          {rows(view, [], state.at.seat).map((row) => (
            <Line key={row.key} row={row} view={view} />
          ))}
        </ol>
        <Proof />
      </main>
    </div>
  );
}

function Head() {
  const { view } = useView();
  const [now] = useState(() => Date.now());
  const names = view.people.map(({ seat, role }) => `${nameIn(view, seat)} (${roles[role]})`);
  return (
    <header className={styles["head"]}>
      <Mark />
      <h1>
        <bdi>{view.title}</bdi>
      </h1>
      <p>{words.between(names.join(" & "))}</p>
      <p>
        {words.from(moment(view.createdAt), view.closedAt === null ? null : moment(view.closedAt))}
      </p>
      <p className={styles["quiet"]}>
        {view.closedAt === null && `${words.made(moment(now))} `}
        {words.absent}
      </p>
    </header>
  );
}

function Line({ row, view }: { readonly row: Row; readonly view: View }) {
  switch (row.kind) {
    case "day":
      return (
        <li className={styles["day"]}>
          <h2>{day(row.at)}</h2>
        </li>
      );
    case "message":
      return <Said message={row.message} view={view} />;
    case "call":
      return (
        <li className={styles["notice"]}>
          <time>{clock(row.call.rangAt)}</time>
          <p>
            {thread.call.title(row.call.media)}, {nameIn(view, row.call.by)}.{" "}
            {story(row.call, view, view.call)}
          </p>
        </li>
      );
    case "notice": {
      const { event, text } = row.notice;
      const said = sentence(event, view) ?? ownSentence(row);
      if (said === null) return null;
      return (
        <li className={styles["notice"]}>
          <time>{clock(event.at)}</time>
          <div>
            <p>{said}</p>
            {text !== null && text !== "" && <Markdown text={text} />}
          </div>
        </li>
      );
    }
    case "new":
    case "unsent":
      return null;
  }
}

/** What only this reader's transcript holds. */
function ownSentence({ notice }: Extract<Row, { kind: "notice" }>): string | null {
  const { event } = notice;
  switch (event.type) {
    case "flag:received":
      return `${thread.notices.flagReceived}: ${reasons[event.reason]}`;
    case "flag:answered":
      return outcomes[event.action];
    case "person:warned":
      return measures[event.action];
    default:
      return null;
  }
}

function Said({ message, view }: { readonly message: Message; readonly view: View }) {
  const current = message.versions.at(-1);
  const edited = message.versions.length > 1 && message.state === "kept";
  return (
    <li className={styles["said"]}>
      <div className={styles["by"]}>
        <strong>
          <bdi>{nameOf(view, message.by)}</bdi>
        </strong>
        <time dateTime={new Date(message.at).toISOString()}>{clock(message.at)}</time>
        {edited && <span className={styles["quiet"]}>{words.edited}</span>}
      </div>
      <Answered message={message} view={view} />
      {message.state === "kept" ? (
        <Markdown text={current?.text ?? ""} />
      ) : (
        <p className={styles["quiet"]}>
          {message.state === "hidden" ? thread.hidden : thread.deleted(nameIn(view, message.by))}
        </p>
      )}
    </li>
  );
}

function Answered({ message, view }: { readonly message: Message; readonly view: View }) {
  const found = view.thread.find((item) => item.seq === message.replyTo);
  if (found?.kind !== "message") return null;
  const text = found.versions.at(-1)?.text ?? null;
  return (
    <p className={styles["quiet"]}>
      {words.answering(nameIn(view, found.by), text === null ? thread.replyGone : plain(text, 100))}
    </p>
  );
}
