/** Somebody else's screen: all of it, or pixel by pixel; frozen or covered in words. */
import { IconArrowsMaximize, IconEyeOff, IconSnowflake, IconZoomIn } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Screen } from "../../protocol.gen";
import { useView } from "../../room";
import { nameIn } from "../../strings/names";
import { screen as words } from "../../strings/screen";
import { useCall } from "./CallProvider";
import styles from "./Screen.module.css";
import { Frame, Name, Pin, type Pinning, Player, type Where } from "./Tile";
import type { TileOf } from "./tiles";

type Props = {
  readonly tile: TileOf;
  readonly where: Where;
  readonly pin: Pinning | null;
};

/** With less room in height, in CSS pixels, there is the picture and a name only. */
const ROOMY = 240;

const SILENCE = () => 0;
/** The sound of a screen comes with somebody whose own sound says the same. */
const SAID_BY_THEIR_OWN = () => undefined;

export function SharedScreen({ tile: { id, person }, where, pin }: Props) {
  const { view } = useView();
  const stream = useCall().remote[id];
  const [actual, setActual] = useState(false);
  const who = nameIn(view, person.seat);
  const label = words.seen.of(who);
  const large = where !== null && where.height >= ROOMY;
  const covered = person.screen === "blank" || stream === undefined;
  return (
    <Frame where={where} kind="screen" label={label} level={SILENCE}>
      <div className={styles["screen"]}>
        <Scrolled actual={actual && large}>
          <Player
            stream={stream}
            label={label}
            shown={!covered}
            whole
            onBlocked={SAID_BY_THEIR_OWN}
          />
          {covered && <Card screen={person.screen} who={who} large={large} />}
        </Scrolled>
        {large && (
          <Caption who={who} frozen={person.screen === "frozen"}>
            {!covered && <Zoom actual={actual} onZoom={setActual} />}
          </Caption>
        )}
      </div>
      {!large && <Name name={label} muted={false} />}
      {!large && pin !== null && <Pin name={label} {...pin} />}
    </Frame>
  );
}

type CaptionProps = {
  readonly who: string;
  readonly frozen: boolean;
  readonly children: ReactNode;
};

function Caption({ who, frozen, children }: CaptionProps) {
  return (
    <div className={styles["caption"]}>
      {frozen && <IconSnowflake size={18} aria-hidden />}
      <span>{frozen ? words.seen.frozen(who) : words.seen.of(who)}</span>
      {children}
    </div>
  );
}

/** A window on what may be larger; it is scrolled by keyboard too, so it is reached by it. */
function Scrolled(props: { readonly actual: boolean; readonly children: ReactNode }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles["canvas"]} data-actual={props.actual} tabIndex={props.actual ? 0 : -1}>
      {props.children}
    </div>
  );
}

type CardProps = { readonly screen: Screen; readonly who: string; readonly large: boolean };

/** Instead of the picture: why there is none. */
function Card({ screen, who, large }: CardProps) {
  const blank = screen === "blank";
  return (
    <div className={styles["card"]}>
      <IconEyeOff size={large ? 32 : 20} aria-hidden />
      {large && <strong>{blank ? words.seen.blank(who) : words.seen.coming(who)}</strong>}
      {large && blank && <span>{words.seen.blankText}</span>}
    </div>
  );
}

type ZoomProps = { readonly actual: boolean; readonly onZoom: (actual: boolean) => void };

function Zoom({ actual, onZoom }: ZoomProps) {
  return (
    <button
      type="button"
      className={styles["button"]}
      title={actual ? words.seen.fitHint : words.seen.actualHint}
      onClick={() => onZoom(!actual)}
    >
      {actual ? <IconArrowsMaximize size={18} /> : <IconZoomIn size={18} />}
      {actual ? words.seen.fit : words.seen.actual}
    </button>
  );
}
