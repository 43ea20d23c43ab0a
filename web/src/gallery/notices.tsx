/** Everything that can be wrong with a call, each as it lies over the picture. */
import type { CSSProperties, ReactNode } from "react";
import { type CallChange, type Health, initialCall, reduceCall } from "../call-state";
import type { InCall, Pause } from "../protocol.gen";
import { partOf } from "../test/record";
import { SoundBlocked } from "../views/call/Tiles";
import stage from "../views/call/Stage.module.css";
import { StageNotice, noticeOf } from "../views/call/StageNotice";

const WHO = "Ben Okafor";
const BEN = partOf("freelancer");
const WELL: Health = { hearing: "flowing", seeing: "flowing", heard: "flowing", weak: false };
const CONNECTED: CallChange = { type: "line", line: { kind: "connected" } };

type Wrong = {
  readonly name: string;
  readonly change: CallChange;
  readonly other?: InCall;
  readonly unseeing?: boolean;
};

const paused = (pause: Pause): CallChange => ({ type: "pause", pause });
const health = (wrong: Partial<Health>): CallChange => ({
  type: "health",
  health: { ...WELL, ...wrong },
});
const line = (kind: "connecting" | "reconnecting"): CallChange => ({
  type: "line",
  line: { kind },
});

const ALL: readonly Wrong[] = [
  { name: "Connecting", change: line("connecting") },
  { name: "Reconnecting", change: line("reconnecting") },
  {
    name: "Failed",
    change: {
      type: "line",
      line: {
        kind: "failed",
        code: "calls_full",
        message: "This server carries as many calls as it can just now. Try again in a moment.",
      },
    },
  },
  { name: "Waiting", change: CONNECTED, other: { ...BEN, connected: false } },
  { name: "My picture is paused", change: paused({ held: "picture", why: "own" }) },
  { name: "For their sake", change: paused({ held: "picture", why: "theirs" }) },
  { name: "Sound only, by choice", change: paused({ held: "picture", why: "chosen" }) },
  {
    name: "Their picture is paused",
    change: CONNECTED,
    other: { ...BEN, pause: { held: "picture", why: "own" } },
  },
  {
    name: "Both pictures are paused",
    change: paused({ held: "picture", why: "own" }),
    other: { ...BEN, pause: { held: "picture", why: "own" } },
  },
  { name: "My sound is paused", change: paused({ held: "sound", why: "own" }) },
  {
    name: "Their sound is paused",
    change: CONNECTED,
    other: { ...BEN, pause: { held: "sound", why: "own" } },
  },
  { name: "No picture can be sent", change: paused({ held: "picture", why: "codec" }) },
  {
    name: "They can send no picture",
    change: CONNECTED,
    other: { ...BEN, pause: { held: "picture", why: "codec" } },
  },
  { name: "No picture can be watched", change: CONNECTED, unseeing: true },
  { name: "No sound comes", change: health({ hearing: "stalled" }) },
  { name: "No sound leaves", change: health({ heard: "stalled" }) },
  { name: "The picture stands still", change: health({ seeing: "stalled" }) },
  { name: "The line is weak", change: health({ weak: true }) },
  {
    name: "The microphone is gone",
    change: {
      type: "source",
      which: "microphone",
      source: { kind: "trouble", trouble: "missing" },
    },
  },
];

const noChoice = { microphone: "", camera: "", speaker: "", quiet: false };
const well = reduceCall(initialCall(noChoice), CONNECTED);
const nothing = (): void => undefined;

const SHEET: CSSProperties = {
  display: "grid",
  gridTemplateColumns: "repeat(auto-fill, minmax(min(100%, 340px), 1fr))",
  alignContent: "start",
  gap: 8,
  height: "100dvh",
  overflow: "auto",
};

export function Notices() {
  return (
    <main style={SHEET}>
      <h1 className="sr-only">What can be wrong with a call</h1>
      {ALL.map(({ name, change, other = BEN, unseeing }) => {
        const notice = noticeOf(reduceCall(well, change), other, WHO, unseeing);
        return (
          <Framed key={name} name={name}>
            {notice !== null && (
              <StageNotice notice={notice} onRetry={nothing} onPictures={nothing} />
            )}
          </Framed>
        );
      })}
      <Framed name="The browser blocks sound">
        <SoundBlocked single={false} onPlay={nothing} />
      </Framed>
    </main>
  );
}

function Framed({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <section className={stage["stage"]} aria-label={name} style={{ height: 224 }}>
      <div className={stage["scene"]}>{children}</div>
    </section>
  );
}
