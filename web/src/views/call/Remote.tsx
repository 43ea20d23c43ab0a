/** Somebody else's tile: their picture, or who they are while there is none. */
import { useCallback, useEffect } from "react";
import { ofSeat } from "../../call-state";
import type { InCall } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameIn, nameOf } from "../../strings/names";
import { PersonMenu } from "../panel/PersonMenu";
import { Avatar } from "./Avatar";
import { useCall, useCallClient } from "./CallProvider";
import { Frame, Name, Pin, type Pinning, Player, type Where } from "./Tile";
import styles from "./Tile.module.css";
import { drawnHeight } from "./tiles";

type Props = {
  readonly person: InCall;
  readonly where: Where;
  /** It has the stage to itself: all of the picture is shown. */
  readonly alone: boolean;
  /** The stage is a small tile itself. */
  readonly single: boolean;
  /** The way to keep it large, where there are several. */
  readonly pin: Pinning | null;
};

export function Remote({ person, where, alone, single, pin }: Props) {
  const client = useCallClient();
  const { view } = useView();
  const { remote } = useCall();
  const { seat } = person;
  const who = nameOf(view, seat);
  const called = nameIn(view, seat);
  const level = useCallback(() => client.levelOf(seat), [client, seat]);
  const { pictured, off } = usePictured(person);
  useShown(seat, where, pictured, alone);
  return (
    <Frame where={where} kind="camera" label={who} level={level}>
      <Player
        stream={ofSeat(remote, view.call, seat)}
        label={who}
        shown={pictured}
        whole={alone}
        onBlocked={(blocked) => client.hearing.block(seat, blocked)}
      />
      {!pictured && (
        <Unpictured
          {...{ who, called, where, off, level }}
          note={alone ? null : noteOf(person, called)}
        />
      )}
      <Name name={who} muted={!person.microphone} />
      {pin !== null && <Pin name={who} {...pin} />}
      {where !== null && !single && (
        <span className={styles["menu"]}>
          <PersonMenu seat={seat} />
        </span>
      )}
    </Frame>
  );
}

/** Whether there is a picture to show, or its owner switched it off. */
function usePictured(person: InCall) {
  const { line, health, declined } = useCall();
  const connected = line.kind === "connected" && person.connected;
  const comes = health.seeing !== "stalled" && !declined;
  return {
    pictured: connected && person.camera && person.pause === null && comes,
    off: connected && !person.camera,
  };
}

/** Screens beyond this many pixels for one of CSS show no more of a face. */
const DENSEST = 2;

/** Tells how large the picture is really drawn, so that no larger one is sent. */
function useShown(seat: string, where: Where, drawn: boolean, whole: boolean) {
  const client = useCallClient();
  const height = where === null || !drawn ? 0 : drawnHeight(where, !whole);
  useEffect(() => {
    client.hearing.shows(seat, Math.round(height * Math.min(devicePixelRatio, DENSEST)));
  }, [client, seat, height]);
}

type UnpicturedProps = {
  readonly who: string;
  /** The name for the middle of a sentence. */
  readonly called: string;
  readonly where: Where;
  /** The camera is switched off, rather than on its way. */
  readonly off: boolean;
  readonly level: () => number;
  /** Why there is no picture, where nothing else says it. */
  readonly note: string | null;
};

/** What the stage's own notice says of the only other person, said of one of several. */
function noteOf({ connected, camera, pause }: InCall, who: string): string | null {
  if (!connected) return words.stage.apart(who);
  if (pause?.why === "codec") return words.stage.pictureless(who);
  return camera && pause !== null ? words.stage.paused(who) : null;
}

function Unpictured({ who, called, where, off, level, note }: UnpicturedProps) {
  const { view } = useView();
  const large = where !== null && where.height >= 300;
  return (
    <div className={styles["empty"]}>
      <Avatar name={who} large={large} level={level} />
      {off && view.call?.media === "video" && <p>{words.stage.cameraOff(called)}</p>}
      {note !== null && <p>{note}</p>}
    </div>
  );
}
