/**
 * The call itself. Wide: it fills its place beside the thread. Narrow: a tile that floats above the
 * thread and grows to the full screen. Drawn while `useStageShown()`.
 */
import { ActionIcon, Button } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconArrowsDiagonal, IconMessage } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Call } from "../../protocol.gen";
import { standing } from "../../call-state";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameOf, namesIn, othersIn } from "../../strings/names";
import { Proposed } from "../room/Banners";
import { Avatar } from "./Avatar";
import { useCall, useCallClient } from "./CallProvider";
import { MutedNotice } from "./MutedNotice";
import { SelfView } from "./SelfView";
import { ShareBar } from "./ShareBar";
import styles from "./Stage.module.css";
import { StageBar } from "./StageBar";
import { StageNotice, useStageNotice } from "./StageNotice";
import { Tiles, Watched } from "./Tiles";
import { type StageSize, useMissed, useStageSize } from "./stage-size";
import type { StageView } from "./tiles";
import { useAnnounced } from "./useAnnounced";
import { useSecondsLeft } from "./useSecondsLeft";

/** How the person wants to see several others; the view is remembered. */
export type StageChoice = {
  readonly view: StageView;
  readonly onView: (view: StageView) => void;
  readonly pinned: string | null;
  readonly onPin: (tile: string | null) => void;
};

export function Stage() {
  const { state, view } = useView();
  const { size, onGrow } = useStageSize();
  const { line } = useCall();
  const { call } = view;
  useEffect(() => () => onGrow(true), [onGrow]);
  if (call === null) return null;
  const how = standing(view, state.at.seat);
  const tile = size === "tile";
  return (
    <section className={styles["stage"]} data-size={size} aria-label={words.stage.label} data-home>
      <Sizing size={size} onGrow={onGrow} />
      {how === "outgoing" && <Outgoing call={call} tile={tile} />}
      {how === "active" &&
        (line.kind === "elsewhere" ? <Elsewhere /> : <Active call={call} tile={tile} />)}
    </section>
  );
}

function useChoice(): StageChoice {
  const [view, onView] = useLocalStorage<StageView>({
    key: "parley:stage",
    defaultValue: "grid",
    getInitialValueInEffect: false,
  });
  const [pinned, onPin] = useState<string | null>(null);
  return { view, onView, pinned, onPin };
}

/** On phones: the way between the tile and the full screen, and what waits behind that. */
function Sizing({ size, onGrow }: StageSize) {
  const missed = useMissed(size === "full");
  switch (size) {
    case "wide":
      return null;
    case "full":
      return (
        <div className={styles["top"]}>
          <Button
            variant="transparent"
            color="gray.3"
            leftSection={<IconMessage size={20} />}
            onClick={() => onGrow(false)}
          >
            {missed === 0 ? words.stage.shrink : words.stage.missed(missed)}
          </Button>
          <Proposed />
        </div>
      );
    case "tile":
      return (
        <ActionIcon
          className={styles["grow"] ?? ""}
          size={44}
          aria-label={words.stage.grow}
          onClick={() => onGrow(true)}
        >
          <IconArrowsDiagonal size={20} />
        </ActionIcon>
      );
  }
}

type SceneProps = { readonly call: Call; readonly tile: boolean };

/** It rings at the other side. */
function Outgoing({ call, tile }: SceneProps) {
  const { state, view } = useView();
  const left = useSecondsLeft(call.rangAt, state);
  const others = othersIn(view, state.at.seat);
  const who = namesIn(view, others);
  const here = others.some((seat) => state.presence[seat] === "online");
  return (
    <>
      <div className={styles["scene"]}>
        <Centre name={nameOf(view, others[0] ?? "")} ringing>
          <h2 className={styles["title"]}>
            <span role="status">{words.outgoing.title(who)}</span>
          </h2>
          {!tile && (
            <p className={styles["text"]}>
              {here ? words.outgoing.text(left) : words.outgoing.away(who)}
            </p>
          )}
        </Centre>
        {!tile && <SelfView call={call} where={null} />}
      </div>
      {!tile && <StageBar leave={words.outgoing.cancel} video={call.media === "video"} />}
    </>
  );
}

function Active({ call, tile }: SceneProps) {
  const { view } = useView();
  const client = useCallClient();
  const notice = useStageNotice(call);
  const said = useAnnounced(call, view);
  const choice = useChoice();
  return (
    <>
      <ShareBar />
      {!tile && <Watched call={call} />}
      <div className={styles["scene"]}>
        <Tiles call={call} choice={choice} single={tile} />
        {!tile && (
          <StageNotice
            notice={notice}
            onRetry={() => client.retry()}
            onPictures={(on) => client.setSoundOnly(!on)}
          />
        )}
        <MutedNotice tile={tile} />
      </div>
      {!tile && (
        <StageBar
          leave={words.stage.leave}
          video={call.media === "video"}
          since={call.activeAt}
          choice={call.people.length > 2 ? choice : null}
        />
      )}
      <div role="status" className="sr-only">
        {said}
      </div>
    </>
  );
}

/** The same seat is in the call in another window; or it left, which nobody knows yet. */
function Elsewhere() {
  const client = useCallClient();
  const { leaving } = useCall();
  const { view } = useView();
  const several = (view.call?.people.length ?? 0) > 2;
  return (
    <div className={styles["scene"]}>
      <div className={styles["centre"]}>
        <p className={styles["text"]} role="status">
          {leaving === null ? words.stage.elsewhere : words.stage.left[leaving]}
        </p>
        <div className={styles["choices"]}>
          <Button onClick={() => client.takeOver()}>
            {leaving === null ? words.stage.here : words.stage.back}
          </Button>
          {leaving === null && (
            <Button variant="default" onClick={() => void client.leave()}>
              {several ? words.stage.leave : words.stage.leaveAll}
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

type CentreProps = {
  readonly name: string;
  readonly ringing?: boolean;
  readonly children?: ReactNode;
};

function Centre({ name, ringing = false, children }: CentreProps) {
  return (
    <div className={styles["centre"]}>
      <Avatar name={name} large ringing={ringing} />
      {children}
    </div>
  );
}
