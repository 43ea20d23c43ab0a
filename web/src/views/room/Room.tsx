/** The room: the thread as its spine, with what surrounds it. */
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { type RefObject, Suspense, lazy, useContext, useRef, useState } from "react";
import { LaneContext, useView } from "../../room";
import { isClosed } from "../../state";
import { nameIn, otherSide } from "../../strings/names";
import { panel as panelWords } from "../../strings/panel";
import { room as words } from "../../strings/room";
import { CallButton } from "../call/CallButton";
import { CallProvider, useStageShown } from "../call/CallProvider";
import { Sheet } from "../Dialog";
import { DeleteDialog } from "../dialogs/DeleteDialog";
import { FlagDialog } from "../dialogs/FlagDialog";
import { FormatDialog } from "../dialogs/FormatDialog";
import { ReasonDialog } from "../dialogs/ReasonDialog";
import { Waiting } from "../lobby/Waiting";
import { Composer } from "../thread/Composer";
import { Thread } from "../thread/Thread";
import { About } from "./About";
import { Banners } from "./Banners";
import { Closed } from "./Closed";
import { Header } from "./Header";
import { Lanes } from "./Lanes";
import { NameForm } from "./NameForm";
import styles from "./Room.module.css";
import { useActivity } from "./useActivity";
import { useZone } from "./useZone";
import { type ThreadDesk, useThreadDesk } from "./useThreadDesk";

const Stage = lazy(async () => ({ default: (await import("../call/Stage")).Stage }));

type Props = {
  /** The seq of the message that the address names. */
  readonly message: number | null;
  /** Back to the invitation, to answer it. */
  readonly onAnswer: () => void;
};

export function Room(props: Props) {
  return (
    <CallProvider>
      <Zones {...props} />
    </CallProvider>
  );
}

function Zones({ message, onAnswer }: Props) {
  const stage = useStageShown();
  const { view } = useView();
  const [dialog, setDialog] = useState<"format" | "end" | null>(null);
  const panel = usePanel(stage);
  const onFormat = (): void => setDialog("format");
  useActivity();
  useZone();
  return (
    <div className={styles["room"]}>
      <Header
        aboutOpen={panel.open}
        onAbout={panel.toggle}
        onFormat={onFormat}
        onEnd={() => setDialog("end")}
        call={isClosed(view) ? null : <CallButton />}
      />
      <div className={styles["zones"]} data-stage={stage}>
        {stage && (
          <Suspense fallback={<div className={styles["stage"]} aria-busy />}>
            <Stage />
          </Suspense>
        )}
        <main className={styles["main"]}>
          <Waiting />
          <Lanes>
            <Conversation message={message} onAnswer={onAnswer} />
          </Lanes>
        </main>
        <Panel panel={panel} onFormat={onFormat} />
      </div>
      {dialog === "format" && <FormatDialog onClose={() => setDialog(null)} />}
      {dialog === "end" && <EndDialog onClose={() => setDialog(null)} />}
    </div>
  );
}

/** A thread, and what can be done in it. */
function Conversation({ message, onAnswer }: Props) {
  const shared = useContext(LaneContext) === "shared";
  const desk = useThreadDesk(shared ? message : null);
  const field = useRef<HTMLTextAreaElement>(null);
  return (
    <>
      <Thread actions={desk.actions} wanted={desk.wanted} />
      <div role="status" className={styles["said"]}>
        {desk.said}
      </div>
      {shared && <Banners onAnswer={onAnswer} />}
      <Foot field={field} desk={desk} />
      {desk.flagging !== null && <FlagDialog message={desk.flagging} onClose={desk.settled} />}
      {desk.removing !== null && <DeleteDialog message={desk.removing} onClose={desk.settled} />}
    </>
  );
}

type FootProps = {
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly desk: ThreadDesk;
};

/** What stands where one writes: the composer, or why there is none. */
function Foot({ field, desk }: FootProps) {
  const { state, view } = useView();
  if (isClosed(view)) return <Closed />;
  const self = view.people.find((person) => person.seat === state.at.seat);
  if (self?.name === "") return <NameForm />;
  if (self?.role === "observer") return <p className={styles["watching"]}>{panelWords.watching}</p>;
  return (
    <Composer
      field={field}
      replyTo={desk.replyTo}
      editing={desk.editing}
      onDone={desk.settled}
      onEditLast={desk.editLast}
    />
  );
}

type PanelState = { readonly open: boolean; readonly narrow: boolean; readonly toggle: () => void };

/** The panel's state: remembered where it has room beside the thread, closed at first elsewhere. */
function usePanel(stage: boolean): PanelState {
  const small = useMediaQuery("(max-width: 1000px)", undefined, {
    getInitialValueInEffect: false,
  });
  const narrow = small || stage;
  const [wide, setWide] = useLocalStorage({
    key: "parley:about",
    defaultValue: true,
    getInitialValueInEffect: false,
  });
  const [drawn, setDrawn] = useState(false);
  return narrow
    ? { open: drawn, narrow, toggle: () => setDrawn(!drawn) }
    : { open: wide, narrow, toggle: () => setWide(!wide) };
}

function Panel({ panel, onFormat }: { readonly panel: PanelState; readonly onFormat: () => void }) {
  if (panel.narrow) {
    return (
      <Sheet opened={panel.open} onClose={panel.toggle} title={words.about}>
        <About onFormat={onFormat} />
      </Sheet>
    );
  }
  if (!panel.open) return null;
  return (
    <aside className={styles["panel"]} aria-label={words.about}>
      <About onFormat={onFormat} />
    </aside>
  );
}

function EndDialog({ onClose }: { readonly onClose: () => void }) {
  const { state, view } = useView();
  const other = otherSide(view, state.at.seat);
  return (
    <ReasonDialog
      command="interview:end"
      title={words.ending.title}
      text={words.ending.text}
      reasonLabel={words.ending.reason}
      reasonHint={words.ending.reasonHint(other === undefined ? "" : nameIn(view, other.seat))}
      confirm={words.ending.confirm}
      keep={words.ending.keep}
      onClose={onClose}
    />
  );
}
