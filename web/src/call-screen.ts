/**
 * The own screen: chosen, looked at in private, shared, frozen, blanked, and taken back.
 *
 * What others get is changed before anybody is told that it has been, so "frozen" is never said of
 * a picture that still moves. Counterparts: `call.ts`, `call-peer.ts` (the lines it goes out on).
 */
import type { CallChange, CallState, Capture, Shown, Surface } from "./call-state";
import { Still } from "./call-still";
import type { CallWindow } from "./call-window";
import type { Store } from "./store";
import { screen as words } from "./strings/screen";

/** Enough for text at its own size; more would leave nothing for the camera. */
const LARGEST = { width: { max: 2560 }, height: { max: 1600 }, frameRate: { ideal: 15, max: 30 } };

/** Options of W3C "Screen Capture" that not every browser and no type knows. */
type Wishes = DisplayMediaStreamOptions & {
  readonly selfBrowserSurface: "exclude";
  readonly surfaceSwitching: "exclude";
  readonly systemAudio: "exclude";
};

const WISHES: Wishes = {
  video: LARGEST,
  // As it is: what helps a voice spoils music.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  // Sharing this very page shows a picture of a picture of a picture.
  selfBrowserSurface: "exclude",
  // Switched by the browser's own bar, something would be seen that nobody had looked at before.
  surfaceSwitching: "exclude",
  // All sound of the computer would send the others their own voices.
  systemAudio: "exclude",
};

export type ScreenPort = {
  readonly store: Store<CallState, CallChange>;
  /** Sends what `tracks` holds now. */
  readonly send: () => Promise<void>;
  readonly window: CallWindow;
  /** What is shared, or how, has changed: the record must hear of it. */
  readonly changed: () => void;
};

export class ScreenShare {
  readonly #port: ScreenPort;
  /** Plays the capture all the time, so that it can be frozen at once. */
  readonly #video = document.createElement("video");
  #still: Still | null = null;
  #tracks: { readonly [K in "screen" | "screenSound"]: MediaStreamTrack | null } = NOTHING;

  constructor(port: ScreenPort) {
    this.#port = port;
    this.#video.muted = true;
  }

  /** What goes out now; on a connection that bears no sound any more, no screen either. */
  get tracks() {
    return this.#port.store.state.pause?.held === "sound" ? NOTHING : this.#tracks;
  }

  /** Asks the browser for a screen, a window or a tab, and shows it to the person alone. */
  async choose(): Promise<void> {
    const before = this.#port.store.state.screen;
    if (before.kind === "choosing" || before.kind === "shared") return;
    this.#set({ kind: "choosing" });
    this.#say(null);
    const found = await pick();
    if (this.#port.store.state.screen.kind !== "choosing") {
      if (typeof found !== "string") release(found);
    } else if (typeof found === "string") {
      this.#set(before);
      this.#say(words.failed[found]);
    } else {
      if (before.kind === "looking") release(before.capture);
      this.#look(found);
    }
  }

  /** Lets the others have it. `sound`: also what is heard of it. */
  async share(sound: boolean): Promise<void> {
    const { screen } = this.#port.store.state;
    if (screen.kind !== "looking") return;
    await this.#show(screen.capture, "live", sound);
  }

  /** Goes on in another way: live, frozen, or blank. */
  async show(as: Shown): Promise<void> {
    const { screen } = this.#port.store.state;
    if (screen.kind !== "shared" || screen.as === as) return;
    await this.#show(screen.capture, as, screen.sound);
  }

  /** Nobody gets anything of it any more; `why` is told to the person. */
  async stop(why: string | null = null): Promise<void> {
    const { screen } = this.#port.store.state;
    if (screen.kind === "off") return;
    if (screen.kind !== "choosing") release(screen.capture);
    this.#video.srcObject = null;
    this.#still?.stop();
    this.#still = null;
    this.#tracks = NOTHING;
    this.#port.window.pass("sharing", false);
    this.#set({ kind: "off" });
    this.#say(why);
    await this.#port.send();
    this.#port.changed();
  }

  /** A screen that was shared before this page was loaded anew is not shared again by itself. */
  recall(): void {
    if (!this.#port.window.passing("sharing")) return;
    this.#port.window.pass("sharing", false);
    this.#say(words.reloaded);
  }

  #look(capture: Capture): void {
    this.#video.srcObject = new MediaStream([capture.picture]);
    void this.#video.play().catch(() => undefined);
    capture.picture.addEventListener("ended", () => {
      const { screen } = this.#port.store.state;
      if (screen.kind === "off" || screen.kind === "choosing") return;
      if (screen.capture === capture) void this.stop(words.ended[screen.kind]);
    });
    this.#set({ kind: "looking", capture });
  }

  async #show(capture: Capture, as: Shown, sound: boolean): Promise<void> {
    const frozen = this.#still;
    this.#still = as === "frozen" ? new Still(this.#video) : null;
    const picture = { live: capture.picture, frozen: this.#still?.track ?? null, blank: null }[as];
    this.#tracks = { screen: picture, screenSound: as === "live" && sound ? capture.sound : null };
    await this.#port.send();
    frozen?.stop();
    if (capture.picture.readyState === "ended") return; // stopped meanwhile
    this.#set({ kind: "shared", capture, as, sound: sound && capture.sound !== null, picture });
    this.#port.window.pass("sharing", true);
    this.#port.changed();
  }

  #set(screen: CallState["screen"]): void {
    this.#port.store.dispatch({ type: "screen", screen });
  }

  #say(said: string | null): void {
    this.#port.store.dispatch({ type: "said", said });
  }
}

const NOTHING = { screen: null, screenSound: null };

/** Whether this browser can capture a screen; those of phones cannot. */
export function canShare(): boolean {
  const devices = (navigator as { readonly mediaDevices?: Partial<MediaDevices> }).mediaDevices;
  return devices?.getDisplayMedia !== undefined;
}

/** Why there is no capture. */
export type ScreenTrouble = "cancelled" | "forbidden" | "missing" | "broken";

async function pick(): Promise<Capture | ScreenTrouble> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia(WISHES);
    const [picture] = stream.getVideoTracks();
    if (picture === undefined) return "missing";
    picture.contentHint = "detail";
    const sound = stream.getAudioTracks()[0] ?? null;
    return { picture, sound, surface: surfaceOf(picture.getSettings().displaySurface) };
  } catch (error) {
    return error instanceof DOMException ? troubleOf(error) : "broken";
  }
}

/** The names are those of W3C "Screen Capture"; Chromium says who denied in its message only. */
export function troubleOf({
  name,
  message,
}: Pick<DOMException, "name" | "message">): ScreenTrouble {
  switch (name) {
    case "NotAllowedError":
      return /system|policy/i.test(message) ? "forbidden" : "cancelled";
    case "AbortError":
      return "cancelled";
    case "NotFoundError":
      return "missing";
    default:
      return "broken";
  }
}

function surfaceOf(named: string | undefined): Surface {
  return named === "monitor" || named === "window" || named === "browser" ? named : "unknown";
}

function release({ picture, sound }: Capture): void {
  picture.stop();
  sound?.stop();
}
