/** Oneself, small and mirrored, and what the others have of it. */
import { useMediaQuery } from "@mantine/hooks";
import { IconMicrophone, IconMicrophoneOff, IconVideoOff } from "@tabler/icons-react";
import { useCallback, useLayoutEffect, useRef } from "react";
import type { CallState } from "../../call-state";
import type { Call } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameIn, nameOf } from "../../strings/names";
import { Avatar } from "./Avatar";
import { useCall, useCallClient } from "./CallProvider";
import { type Listener, heardByAll } from "./heard";
import { Picture } from "./Picture";
import styles from "./SelfView.module.css";
import { Frame, type Where } from "./Tile";
import tiles from "./Tile.module.css";
import { useLevel } from "./useLevel";

/** The own meter follows the ear: a quiet room is at about 0.15. */
const OWN_AUDIBLE = 0.35;
/** So much of a name leaves the picture to be seen above what is said of it. */
const SHORT = 20;

type Props = {
  readonly call: Call;
  /** Its place among the others' tiles; null: it lies over the picture of the only other one. */
  readonly where: Where;
};

export function SelfView({ call, where }: Props) {
  const client = useCallClient();
  const level = useCallback(() => client.ownLevel(), [client]);
  if (where === null) return <Corner call={call} />;
  return (
    <Frame where={where} kind="self" label={words.stage.self} level={level} audible={OWN_AUDIBLE}>
      <Own call={call} where={where} />
    </Frame>
  );
}

/** Over what is around it, which hears how large it is so that nothing is said below it. */
function Corner({ call }: Pick<Props, "call">) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const own = ref.current;
    const style = own?.parentElement?.style;
    if (own === null || style === undefined) return;
    const watcher = new ResizeObserver(() => {
      style.setProperty("--own-width", `${own.offsetWidth}px`);
      style.setProperty("--own-height", `${own.offsetHeight}px`);
    });
    watcher.observe(own);
    return () => {
      watcher.disconnect();
      style.removeProperty("--own-width");
      style.removeProperty("--own-height");
    };
  }, []);
  return (
    <div ref={ref} role="group" aria-label={words.stage.self} className={styles["self"]}>
      <Own call={call} where={null} />
    </div>
  );
}

function Own({ call, where }: Props) {
  const state = useCall();
  const { view, state: room } = useView();
  const shown = state.camera.kind === "on" && state.intent.camera;
  const listeners = call.people
    .filter(({ seat }) => seat !== room.at.seat)
    .map(({ seat }) => ({ seat, who: nameIn(view, seat, SHORT) }));
  return (
    <div className={styles["own"]} data-picture={shown}>
      {state.camera.kind === "on" && shown && (
        <Picture track={state.camera.track} label={words.check.preview} mirrored />
      )}
      {!shown && where !== null && (
        <div className={tiles["empty"]}>
          <Avatar name={nameOf(view, room.at.seat)} large={where.height >= 300} />
        </div>
      )}
      {!shown && where === null && state.intent.camera && (
        <span className={styles["noPicture"]}>
          <IconVideoOff size={18} aria-hidden />
        </span>
      )}
      <Heard call={call} state={state} listeners={listeners} />
    </div>
  );
}

type HeardProps = {
  readonly call: Call;
  readonly state: CallState;
  readonly listeners: readonly Listener[];
};

/** The strip below: the own voice as it is sent, and what the listener's browser makes of it. */
function Heard({ call, state, listeners }: HeardProps) {
  const client = useCallClient();
  const level = useCallback(() => client.ownLevel(), [client]);
  const draw = useCallback((element: HTMLElement, loud: number) => {
    element.style.setProperty("--loud", loud.toFixed(2));
  }, []);
  const ref = useLevel<HTMLSpanElement>(level, draw);
  const silent =
    !state.intent.microphone ||
    state.microphone.kind === "trouble" ||
    state.pause?.held === "sound";
  const said = heardByAll(state, call, listeners);
  return (
    <div className={styles["heard"]} data-silent={silent} data-bad={said?.bad ?? false}>
      {silent ? (
        <IconMicrophoneOff size={14} aria-hidden />
      ) : (
        <IconMicrophone size={14} aria-hidden />
      )}
      <span ref={ref} className={styles["voice"]} aria-hidden />
      <span className={styles["said"]}>
        <span>{said?.text ?? words.stage.self}</span>
        <Hold state={state} />
      </span>
      {/* Said once when it goes wrong; that all is well needs no voice. */}
      <span role="status" className="sr-only">
        {said?.bad === true && !silent ? said.text : ""}
      </span>
    </div>
  );
}

/** The way to say a word while muted, for whoever has a keyboard. */
function Hold({ state: { talking, intent, microphone } }: { readonly state: CallState }) {
  const keyboard = useMediaQuery("(hover: hover) and (pointer: fine)", false);
  const held = keyboard && !intent.microphone && microphone.kind === "on";
  if (!talking && !held) return null;
  return <span className={styles["hold"]}>{talking ? words.heard.talking : words.heard.hold}</span>;
}
