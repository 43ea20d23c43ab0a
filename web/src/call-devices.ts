/**
 * Microphone, camera and speaker: asking for them, choosing among them, how loud it is.
 *
 * The only file that opens or lists devices. Counterpart: `call-sources.ts`, which holds them.
 */
import type { Chosen, DeviceTrouble, KnownDevice, Source } from "./call-state";

const CHOSEN_KEY = "parley.devices";

/** One try to open devices: what was asked for, and what came of it. */
export type Opened = { readonly microphone: Source; readonly camera: Source };

export type Wanted = { readonly microphone: boolean; readonly camera: boolean };

const OFF: Source = { kind: "off" };

/** Asks the browser for what is wanted. Never rejects: a device that cannot be had is a trouble. */
export async function openDevices(wanted: Wanted, chosen: Chosen): Promise<Opened> {
  if (!wanted.microphone && !wanted.camera) return { microphone: OFF, camera: OFF };
  if (!wanted.microphone || !wanted.camera) return openEach(wanted, chosen);
  // Both in one question, since two in a row are one too many for whoever must answer them.
  const both = await ask(constraints(wanted, chosen));
  if (both instanceof MediaStream) {
    return {
      microphone: sourceOf(both.getAudioTracks()[0]),
      camera: sourceOf(both.getVideoTracks()[0]),
    };
  }
  if (both !== "denied") return openEach(wanted, chosen);
  const trouble = { kind: "trouble", trouble: "denied" } as const;
  return {
    microphone: (await allowed("microphone")) ? await openOne("microphone", chosen) : trouble,
    camera: (await allowed("camera")) ? await openOne("camera", chosen) : trouble,
  };
}

async function openEach(wanted: Wanted, chosen: Chosen): Promise<Opened> {
  const microphone = wanted.microphone ? await openOne("microphone", chosen) : OFF;
  const camera = wanted.camera ? await openOne("camera", chosen) : OFF;
  return { microphone, camera };
}

async function openOne(which: "microphone" | "camera", chosen: Chosen): Promise<Source> {
  const wanted = { microphone: which === "microphone", camera: which === "camera" };
  const one = await ask(constraints(wanted, chosen));
  if (one instanceof MediaStream) return sourceOf(one.getTracks()[0]);
  const picked = chosen[which] !== "";
  // The device chosen last time is gone: the browser's own choice is better than none.
  if (one === "missing" && picked) return openOne(which, { ...chosen, [which]: "" });
  return { kind: "trouble", trouble: one };
}

function constraints(wanted: Wanted, chosen: Chosen): MediaStreamConstraints {
  const exact = (id: string) => (id === "" ? {} : { deviceId: { exact: id } });
  return {
    audio: wanted.microphone && {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...exact(chosen.microphone),
    },
    video: wanted.camera && {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 30, max: 30 },
      ...exact(chosen.camera),
    },
  };
}

function sourceOf(track: MediaStreamTrack | undefined): Source {
  if (track === undefined) return { kind: "trouble", trouble: "missing" };
  return { kind: "on", track, label: track.label };
}

async function ask(wanted: MediaStreamConstraints): Promise<MediaStream | DeviceTrouble> {
  // Absent on pages that are not on a secure address, whatever the types say.
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  if (devices === undefined) return "unsupported";
  try {
    return await devices.getUserMedia(wanted);
  } catch (error) {
    return troubleOf(error instanceof DOMException ? error.name : "");
  }
}

/** The names are those of W3C "Media Capture and Streams", section 10.2. */
export function troubleOf(name: string): DeviceTrouble {
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "broken";
  }
}

async function allowed(name: "microphone" | "camera"): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name })).state === "granted";
  } catch {
    return false; // a browser that does not know this permission by name
  }
}

/** All devices with a name of their own; names are empty until one was allowed. */
export async function listDevices(): Promise<readonly KnownDevice[]> {
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  const found = devices === undefined ? [] : await devices.enumerateDevices();
  return found
    .filter(({ deviceId, label }) => deviceId !== "" && label !== "")
    .map(({ kind, deviceId, label }) => ({ kind, id: deviceId, label }));
}

/** Whether there is any such device, allowed or not. */
export async function isThere(which: "microphone" | "camera"): Promise<boolean> {
  const kind = which === "microphone" ? "audioinput" : "videoinput";
  return (await navigator.mediaDevices.enumerateDevices()).some((device) => device.kind === kind);
}

/** Whether it is the device of this id that is open; empty: any. */
export function isChosen(source: Source, id: string): boolean {
  return source.kind === "on" && (id === "" || source.track.getSettings().deviceId === id);
}

/** Calls `changed` when something is plugged in or out; returns how to stop. */
export function onDevicesChanged(changed: () => void): () => void {
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
  devices?.addEventListener("devicechange", changed);
  return () => devices?.removeEventListener("devicechange", changed);
}

export function stop(source: Source): void {
  if (source.kind === "on") source.track.stop();
}

/** The devices chosen in this browser before. */
export function recallChosen(): Chosen {
  const nothing = { microphone: "", camera: "", speaker: "", quiet: false };
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(CHOSEN_KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null) return nothing;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    const { microphone, camera, speaker, quiet }: { [K in keyof Chosen]?: unknown } = kept;
    return {
      microphone: text(microphone),
      camera: text(camera),
      speaker: text(speaker),
      quiet: quiet === true,
    };
  } catch {
    return nothing; // storage is forbidden, or holds something that is not ours
  }
}

export function keepChosen(chosen: Chosen): void {
  try {
    localStorage.setItem(CHOSEN_KEY, JSON.stringify(chosen));
  } catch {
    // Storage is forbidden: the choice then lasts as long as the page.
  }
}

/** How loud one microphone is. */
export class Meter {
  readonly #context = new AudioContext();
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor(track: MediaStreamTrack) {
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(this.#analyser);
  }

  /** 0 (silence) to 1 (as loud as it gets), on a scale that follows the ear. */
  level(): number {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    let sum = 0;
    for (const sample of this.#samples) sum += sample * sample;
    return loudness(Math.sqrt(sum / this.#samples.length));
  }

  close(): void {
    void this.#context.close();
  }
}

/** Root mean square (0 to 1) as a share of the 60 dB below full scale in which speech lies. */
export function loudness(rms: number): number {
  if (rms <= 0.001) return 0;
  return Math.min(1, 1 + (20 * Math.log10(rms)) / 60);
}
