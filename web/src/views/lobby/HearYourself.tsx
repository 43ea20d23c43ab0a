/** A button to record a few seconds of oneself and hear them: the surest check before a call. */
import { Button, Text } from "@mantine/core";
import { IconEar, IconPlayerStop } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { ECHO_MS, Echo, type EchoStep } from "../../call-echo";
import { type StepState, lobby } from "../../strings/lobby";
import { useNow } from "../call/useNow";
import { useDevices } from "./devices";
import styles from "./Lobby.module.css";
import { Step } from "./Step";

const words = lobby.echo;

const STATE: { readonly [K in EchoStep]: StepState } = {
  idle: "idle",
  recording: "running",
  playing: "running",
  heard: "passed",
  failed: "failed",
  skipped: "skipped",
};

export function HearYourself() {
  const { microphone, chosen } = useDevices();
  const { step, since, echo } = useEcho();
  if (microphone.kind !== "on") return null;
  const recording = step === "recording";
  return (
    <Step
      title={words.title}
      state={STATE[step]}
      said={words.said[step]}
      onSkip={step === "skipped" || step === "heard" ? undefined : () => echo.skip()}
    >
      <div className={styles["echo"]}>
        <Button
          variant="default"
          leftSection={recording ? <IconPlayerStop size={18} /> : <IconEar size={18} />}
          onClick={() => {
            if (recording) echo.finish();
            else echo.record(microphone.track, chosen.speaker);
          }}
        >
          {recording ? words.stop : words.begin}
        </Button>
        {recording && <Left since={since} />}
      </div>
    </Step>
  );
}

/** How long it goes on by itself; not announced every second. */
function Left({ since }: { readonly since: number }) {
  const left = Math.max(0, Math.ceil((since + ECHO_MS - useNow()) / 1000));
  return (
    <Text size="sm" c="dimmed" className="numbers" aria-live="off">
      {words.left(left)}
    </Text>
  );
}

function useEcho() {
  const [{ step, since }, setStep] = useState<{ readonly step: EchoStep; readonly since: number }>({
    step: "idle",
    since: 0,
  });
  const [echo] = useState(() => new Echo((next) => setStep({ step: next, since: Date.now() })));
  useEffect(() => () => echo.close(), [echo]);
  return { step, since, echo };
}
