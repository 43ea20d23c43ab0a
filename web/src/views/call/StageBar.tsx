/** The controls of a call, always in one place: labelled, pressed or not, with their keys. */
import {
  IconLayoutGrid,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhoneOff,
  IconScreenShare,
  IconScreenShareOff,
  IconUserScreen,
  IconVideo,
  IconVideoOff,
} from "@tabler/icons-react";
import { canShare } from "../../call-screen";
import { watches } from "../../call-state";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { screen as screenWords } from "../../strings/screen";
import { useCall, useCallClient } from "./CallProvider";
import { Control } from "./Control";
import { LeaveMenu } from "./LeaveMenu";
import { MoreMenu } from "./MoreMenu";
import type { StageChoice } from "./Stage";
import styles from "./StageBar.module.css";
import { useKeys } from "./useKeys";
import { useNow } from "./useNow";
import { usePushToTalk } from "./usePushToTalk";

type Props = {
  /** What leaving is called now. */
  readonly leave: string;
  readonly video: boolean;
  readonly since?: number | null;
  /** How several people are shown; null where there is nothing to choose. */
  readonly choice?: StageChoice | null;
};

export function StageBar({ leave, video, since = null, choice = null }: Props) {
  const client = useCallClient();
  const { state } = useView();
  const hangUp = () => void client.leave();
  useKeys({ KeyH: hangUp });
  return (
    <div className={styles["bar"]} role="toolbar" aria-label={words.stage.label}>
      <span className={styles["clock"]}>{since !== null && <Clock since={since} />}</span>
      <div className={styles["controls"]}>
        {!watches(state.view, state.at.seat) && (
          <Sending video={video} shares={video && since !== null} />
        )}
        <MoreMenu video={video} />
        {choice !== null && state.me?.role === "client" ? (
          <LeaveMenu onLeave={hangUp} />
        ) : (
          <Control label={leave} keys="Alt+H" icon={<IconPhoneOff />} onPress={hangUp} danger />
        )}
      </div>
      <span className={styles["choice"]}>{choice !== null && <ViewSwitch choice={choice} />}</span>
    </div>
  );
}

/** What one sends; nothing of it is there for whoever only watches. */
function Sending({ video, shares }: Pick<Props, "video"> & { readonly shares: boolean }) {
  const client = useCallClient();
  const { intent, microphone, camera } = useCall();
  const microphoneOn = intent.microphone && microphone.kind !== "trouble";
  const cameraOn = intent.camera && camera.kind !== "trouble";
  const toggleMicrophone = () => client.setIntent({ microphone: !microphoneOn });
  const toggleCamera = () => video && client.setIntent({ camera: !cameraOn });
  usePushToTalk((talking) => client.talk(talking));
  useKeys({ KeyM: toggleMicrophone, KeyV: toggleCamera });
  return (
    <>
      <Control
        label={words.stage.microphone}
        keys="Alt+M"
        pressed={microphoneOn}
        data-talks
        icon={microphoneOn ? <IconMicrophone /> : <IconMicrophoneOff />}
        onPress={toggleMicrophone}
      />
      {video && (
        <Control
          label={words.stage.camera}
          keys="Alt+V"
          pressed={cameraOn}
          icon={cameraOn ? <IconVideo /> : <IconVideoOff />}
          onPress={toggleCamera}
        />
      )}
      {shares && canShare() && <ShareControl />}
    </>
  );
}

/** Where a browser cannot capture a screen there is no such control, and nothing to explain. */
function ShareControl() {
  const { screen } = useCallClient();
  const sharing = useCall().screen.kind === "shared";
  const toggle = () => void (sharing ? screen.stop(screenWords.said.own.off) : screen.choose());
  useKeys({ KeyS: toggle });
  return (
    <Control
      label={sharing ? screenWords.bar.stop : screenWords.share}
      keys="Alt+S"
      icon={sharing ? <IconScreenShareOff /> : <IconScreenShare />}
      onPress={toggle}
    />
  );
}

function ViewSwitch({ choice: { view, onView } }: { readonly choice: StageChoice }) {
  const other = view === "grid" ? "speaker" : "grid";
  useKeys({ KeyG: () => onView(other) });
  return (
    <Control
      label={words.stage[other]}
      keys="Alt+G"
      icon={other === "grid" ? <IconLayoutGrid /> : <IconUserScreen />}
      onPress={() => onView(other)}
    />
  );
}

/** How long the call has lasted, by the server's clock. */
function Clock({ since }: { readonly since: number }) {
  const { state } = useView();
  const now = useNow();
  const lasted = Math.max(0, now + state.clockAhead - since);
  return (
    <time className="numbers" title={words.stage.since}>
      {clockFace(lasted)}
    </time>
  );
}

/** "4:07", "1:02:09". */
export function clockFace(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (part: number) => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${tail}` : `${minutes}:${tail}`;
}
