/** The moderators' desk: the queue, the chosen case, and what can be done about it. */
import { ActionIcon, Skeleton, Tooltip } from "@mantine/core";
import { IconInbox, IconKeyboard, IconListSearch, IconShieldOff } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { grouped, selectedCase } from "../../desk-state";
import { desk as words } from "../../strings/desk";
import { reasons } from "../../strings/names";
import { farewells, otherFarewell } from "../../strings/room";
import { Calm } from "../Calm";
import { KeysDialog } from "../KeysDialog";
import { Mark } from "../Mark";
import { useSingleKeys, useWanted } from "../useSingleKeys";
import { CaseView } from "./CaseView";
import styles from "./Desk.module.css";
import { DeskChip } from "./DeskChip";
import { DeskContext, moderatorName, useDesk, useDeskState, useOpenDesk } from "./context";
import { QueueList } from "./QueueList";

export function Desk() {
  const desk = useOpenDesk();
  return (
    <DeskContext value={desk}>
      <Face />
    </DeskContext>
  );
}

function Face() {
  const { link, cases, you } = useDeskState();
  const waiting = cases?.filter(({ status }) => status === "open").length ?? 0;
  useEffect(() => {
    document.title = words.tab(waiting);
  }, [waiting]);
  if (link.kind === "over") return <Over code={link.code} message={link.message} />;
  return (
    <div className={styles["desk"]}>
      <header className={styles["header"]}>
        <Mark />
        <h1>{words.title}</h1>
        <DeskChip />
        {you !== "" && <span className={styles["you"]}>{words.you(moderatorName(you))}</span>}
        <Keys />
      </header>
      <Zones />
    </div>
  );
}

function Zones() {
  const state = useDeskState();
  const selected = selectedCase(state);
  return (
    <div className={styles["zones"]} data-chosen={selected !== null}>
      <nav className={styles["queue"]} aria-label={words.queue}>
        {state.cases === null ? <Loading /> : <QueueList />}
      </nav>
      {/* It scrolls, so the keyboard must be able to stand in it. */}
      <main className={styles["case"]} tabIndex={0}>
        {selected === null ? (
          <Nothing />
        ) : (
          <CaseView key={state.selected} summary={selected} detail={state.detail} />
        )}
      </main>
      <div role="status" className="sr-only">
        {state.news !== null && words.news(reasons[state.news.summary.reason])}
      </div>
    </div>
  );
}

function Nothing() {
  const { cases, you } = useDeskState();
  const empty = grouped(cases ?? [], you).every(({ group }) => group === "decided");
  if (cases === null) return null;
  return empty ? (
    <Hint icon={<IconInbox size={28} />} title={words.empty.title}>
      <p>{words.empty.text}</p>
    </Hint>
  ) : (
    <Hint icon={<IconListSearch size={28} />} title={words.none.title}>
      <p>{words.none.text}</p>
      <p>{words.none.key}</p>
    </Hint>
  );
}

type HintProps = { readonly icon: ReactNode; readonly title: string; readonly children: ReactNode };

function Hint({ icon, title, children }: HintProps) {
  return (
    <div className={styles["hint"]}>
      <span className={styles["hintIcon"]} aria-hidden>
        {icon}
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

function Loading() {
  return (
    <div className={styles["loading"]}>
      <span className="sr-only">{words.loading}</span>
      {[0, 1, 2].map((line) => (
        <Skeleton key={line} height={64} radius="md" />
      ))}
    </div>
  );
}

function Keys() {
  const desk = useDesk();
  const [shown, setShown] = useState(false);
  const { enabled, setEnabled } = useWanted("desk");
  useSingleKeys("desk", {
    j: () => moved(() => desk.move(1)),
    k: () => moved(() => desk.move(-1)),
    "?": () => setShown(true),
  });
  return (
    <>
      <Tooltip label={words.keys.open}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={44}
          aria-label={words.keys.open}
          onClick={() => setShown(true)}
        >
          <IconKeyboard size={22} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      {shown && (
        <KeysDialog
          words={words.keys}
          enabled={enabled}
          onSwitch={setEnabled}
          onClose={() => setShown(false)}
        />
      )}
    </>
  );
}

/** The keyboard goes along to the chosen line: it is read aloud, and seen in a long queue. */
function moved(move: () => void): void {
  flushSync(move);
  document.querySelector<HTMLElement>("nav [aria-current=true]")?.focus();
}

function Over({ code, message }: { readonly code: string; readonly message: string }) {
  const own = code === "not_signed_in" || code === "link_invalid" ? words.over[code] : undefined;
  const known = own ?? farewells[code];
  return (
    <Calm icon={<IconShieldOff />} title={known?.title ?? otherFarewell}>
      {known?.text ?? message}
    </Calm>
  );
}
