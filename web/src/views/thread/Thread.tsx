/** The spine: everything that was said and happened, in its order. */
import { Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useContext, useMemo } from "react";
import type { Message } from "../../protocol.gen";
import { LaneContext, useView } from "../../room";
import { type Unsent, isClosed, pendingPosts, reachOf } from "../../state";
import { day, nameIn } from "../../strings/names";
import { panel } from "../../strings/panel";
import { thread as words } from "../../strings/thread";
import { useCovered } from "../call/CallProvider";
import { CallRow } from "./CallRow";
import { MessageRow } from "./MessageRow";
import { NoticeRow } from "./NoticeRow";
import { quoted } from "./ReplyQuote";
import { UnsentRow } from "./UnsentRow";
import type { ThreadActions } from "./actions";
import { type Row, rows } from "./rows";
import styles from "./Thread.module.css";
import { useRecent } from "./useRecent";
import { useRoving } from "./useRoving";
import { useScroll } from "./useScroll";

type Props = {
  readonly actions: ThreadActions;
  /** The seq of a message to scroll to and mark; `nonce` asks for it again. */
  readonly wanted: { readonly seq: number; readonly nonce: number } | null;
};

export function Thread({ actions, wanted }: Props) {
  const { state, view } = useView();
  const lane = useContext(LaneContext);
  const covered = useCovered();
  const me = state.at.seat;
  const pending = pendingPosts(state);
  const head = state.cursor["shared"] ?? 0;
  const { box, atEnd, newAfter, toEnd, scrolled, stay } = useScroll({
    head,
    pending: pending.length,
    own: view.own.length,
    wanted,
    counts: lane === "shared" && !covered,
  });
  const lines = useMemo(() => rows(view, pending, me, newAfter), [view, pending, me, newAfter]);
  const messages = useMemo(() => view.thread.filter((item) => item.kind === "message"), [view]);
  const recent = useRecent(lines, wanted, atEnd, stay);
  const roving = useRoving(recent.messages);
  const unread = newAfter === null ? 0 : countNew(messages, newAfter, me);

  return (
    <div className={styles["frame"]}>
      {/* Without a message there is nothing in it that could take the focus, to scroll by keys. */}
      <div
        className={styles["scroller"]}
        ref={box}
        onScroll={scrolled}
        tabIndex={messages.length === 0 ? 0 : undefined}
      >
        {recent.earlier !== null && <Earlier onClick={recent.earlier} />}
        <ol
          className={styles["thread"]}
          aria-label={words.label}
          onKeyDown={roving.keyDown}
          onFocus={roving.focused}
        >
          {recent.shown.map((row) => (
            <Drawn
              key={row.key}
              row={row}
              actions={actions}
              active={roving.active}
              highlighted={wanted?.seq ?? null}
            />
          ))}
        </ol>
        {messages.length === 0 && pending.length === 0 && <Empty />}
        <Typists />
      </div>
      {!atEnd && <Latest unread={unread} onClick={toEnd} />}
    </div>
  );
}

function Earlier({ onClick }: { readonly onClick: () => void }) {
  return (
    <Button className={styles["earlier"] ?? ""} variant="subtle" size="sm" onClick={onClick}>
      {words.earlier}
    </Button>
  );
}

type LatestProps = { readonly unread: number; readonly onClick: () => void };

function Latest({ unread, onClick }: LatestProps) {
  return (
    <Button
      className={styles["latest"] ?? ""}
      variant="default"
      radius="xl"
      size="sm"
      leftSection={<IconArrowDown size={16} />}
      onClick={onClick}
    >
      {unread > 0 ? words.unread(unread) : words.latest}
    </Button>
  );
}

type DrawnProps = {
  readonly row: Row;
  readonly actions: ThreadActions;
  readonly active: number | null;
  readonly highlighted: number | null;
};

function Drawn({ row, actions, active, highlighted }: DrawnProps) {
  const { state, view } = useView();
  switch (row.kind) {
    case "day":
      return (
        <li className={styles["day"]}>
          <h2>{day(row.at)}</h2>
        </li>
      );
    case "new":
      return (
        <li className={styles["new"]}>
          <span>{words.newLine}</span>
        </li>
      );
    case "message": {
      const quote = quoted(view, row.message.replyTo);
      return (
        <MessageRow
          message={row.message}
          own={row.message.by === state.at.seat}
          author={nameIn(view, row.message.by)}
          quoteAuthor={quote?.author ?? null}
          quoteText={quote?.text ?? null}
          first={row.first}
          last={row.last}
          reach={reachOf(state, row.message)}
          active={active === row.message.seq}
          highlighted={highlighted === row.message.seq}
          unsent={unsentFor(state.outbox, row.message.seq)}
          actions={actions}
        />
      );
    }
    case "notice":
      return <NoticeRow notice={row.notice} view={view} actions={actions} />;
    case "call":
      return <CallRow call={row.call} view={view} />;
    case "unsent":
      return <UnsentRow item={row.item} first={row.first} actions={actions} />;
  }
}

function Empty() {
  const { view } = useView();
  if (useContext(LaneContext) === "side") {
    return (
      <div className={styles["empty"]}>
        <p>{panel.side.empty}</p>
      </div>
    );
  }
  return (
    <div className={styles["empty"]}>
      <p>{isClosed(view) ? words.emptyForGood : words.empty}</p>
      {!isClosed(view) && <p>{words.emptyHint}</p>}
    </div>
  );
}

function Typists() {
  const { state, view } = useView();
  const who = isClosed(view) ? [] : state.typing.filter((seat) => seat !== state.at.seat);
  return (
    <div className={styles["typing"]} aria-hidden={who.length === 0}>
      {who.map((seat) => (
        <span key={seat}>
          <span className={styles["dots"]} aria-hidden />
          {words.typing(nameIn(view, seat))}
        </span>
      ))}
    </div>
  );
}

function unsentFor(outbox: readonly Unsent[], seq: number): Unsent | null {
  return (
    outbox.findLast((item) => item.name !== "message:post" && item.payload.message === seq) ?? null
  );
}

function countNew(messages: readonly Message[], after: number, me: string): number {
  return messages.filter((message) => message.seq > after && message.by !== me).length;
}
