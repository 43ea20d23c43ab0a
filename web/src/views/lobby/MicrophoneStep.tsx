/** Whether the microphone is given to us, switched on, and hears a voice. */
import { IconMicrophone, IconMicrophoneOff } from "@tabler/icons-react";
import { useCallback } from "react";
import type { CallState } from "../../call-state";
import { call as callWords } from "../../strings/call";
import { type StepState, lobby } from "../../strings/lobby";
import { useDeviceHolder, useDevices } from "./devices";
import { LevelMeter } from "./LevelMeter";
import styles from "./Lobby.module.css";
import { Step } from "./Step";
import { Toggle } from "./Toggle";
import { Trouble } from "./Trouble";
import { type Voice, useVoice } from "./useVoice";

const words = lobby.microphone;

export function MicrophoneStep() {
  const holder = useDeviceHolder();
  const devices = useDevices();
  const { microphone, intent, asking } = devices;
  const listening = microphone.kind === "on" && intent.microphone;
  const level = useCallback(() => holder.ownLevel(), [holder]);
  const voice = useVoice(listening ? microphone.track : null, level);
  const { state, said } = standing(devices, voice);
  return (
    <Step
      title={words.title}
      state={state}
      said={said}
      onSkip={asking?.slow === true ? () => holder.skip() : undefined}
    >
      {microphone.kind === "on" && (
        <div className={styles["microphone"]}>
          <Toggle
            label={callWords.check.microphone}
            on={intent.microphone}
            icons={[
              <IconMicrophone key="on" size={20} />,
              <IconMicrophoneOff key="off" size={20} />,
            ]}
            onToggle={() => holder.setIntent({ microphone: !intent.microphone })}
          />
          <LevelMeter label={callWords.check.level} level={level} />
        </div>
      )}
      <Trouble which="microphone" source={microphone} />
    </Step>
  );
}

function standing(
  { microphone, intent, asking }: CallState,
  voice: Voice,
): { readonly state: StepState; readonly said: string } {
  if (microphone.kind === "trouble") {
    return { state: microphone.trouble === "unanswered" ? "skipped" : "failed", said: words.none };
  }
  if (microphone.kind === "off") {
    return {
      state: asking === null ? "idle" : "running",
      said: asking === null ? "" : words.asking,
    };
  }
  if (!intent.microphone) return { state: "skipped", said: words.off };
  switch (voice) {
    case "waiting":
      return { state: "running", said: words.speak };
    case "heard":
      return { state: "passed", said: words.heard };
    case "late":
      return { state: "late", said: words.quiet };
  }
}
