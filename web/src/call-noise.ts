/**
 * Takes noise out of a voice, in this browser: RNNoise (Valin 2018), compiled to WebAssembly.
 *
 * Loaded only when somebody switches it on: 127 kB, from the same server as everything else.
 * Counterpart: `call-sources.ts`.
 */
import { RnnoiseWorkletNode } from "@sapphi-red/web-noise-suppressor";
import wasm from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
// The module of an AudioWorklet exports nothing; its address does.
// oxlint-disable-next-line import/default
import worklet from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";

/** Hertz: the only rate that its model was trained for. */
const RATE = 48_000;

export type Quiet = {
  /** The microphone that goes in. */
  readonly of: MediaStreamTrack;
  /** What comes out. */
  readonly track: MediaStreamTrack;
  /** How much has come out so far, in seconds. */
  readonly rendered: () => number;
  readonly stop: () => void;
};

/** The track without its noise. Rejects where the browser cannot do that. */
export async function quieten(of: MediaStreamTrack): Promise<Quiet> {
  const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
  try {
    const [file] = await Promise.all([fetch(wasm), context.audioWorklet.addModule(worklet)]);
    const wasmBinary = await file.arrayBuffer();
    const filter = new RnnoiseWorkletNode(context, { maxChannels: 1, wasmBinary });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    context
      .createMediaStreamSource(new MediaStream([of]))
      .connect(filter)
      .connect(out);
    const [track] = out.stream.getAudioTracks();
    if (track === undefined) throw new Error("nothing comes out");
    const stop = (): void => {
      track.stop();
      filter.destroy();
      void context.close();
    };
    return { of, track, rendered: () => context.currentTime, stop };
  } catch (error) {
    void context.close();
    throw error;
  }
}
