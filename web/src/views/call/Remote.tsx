/** Somebody else's tile: their picture or screen, or who they are while there is none. */
import { useCallback, useEffect } from "react";
import { ofSeat } from "../../call-state";
import type { InCall } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameOf } from "../../strings/names";
import { PersonMenu } from "../panel/PersonMenu";
import { Avatar } from "./Avatar";
import { useCall, useCallClient } from "./CallProvider";
import { Frame, Name, Pin, Player, type Where } from "./Tile";
import styles from "./Tile.module.css";
import { type TileOf, drawnHeight } from "./tiles";

type Props = {
  readonly tile: TileOf;
  readonly where: Where;
  /** It has the stage to itself: all of the picture is shown. */
  readonly alone: boolean;
  /** The stage is a small tile itself. */
  readonly single: boolean;
  /** The way to keep it large, where there are several. */
  readonly pin: { readonly pinned: boolean; readonly onPin: () => void } | null;
};

const SILENCE = () => 0;

export function Remote({ tile, where, alone, single, pin }: Props) {
  const client = useCallClient();
  const { view } = useView();
  const { remote } = useCall();
  const { id, kind, person } = tile;
  const who = nameOf(view, person.seat);
  const label = kind === "screen" ? words.stage.screenOf(who) : who;
  const level = useCallback(() => client.levelOf(id), [client, id]);
  const { pictured, off } = usePictured(tile);
  const whole = alone || kind === "screen";
  useShown(tile, where, pictured, whole);
  return (
    <Frame where={where} kind={kind} label={label} level={kind === "screen" ? SILENCE : level}>
      <Player
        stream={kind === "screen" ? remote[id] : ofSeat(remote, view.call, id)}
        label={label}
        shown={pictured}
        whole={whole}
        onBlocked={(blocked) => {
          // A screen's sound comes with somebody whose own sound says the same.
          if (kind === "camera") client.block(id, blocked);
        }}
      />
      {!pictured && (
        <Unpictured
          {...{ tile, who, where, off, level }}
          note={alone ? null : noteOf(person, who)}
        />
      )}
      <Name name={label} muted={kind === "camera" && !person.microphone} />
      {pin !== null && <Pin name={label} {...pin} />}
      {where !== null && kind === "camera" && !single && (
        <span className={styles["menu"]}>
          <PersonMenu seat={person.seat} />
        </span>
      )}
    </Frame>
  );
}

/** Whether there is a picture to show, or its owner switched it off. */
function usePictured({ person, kind }: TileOf) {
  const { line, health } = useCall();
  const connected = line.kind === "connected" && person.connected;
  if (kind === "screen") return { pictured: connected && person.screen !== "blank", off: false };
  return {
    pictured: connected && person.camera && person.pause === null && health.seeing !== "stalled",
    off: connected && !person.camera,
  };
}

/** Screens beyond this many pixels for one of CSS show no more of a face. */
const DENSEST = 2;

/** Tells how large the picture is really drawn, so that no larger one is sent. */
function useShown(
  { person: { seat }, kind }: TileOf,
  where: Where,
  drawn: boolean,
  whole: boolean,
) {
  const client = useCallClient();
  const height = where === null || !drawn ? 0 : drawnHeight(where, !whole);
  useEffect(() => {
    if (kind === "camera")
      client.shows(seat, Math.round(height * Math.min(devicePixelRatio, DENSEST)));
  }, [client, seat, kind, height]);
}

type UnpicturedProps = {
  readonly tile: TileOf;
  readonly who: string;
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
  return camera && pause !== null ? words.stage.paused(who) : null;
}

function Unpictured({ tile: { kind, person }, who, where, off, level, note }: UnpicturedProps) {
  const { view } = useView();
  const large = where !== null && where.height >= 300;
  const text = kind === "screen" ? words.stage.screenBlank(who) : words.stage.cameraOff(who);
  const said = kind === "screen" ? person.connected : off && view.call?.media === "video";
  return (
    <div className={styles["empty"]}>
      {kind === "camera" && <Avatar name={who} large={large} level={level} />}
      {said && (
        <p>
          <bdi>{text}</bdi>
        </p>
      )}
      {note !== null && (
        <p>
          <bdi>{note}</bdi>
        </p>
      )}
    </div>
  );
}
