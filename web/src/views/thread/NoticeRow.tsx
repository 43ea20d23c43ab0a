/** What happened besides messages: a quiet line, or a card where something is asked or told. */
import { IconFlag, IconMail, IconShieldCheck, IconShieldExclamation } from "@tabler/icons-react";
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import type { InterviewCreated, Notice, RecordEvent, View } from "../../protocol.gen";
import {
  clock,
  formatHints,
  formats,
  measures,
  nameIn,
  outcomes,
  reasons,
} from "../../strings/names";
import { panel } from "../../strings/panel";
import { room } from "../../strings/room";
import { thread as words } from "../../strings/thread";
import { Markdown } from "./Markdown";
import type { ThreadActions } from "./actions";
import styles from "./Notice.module.css";

type Props = {
  readonly notice: Notice;
  readonly view: View;
  readonly actions: ThreadActions;
};

export function NoticeRow({ notice, view, actions }: Props) {
  const { event, text } = notice;
  switch (event.type) {
    case "interview:created":
      return <Invitation event={event} text={text} view={view} />;
    case "flag:received":
      return (
        <Card icon={<IconFlag size={18} />} title={words.notices.flagReceived} event={event}>
          <p>{reasons[event.reason]}</p>
          {!isAnswered(view, event.case) && (
            <p className={styles["hint"]}>{words.notices.flagWaiting}</p>
          )}
          <About seq={event.message} actions={actions} />
        </Card>
      );
    case "flag:answered":
      return (
        <Card
          icon={<IconShieldCheck size={18} />}
          title={words.notices.flagAnswered}
          event={event}
          tone="info"
        >
          <p>{outcomes[event.action]}</p>
          {text !== null && <Markdown text={text} />}
          <p className={styles["hint"]}>{words.notices.onlyYou}</p>
        </Card>
      );
    case "person:warned":
      return (
        <Card
          icon={<IconShieldExclamation size={18} />}
          title={measures[event.action]}
          event={event}
          tone="warning"
        >
          {text !== null && <Markdown text={text} />}
          <p className={styles["hint"]}>{words.notices.onlyYou}</p>
          <About seq={event.message} actions={actions} />
        </Card>
      );
    default:
      return <Line notice={notice} view={view} />;
  }
}

function isAnswered(view: View, flagged: number): boolean {
  return view.own.some(({ event }) => event.type === "flag:answered" && event.case === flagged);
}

function Line({ notice, view }: Omit<Props, "actions">) {
  const { event, text } = notice;
  const said = sentence(event, view);
  if (said === null) return null;
  return (
    <li className={styles["notice"]}>
      <p>
        {said} <time dateTime={new Date(event.at).toISOString()}>{clock(event.at)}</time>
      </p>
      {text !== null && text !== "" && (
        <div className={styles["noticeText"]}>
          <Markdown text={text} />
        </div>
      )}
    </li>
  );
}

/** The line for an event, or null for one that has none. */
export function sentence(event: RecordEvent, view: View): string | null {
  const who = nameIn(view, event.by);
  const says = words.notices;
  switch (event.type) {
    case "interview:created":
      return says.created(inviter(view, event));
    case "invitation:accepted":
      return says.accepted(who);
    case "invitation:declined":
      return says.declined(who);
    case "interview:opened":
      return says.opened;
    case "interview:ended":
      return says.ended(who);
    case "person:invited": {
      const role = event.role === "observer" ? "observer" : "client";
      return isNameless(view, event.seat)
        ? panel.lines.invitedGuest[role](who)
        : panel.lines.invited(who, nameIn(view, event.seat), panel.invite[role].toLowerCase());
    }
    case "person:removed":
      return event.by.startsWith("moderator")
        ? says.removed(nameIn(view, event.seat))
        : panel.lines.removed(who, nameIn(view, event.seat));
    case "call:muted":
      return panel.mute.line(who, nameIn(view, event.seat), event.kind);
    case "call:declined":
      return panel.lines.declined(who);
    case "format:proposed":
      return says.formatAsked(who, formats[event.format].toLowerCase());
    case "format:changed":
      return says.formatChanged(who, formats[event.format].toLowerCase());
    case "format:declined":
      return tookBack(event, view) ? says.formatTakenBack(who) : says.formatDeclined(who);
    case "call:knocked":
      return says.knocked(nameIn(view, event.seat));
    case "call:admitted":
      return says.admitted(who, nameIn(view, event.seat));
    case "call:held":
      return says.held(who, nameIn(view, event.seat));
    case "call:refused":
      return says.refusedIn(who, nameIn(view, event.seat));
    case "call:withdrawn":
      return says.withdrawn(nameIn(view, event.seat));
    default:
      return null;
  }
}

function isNameless(view: View, seat: string): boolean {
  return view.people.find((person) => person.seat === seat)?.name === "";
}

/** Whether whoever declined a proposal had made it: the last proposal before it tells. */
function tookBack(event: RecordEvent, view: View): boolean {
  const asked = view.thread.findLast(
    (item) =>
      item.kind === "notice" && item.event.type === "format:proposed" && item.event.at <= event.at,
  );
  return asked?.kind === "notice" && asked.event.by === event.by;
}

/** Whoever created the interview did so for the client. */
function inviter(view: View, event: RecordEvent): string {
  const client = view.people.find((person) => person.role === "client");
  return nameIn(view, client?.seat ?? event.by);
}

type InvitationProps = {
  readonly event: InterviewCreated;
  readonly text: string | null;
  readonly view: View;
};

/** As it was sent: what was agreed since has its own line. */
function Invitation({ event, text, view }: InvitationProps) {
  const { format, minutes = 0 } = event;
  const title = words.notices.created(inviter(view, event));
  return (
    <Card icon={<IconMail size={18} />} title={title} event={event}>
      {text !== null && text !== "" && <Markdown text={text} />}
      <p className={styles["hint"]}>
        {formats[format]}. {formatHints[format]}
        {minutes > 0 && ` ${room.planned.sentence(minutes)}`}
      </p>
    </Card>
  );
}

type CardProps = {
  readonly icon: ReactNode;
  readonly title: string;
  readonly event: RecordEvent;
  readonly tone?: "info" | "warning";
  readonly children: ReactNode;
};

function Card({ icon, title, event, tone, children }: CardProps) {
  return (
    <li className={styles["card"]} data-tone={tone}>
      <span className={styles["cardIcon"]} aria-hidden>
        {icon}
      </span>
      <div className={styles["cardBody"]}>
        <div className={styles["cardHead"]}>
          <h3>{title}</h3>
          <time dateTime={new Date(event.at).toISOString()}>{clock(event.at)}</time>
        </div>
        {children}
      </div>
    </li>
  );
}

function About({ seq, actions }: { readonly seq: number; readonly actions: ThreadActions }) {
  return (
    <div>
      <Button variant="default" size="xs" onClick={() => actions.show(seq)}>
        {words.notices.about}
      </Button>
    </div>
  );
}
