/**
 * A few seconds of the own microphone, recorded and played back: what the others would hear.
 *
 * Nothing of it leaves the page. Source: W3C "MediaStream Recording". Counterpart:
 * `views/lobby/HearYourself.tsx`.
 */

/** The longest recording, in milliseconds. */
export const ECHO_MS = 10_000;

export type EchoStep = "idle" | "recording" | "playing" | "heard" | "failed" | "skipped";

export class Echo {
  readonly #changed: (step: EchoStep) => void;
  #recorder: MediaRecorder | null = null;
  #end: ReturnType<typeof setTimeout> | undefined;
  #audio: HTMLAudioElement | null = null;

  constructor(changed: (step: EchoStep) => void) {
    this.#changed = changed;
  }

  /** Records this microphone, also while it is muted for others; then plays it on `speaker`. */
  record(microphone: MediaStreamTrack, speaker: string): void {
    this.close();
    const track = microphone.clone();
    track.enabled = true;
    const parts: Blob[] = [];
    try {
      const recorder = new MediaRecorder(new MediaStream([track]));
      recorder.addEventListener("dataavailable", ({ data }) => void parts.push(data));
      recorder.addEventListener("stop", () => {
        track.stop();
        if (this.#recorder !== recorder) return; // closed, or begun anew
        this.#recorder = null;
        void this.#play(new Blob(parts, { type: recorder.mimeType }), speaker);
      });
      recorder.start();
      this.#recorder = recorder;
    } catch {
      track.stop();
      this.#changed("failed"); // no recorder, or none for this sound
      return;
    }
    this.#end = setTimeout(() => this.finish(), ECHO_MS);
    this.#changed("recording");
  }

  /** Enough was recorded. */
  finish(): void {
    clearTimeout(this.#end);
    this.#recorder?.stop();
  }

  /** Goes on without, at any moment. */
  skip(): void {
    this.close();
    this.#changed("skipped");
  }

  /** Stops recording and playing, and forgets what was recorded. */
  close(): void {
    clearTimeout(this.#end);
    const recorder = this.#recorder;
    this.#recorder = null;
    recorder?.stop();
    this.#silence();
  }

  async #play(sound: Blob, speaker: string): Promise<void> {
    const audio: HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> } = new Audio(
      URL.createObjectURL(sound),
    );
    this.#audio = audio;
    const done = (step: EchoStep) => () => {
      if (this.#audio !== audio) return;
      this.#silence();
      this.#changed(step);
    };
    audio.addEventListener("ended", done("heard"));
    // A speaker that takes the sound and never plays it must not keep anybody waiting.
    this.#end = setTimeout(done("failed"), 2 * ECHO_MS);
    this.#changed("playing");
    try {
      // A speaker that is gone leaves the sound where the browser puts it.
      await audio.setSinkId?.(speaker).catch(() => undefined);
      if (this.#audio === audio) await audio.play();
    } catch {
      done("failed")();
    }
  }

  #silence(): void {
    clearTimeout(this.#end);
    const audio = this.#audio;
    this.#audio = null;
    if (audio === null) return;
    audio.pause();
    URL.revokeObjectURL(audio.src);
  }
}
