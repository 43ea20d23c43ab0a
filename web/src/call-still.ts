/**
 * One moment of a picture, as a track that can be sent for as long as it is wanted.
 *
 * Counterpart: `call-screen.ts`, which freezes a shared screen with it.
 */

/** Whoever joins meanwhile, or lost a packet, has the whole picture after this time at most. */
const AGAIN_MS = 1_000;

export class Still {
  readonly track: MediaStreamTrack;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Of what `video` shows at this very moment; it must have a picture. */
  constructor(video: HTMLVideoElement) {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const pen = canvas.getContext("2d", { alpha: false });
    const stream = canvas.captureStream();
    const [track] = stream.getVideoTracks();
    if (pen === null || track === undefined) throw new Error("the canvas cannot be captured");
    pen.drawImage(video, 0, 0);
    track.contentHint = "detail";
    this.track = track;
    // Drawn over itself: a canvas is captured only when something was drawn.
    this.#timer = setInterval(() => pen.drawImage(canvas, 0, 0), AGAIN_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.track.stop();
  }
}
