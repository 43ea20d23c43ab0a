/** The other person: their picture, or who they are while there is none; and always their sound. */
import { Button } from "@mantine/core";
import { IconMicrophoneOff, IconVolume } from "@tabler/icons-react";
import { useCallback, useEffect, useRef } from "react";
import { ofSeat } from "../../call-state";
import type { Call, InCall } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { Avatar } from "./Avatar";
import { useCall, useCallClient } from "./CallProvider";
import styles from "./Stage.module.css";

type Props = {
  readonly call: Call;
  readonly seat: string;
  readonly who: string;
  readonly tile: boolean;
};

export function Remote({ call, seat, who, tile }: Props) {
  const { ref, play } = usePlayed(seat);
  const blocked = useCall().blocked.includes(seat);
  const person = call.people.find((other) => other.seat === seat);
  const { pictured, off } = usePictured(person);
  return (
    <>
      {/* One element for picture and sound for as long as the call lasts: nothing is cut when the
          picture comes or goes. Captions are a later feature; the thread is beside it. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        ref={ref}
        className={styles["remote"]}
        data-shown={pictured}
        aria-label={who}
        autoPlay
        playsInline
      />
      {!pictured && <Unpictured seat={seat} who={who} tile={tile} off={off} />}
      <Name who={who} muted={person?.microphone === false} tile={tile} />
      {blocked && (
        <div className={styles["blocked"]} role="alert">
          {!tile && <span>{words.stage.soundBlocked}</span>}
          <Button leftSection={<IconVolume size={20} />} onClick={play}>
            {words.stage.soundOn}
          </Button>
        </div>
      )}
    </>
  );
}

/** Whether there is a picture to show, or its owner switched it off. */
function usePictured(person: InCall | undefined) {
  const { line, health } = useCall();
  const connected = line.kind === "connected" && person?.connected === true;
  return {
    pictured: connected && person.camera && person.pause === null && health.seeing !== "stalled",
    off: connected && !person.camera,
  };
}

type UnpicturedProps = {
  readonly seat: string;
  readonly who: string;
  readonly tile: boolean;
  /** The camera is switched off, rather than on its way. */
  readonly off: boolean;
};

function Unpictured({ seat, who, tile, off }: UnpicturedProps) {
  const client = useCallClient();
  const { view } = useView();
  const level = useCallback(() => client.levelOf(seat), [client, seat]);
  return (
    <div className={styles["centre"]}>
      <Avatar name={who} large={!tile} level={level} />
      {!tile && off && view.call?.media === "video" && (
        <p className={styles["text"]}>
          <bdi>{words.stage.cameraOff(who)}</bdi>
        </p>
      )}
    </div>
  );
}

type NameProps = { readonly who: string; readonly muted: boolean; readonly tile: boolean };

function Name({ who, muted, tile }: NameProps) {
  return (
    <div className={styles["name"]}>
      <bdi>{who}</bdi>
      {muted && (
        <span className={styles["muted"]}>
          <IconMicrophoneOff size={16} aria-hidden />
          <span className={tile ? "sr-only" : ""}>{words.stage.muted}</span>
        </span>
      )}
    </div>
  );
}

/** Plays somebody's stream through the chosen speaker; says when the browser wants a press first. */
function usePlayed(seat: string) {
  const client = useCallClient();
  const state = useCall();
  const { chosen } = state;
  const ref = useRef<HTMLVideoElement>(null);
  const stream = ofSeat(state.remote, useView().view.call, seat);
  const play = useCallback(() => {
    const video = ref.current;
    if (video === null) return;
    video.play().then(
      () => client.block(seat, false),
      // An abort is a newer stream taking over; only a refusal needs the person.
      (error: unknown) =>
        client.block(seat, error instanceof DOMException && error.name === "NotAllowedError"),
    );
  }, [client, seat]);
  useEffect(() => () => client.block(seat, false), [client, seat]);
  useEffect(() => {
    const video = ref.current;
    if (video === null || stream === undefined) return;
    video.srcObject = stream;
    play();
  }, [stream, play]);
  useEffect(() => {
    const video: (HTMLVideoElement & { setSinkId?: (id: string) => Promise<void> }) | null =
      ref.current;
    // A speaker that is gone leaves the sound where the browser puts it.
    video?.setSinkId?.(chosen.speaker).catch(() => undefined);
  }, [chosen.speaker]);
  return { ref, play };
}
