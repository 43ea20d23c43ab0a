/** A short sound made here, and the question whether it was heard. */
import { Button, Group } from "@mantine/core";
import { IconVolume } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { type StepState, lobby } from "../../strings/lobby";
import { chime } from "../call/useRinging";
import { useDevices } from "./devices";
import { Step } from "./Step";

const words = lobby.speaker;
/** The sound's length, and a moment for whatever lies between the page and the ear. */
const SOUND_MS = 2_000;
/** After which nobody will answer any more. */
const ANSWER_MS = 20_000;
/** In which a browser that will play at all begins to. */
const START_MS = 2_000;

type Answer = "none" | "playing" | "asked" | "heard" | "unheard" | "late" | "failed" | "skipped";

const STATE: { readonly [K in Answer]: StepState } = {
  none: "idle",
  playing: "running",
  asked: "running",
  heard: "passed",
  unheard: "warning",
  late: "late",
  failed: "failed",
  skipped: "skipped",
};

const SAID: { readonly [K in Answer]: string } = {
  none: words.intro,
  playing: words.ask,
  asked: words.ask,
  heard: words.heard,
  unheard: words.unheard,
  late: words.late,
  failed: words.failed,
  skipped: "",
};

export function SpeakerStep() {
  const [answer, setAnswer] = useState<Answer>("none");
  const play = useSound(setAnswer);
  const asked = answer === "playing" || answer === "asked";
  useEffect(() => {
    if (!asked) return;
    const late = setTimeout(() => setAnswer("late"), ANSWER_MS);
    return () => clearTimeout(late);
  }, [asked]);
  return (
    <Step
      title={words.title}
      state={STATE[answer]}
      said={SAID[answer]}
      onSkip={asked || answer === "none" ? () => setAnswer("skipped") : undefined}
    >
      <Group gap="xs">
        {asked && (
          <>
            <Button variant="default" onClick={() => setAnswer("heard")}>
              {words.yes}
            </Button>
            <Button variant="default" onClick={() => setAnswer("unheard")}>
              {words.no}
            </Button>
          </>
        )}
        {answer !== "heard" && (
          <Button
            variant={asked ? "subtle" : "default"}
            leftSection={<IconVolume size={18} aria-hidden />}
            loading={answer === "playing"}
            onClick={() => void play()}
          >
            {answer === "none" || answer === "skipped" ? words.play : words.again}
          </Button>
        )}
      </Group>
    </Step>
  );
}

/** Plays one sound at a time through the chosen speaker; silent once its step is gone. */
function useSound(changed: (answer: Answer) => void): () => Promise<void> {
  const { chosen } = useDevices();
  const playing = useRef<AudioContext | null>(null);
  useEffect(() => () => end(playing.current), []);
  return async () => {
    const context: AudioContext & { setSinkId?: (id: string) => Promise<void> } =
      new AudioContext();
    playing.current = context;
    changed("playing");
    // A speaker that is gone leaves the sound where the browser puts it.
    await context.setSinkId?.(chosen.speaker).catch(() => undefined);
    if (!(await started(context))) {
      changed("failed");
      end(context);
      return;
    }
    chime(context);
    setTimeout(end, SOUND_MS, context);
    changed("asked");
  };
}

function end(context: AudioContext | null): void {
  if (context !== null && context.state !== "closed") void context.close();
}

/** Whether the browser plays anything at all. */
async function started(context: AudioContext): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, START_MS, false));
  return Promise.race([context.resume().then(() => context.state === "running"), late]);
}
