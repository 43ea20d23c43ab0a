/** Everybody in the call, each at their place: a grid, or one large and the others in a strip. */
import { Button } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconEye, IconVolume } from "@tabler/icons-react";
import { type Ref, useRef, useState } from "react";
import { arrange } from "../../call-layout";
import type { Call } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameOf, namesIn, observersIn } from "../../strings/names";
import { screen as screenWords } from "../../strings/screen";
import { useSingleKeys } from "../useSingleKeys";
import { useCall } from "./CallProvider";
import { Remote } from "./Remote";
import { SelfView } from "./SelfView";
import { SharedScreen } from "./SharedScreen";
import styles from "./Stage.module.css";
import type { StageChoice } from "./Stage";
import type { Pinning, Where } from "./Tile";
import { type TileOf, largeOf, tilesOf } from "./tiles";
import { useSpeaker } from "./useSpeaker";

type Tiled = { readonly tiles: readonly TileOf[] };

type Props = {
  readonly call: Call;
  readonly choice: StageChoice;
  /** The stage is a small tile itself: it has room for one. */
  readonly single: boolean;
};

export function Tiles({ call, choice, single }: Props) {
  const { state, view } = useView();
  const { ref, width, height } = useElementSize();
  const observers = observersIn(view);
  const tiles = tilesOf(call, state.at.seat, observers);
  const people = tiles.filter(({ kind }) => kind === "camera").map(({ id }) => id);
  const speaker = useSpeaker(people);
  const selfInRow = !single && tiles.length > 1 && !observers.includes(state.at.seat);
  const large = largeOf(tiles, { ...choice, speaker, single });
  const places = placesOf(tiles, large, single, selfInRow, { width, height });
  const several = tiles.length > 1;
  return (
    <div ref={ref} className={styles["tiles"]} data-several={several}>
      {width > 0 &&
        tiles.map((tile, index) => {
          const where = places[index] ?? null;
          const pin = several && !single ? pinOf(tile, index, choice) : null;
          return tile.kind === "screen" ? (
            <SharedScreen key={tile.id} tile={tile} where={where} pin={pin} />
          ) : (
            <Remote
              key={tile.id}
              person={tile.person}
              alone={!several}
              {...{ where, single, pin }}
            />
          );
        })}
      {!single && width > 0 && !observers.includes(state.at.seat) && (
        <SelfView call={call} where={selfInRow ? (places[tiles.length] ?? null) : null} />
      )}
      {several && !single && <PinKeys tiles={tiles} choice={choice} />}
      <Unblocking single={single} />
    </div>
  );
}

/** Where everybody is; with room for one only, all others are heard and not seen. */
function placesOf(
  tiles: readonly TileOf[],
  large: number | null,
  single: boolean,
  selfInRow: boolean,
  box: { readonly width: number; readonly height: number },
): readonly Where[] {
  if (!single) return arrange(tiles.length + (selfInRow ? 1 : 0), box, large);
  return tiles.map((_, index) => (index === large ? { left: 0, top: 0, ...box } : null));
}

/** The number keys that keep a tile large; another one keeps none. */
const PIN_KEYS = ["1", "2", "3", "4", "5", "6", "7", "8"] as const;
const UNPIN_KEY = "0";

function pinOf({ id }: TileOf, index: number, { pinned, onPin }: StageChoice): Pinning {
  return {
    pinned: pinned === id,
    keys: PIN_KEYS[index] ?? null,
    onPin: () => onPin(pinned === id ? null : id),
  };
}

/** Keeps a tile large by its number, and says what is large to whoever does not see it. */
function PinKeys({ tiles, choice: { view: how, pinned, onPin } }: Pick<Props, "choice"> & Tiled) {
  const { view } = useView();
  const pins = tiles.flatMap(({ id }, index) => {
    const key = PIN_KEYS[index];
    return key === undefined ? [] : [[key, () => onPin(id)] as const];
  });
  useSingleKeys("stage", { ...Object.fromEntries(pins), [UNPIN_KEY]: () => onPin(null) });
  const kept = tiles.find(({ id }) => id === pinned);
  const who = kept === undefined ? "" : nameOf(view, kept.person.seat);
  const label = kept?.kind === "screen" ? screenWords.seen.of(who) : who;
  const said = kept === undefined ? words.stage.shown[how] : words.stage.kept(label);
  const [first] = useState(said);
  const [news, setNews] = useState(false);
  if (!news && said !== first) setNews(true);
  return (
    <div role="status" className="sr-only">
      {news && said}
    </div>
  );
}

/** Nobody is watched without knowing it. */
export function Watched({ call }: { readonly call: Call }) {
  const { state, view } = useView();
  const seats = observersIn(view).filter((seat) => call.people.some((one) => one.seat === seat));
  if (seats.length === 0) return null;
  const own = seats.includes(state.at.seat);
  const others = seats.filter((seat) => seat !== state.at.seat);
  return (
    <p className={styles["watched"]}>
      <IconEye size={16} aria-hidden />
      <span>{own ? words.stage.youWatch : words.stage.watches(namesIn(view, others))}</span>
    </p>
  );
}

/** Asks for the one press that turns everybody's sound on, where the browser wants it. */
function Unblocking({ single }: { readonly single: boolean }) {
  const { blocked } = useCall();
  const ref = useRef<HTMLDivElement>(null);
  if (blocked.length === 0) return null;
  const play = (): void => {
    for (const video of ref.current?.parentElement?.querySelectorAll("video") ?? []) {
      void video.play().catch(() => undefined); // what still does not play says so itself
    }
  };
  return <SoundBlocked ref={ref} single={single} onPlay={play} />;
}

type BlockedProps = {
  readonly ref?: Ref<HTMLDivElement>;
  readonly single: boolean;
  readonly onPlay: () => void;
};

export function SoundBlocked({ ref, single, onPlay }: BlockedProps) {
  return (
    <div ref={ref} className={styles["blocked"]} role="alert">
      {!single && <span>{words.stage.soundBlocked}</span>}
      <Button leftSection={<IconVolume size={20} />} onClick={onPlay}>
        {words.stage.soundOn}
      </Button>
    </div>
  );
}
