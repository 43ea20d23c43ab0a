/** One place on the stage: a stream's picture and sound under its owner's name. */
import { IconMicrophoneOff, IconPinnedFilled } from "@tabler/icons-react";
import {
  type CSSProperties,
  type ReactNode,
  useCallback,
  useEffect,
  useEffectEvent,
  useRef,
} from "react";
import type { Place } from "../../call-layout";
import { AUDIBLE } from "../../call-speaker";
import { call as words } from "../../strings/call";
import { useCall } from "./CallProvider";
import styles from "./Tile.module.css";
import { useLevel } from "./useLevel";

/** Null: there is no room for it; what it sounds like is heard all the same. */
export type Where = Place | null;

type FrameProps = {
  readonly where: Where;
  readonly kind: "camera" | "screen" | "self";
  readonly label: string;
  /** Loudness now, 0 to 1: a ring says who speaks. */
  readonly level: () => number;
  /** From where on that is speech. */
  readonly audible?: number;
  readonly children: ReactNode;
};

/** The frame at its place. */
export function Frame({ where, kind, label, level, audible = AUDIBLE, children }: FrameProps) {
  const draw = useCallback(
    (element: HTMLElement, loud: number) => {
      element.dataset["speaks"] = String(loud >= audible);
    },
    [audible],
  );
  const ref = useLevel<HTMLDivElement>(level, draw);
  return (
    <div
      ref={ref}
      role="group"
      aria-label={label}
      className={styles["tile"]}
      data-kind={kind}
      data-small={where !== null && where.height < 180}
      style={where === null ? { visibility: "hidden" } : placed(where)}
    >
      {children}
    </div>
  );
}

/** A row begins where the language's lines begin. */
function placed({ left, ...box }: Place): CSSProperties {
  return { ...box, insetInlineStart: left };
}

type PlayerProps = {
  readonly stream: MediaStream | undefined;
  readonly label: string;
  readonly shown: boolean;
  /** All of it is shown, however much room that leaves. */
  readonly whole: boolean;
  /** Whether the browser wants a press before it plays. */
  readonly onBlocked: (blocked: boolean) => void;
};

/** One element for picture and sound for as long as somebody is there: nothing is cut. */
export function Player({ stream, label, shown, whole, onBlocked }: PlayerProps) {
  const ref = usePlayed(stream, onBlocked);
  return (
    // Captions are a later feature; the thread is beside it.
    // oxlint-disable-next-line jsx-a11y/media-has-caption
    <video
      ref={ref}
      className={styles["picture"]}
      data-shown={shown}
      data-whole={whole}
      aria-label={label}
      autoPlay
      playsInline
      onPlaying={() => onBlocked(false)}
    />
  );
}

/** Plays a stream through the chosen speaker; says when the browser wants a press first. */
function usePlayed(stream: MediaStream | undefined, onBlocked: (blocked: boolean) => void) {
  const { chosen, known } = useCall();
  const speaker = known.some(({ id }) => id === chosen.speaker) ? chosen.speaker : "";
  const ref = useRef<HTMLVideoElement>(null);
  const tell = useEffectEvent(onBlocked);
  useEffect(() => () => tell(false), []);
  useEffect(() => {
    const video = ref.current;
    if (video === null || stream === undefined) return;
    video.srcObject = stream;
    // An abort is a newer stream taking over; only a refusal needs the person.
    video.play().catch((error: unknown) => {
      tell(error instanceof DOMException && error.name === "NotAllowedError");
    });
  }, [stream]);
  useEffect(() => {
    const video: (HTMLVideoElement & { setSinkId?: (id: string) => Promise<void> }) | null =
      ref.current;
    // While the chosen speaker is gone, the sound is where the browser puts it.
    video?.setSinkId?.(speaker).catch(() => undefined);
  }, [speaker]);
  return ref;
}

type NameProps = { readonly name: string; readonly muted: boolean; readonly icon?: ReactNode };

/** Who it is, readable over any picture, and whether they can be heard. */
export function Name({ name, muted, icon = null }: NameProps) {
  return (
    <div className={styles["name"]}>
      {icon}
      <bdi>{name}</bdi>
      {muted && (
        <span className={styles["muted"]}>
          <IconMicrophoneOff size={16} aria-hidden />
          <span>{words.stage.muted}</span>
        </span>
      )}
    </div>
  );
}

/** How a tile is kept large, by a press or by its key, if there are enough keys. */
export type Pinning = {
  readonly pinned: boolean;
  readonly keys: string | null;
  readonly onPin: () => void;
};

type PinProps = Pinning & { readonly name: string };

/** The whole tile is the button that keeps it large. */
export function Pin({ name, pinned, keys, onPin }: PinProps) {
  const what = pinned ? words.stage.unpin : words.stage.pin(name);
  return (
    <button
      type="button"
      className={styles["pin"]}
      aria-pressed={pinned}
      aria-keyshortcuts={keys ?? undefined}
      aria-label={words.stage.pin(name)}
      title={keys === null ? what : `${what} (${pinned ? "0" : keys})`}
      onClick={onPin}
    >
      {pinned && <IconPinnedFilled size={18} aria-hidden />}
    </button>
  );
}
