/**
 * The own microphone and camera in use: opened, exchanged, silenced and given back.
 *
 * `settle` makes them what is needed now, however often that changes while the browser asks the
 * person. Counterparts: `call-devices.ts` (the browser), `call.ts` (what is needed).
 */
import {
  Meter,
  isChosen,
  isThere,
  keepChosen,
  listDevices,
  onDevicesChanged,
  openDevices,
  stop,
} from "./call-devices";
import { NoiseFilter } from "./call-filter";
import type { CallChange, CallState, Chosen, KnownDevice, Source } from "./call-state";
import type { Store } from "./store";
import { call as words } from "./strings/call";

/** When we say that the browser's own question waits for an answer. */
const SLOW_MS = 6_000;

type Which = "microphone" | "camera";
/** How browsers name whatever the system's settings say. */
const DEFAULT = "default";
const KIND = { microphone: "audioinput", camera: "videoinput" } as const;

export type Needs = { readonly [K in Which]: boolean };

export class Sources {
  readonly #store: Store<CallState, CallChange>;
  readonly #needs: () => Needs;
  readonly #changed: () => void;
  readonly #filter: NoiseFilter;
  #stopListening: () => void = () => undefined;
  #settling = false;
  #unsettled = false;
  /** Raised whenever what the browser was asked for is not wanted any more. */
  #epoch = 0;
  #meter: { readonly track: MediaStreamTrack; readonly meter: Meter } | null = null;

  /** `needs` says what should be open now; `changed` hears that tracks are others, not muted yet. */
  constructor(store: Store<CallState, CallChange>, needs: () => Needs, changed: () => void) {
    this.#store = store;
    this.#needs = needs;
    this.#changed = changed;
    this.#filter = new NoiseFilter(changed, (why) => {
      this.#store.dispatch({ type: "chosen", chosen: { quiet: false } });
      this.#setFilter();
      this.#say(words.noise[why]);
    });
  }

  open(): void {
    this.#stopListening = onDevicesChanged(() => void this.#devicesChanged());
  }

  close(): void {
    this.#stopListening();
    this.giveBack();
  }

  get tracks(): {
    readonly audio: MediaStreamTrack | null;
    readonly video: MediaStreamTrack | null;
  } {
    const { microphone, camera, pause } = this.#store.state;
    return {
      audio: microphone.kind === "on" ? this.#filter.over(microphone.track) : null,
      video: camera.kind === "on" && pause === null ? camera.track : null,
    };
  }

  /** Opens what is needed and gives back what is not. Troubles stay until asked for again. */
  async settle(): Promise<void> {
    this.#unsettled = true;
    if (this.#settling) return;
    this.#settling = true;
    while (this.#unsettled) {
      this.#unsettled = false;
      // In order on purpose: each round begins with what the one before left.
      // oxlint-disable-next-line no-await-in-loop
      await this.#settleOnce();
    }
    this.#settling = false;
  }

  /** Stops everything at once, also what the browser may still grant. */
  giveBack(): void {
    this.#epoch += 1;
    for (const which of ["microphone", "camera"] as const) {
      stop(this.#store.state[which]);
      this.#set(which, { kind: "off" });
    }
    this.#setFilter();
    this.#store.dispatch({ type: "asking", asking: null });
    this.#meter?.meter.close();
    this.#meter = null;
  }

  /** Goes on without what the browser has not given us yet. */
  skip(): void {
    this.#epoch += 1;
    this.#store.dispatch({ type: "asking", asking: null });
    const needs = this.#needs();
    for (const which of ["microphone", "camera"] as const) {
      if (needs[which] && this.#store.state[which].kind === "off") {
        this.#set(which, { kind: "trouble", trouble: "unanswered" });
      }
    }
  }

  /** Makes a device that was in trouble one to be asked for again. */
  forgive(which: Which): void {
    if (this.#store.state[which].kind === "trouble") this.#set(which, { kind: "off" });
  }

  /**
   * Applies mute at once, and a pause of the sound: silence is sent instead. Nothing is sent of
   * whoever is told that they are out, even where some of it would still arrive.
   */
  mute(): void {
    const { audio, video } = this.tracks;
    const { intent, pause, microphone, line } = this.#store.state;
    const out = line.kind === "reconnecting";
    if (video !== null) video.enabled = !out;
    if (audio === null || microphone.kind !== "on") return;
    audio.enabled = intent.microphone && pause?.held !== "sound" && !out;
    microphone.track.enabled = audio.enabled;
  }

  /** Takes another device while the old one still runs, so that a wrong choice costs nothing. */
  async choose(chosen: Partial<Chosen>): Promise<void> {
    const before = this.#store.state.chosen;
    this.#store.dispatch({ type: "chosen", chosen });
    for (const which of ["microphone", "camera"] as const) {
      if (chosen[which] === undefined || chosen[which] === before[which]) continue;
      // One after the other: browsers show one question at a time.
      // oxlint-disable-next-line no-await-in-loop
      await this.#exchange(which, before);
    }
    this.#setFilter();
    keepChosen(this.#store.state.chosen);
  }

  /** Loudness of the own microphone, 0 to 1. */
  level(): number {
    const { audio } = this.tracks;
    if (audio === null || !audio.enabled) return 0;
    if (this.#meter?.track !== audio) {
      this.#meter?.meter.close();
      this.#meter = { track: audio, meter: new Meter(audio) };
    }
    return this.#meter.meter.level();
  }

  async #settleOnce(): Promise<void> {
    const needs = this.#needs();
    for (const which of ["microphone", "camera"] as const) {
      const source = this.#store.state[which];
      if (needs[which] || source.kind !== "on") continue;
      stop(source);
      this.#set(which, { kind: "off" });
    }
    const { microphone, camera, chosen } = this.#store.state;
    const wanted = {
      microphone: needs.microphone && microphone.kind === "off",
      camera: needs.camera && camera.kind === "off",
    };
    if (wanted.microphone || wanted.camera) await this.#ask(wanted, chosen);
    this.#changed();
  }

  async #ask(wanted: Needs, chosen: Chosen): Promise<void> {
    const epoch = this.#epoch;
    this.#store.dispatch({ type: "asking", asking: { slow: false } });
    const slow = setTimeout(() => {
      if (epoch === this.#epoch) this.#store.dispatch({ type: "asking", asking: { slow: true } });
    }, SLOW_MS);
    const opened = await openDevices(wanted, chosen);
    clearTimeout(slow);
    if (epoch !== this.#epoch) {
      stop(opened.microphone);
      stop(opened.camera);
      return;
    }
    this.#store.dispatch({ type: "asking", asking: null });
    if (wanted.microphone) this.#take("microphone", opened.microphone);
    if (wanted.camera) this.#take("camera", opened.camera);
    await this.#list();
  }

  async #exchange(which: Which, before: Chosen): Promise<void> {
    const old = this.#store.state[which];
    if (old.kind === "trouble") {
      this.forgive(which);
      await this.settle();
      return;
    }
    if (old.kind === "off" || (await this.#swap(which))) return;
    this.#store.dispatch({ type: "chosen", chosen: { [which]: before[which] } });
    this.#say(words.exchangeFailed[which]);
  }

  /** Takes the chosen device in place of the one in use; false: that one stays. */
  async #swap(which: Which): Promise<boolean> {
    const epoch = this.#epoch;
    const { chosen } = this.#store.state;
    const wanted = { microphone: which === "microphone", camera: which === "camera" };
    const opened = (await openDevices(wanted, chosen))[which];
    const old = this.#store.state[which];
    const unwanted = epoch !== this.#epoch || old.kind !== "on";
    if (unwanted || !isChosen(opened, chosen[which])) {
      stop(opened);
      return unwanted;
    }
    this.#take(which, opened);
    stop(old);
    this.#changed();
    return true;
  }

  /** Something was plugged in or out: the chosen devices are used whenever they are there. */
  async #devicesChanged(): Promise<void> {
    const before = this.#store.state.known;
    await this.#list();
    this.#tellOfSpeaker(before);
    for (const which of ["microphone", "camera"] as const) {
      // In order: browsers show one question at a time.
      // oxlint-disable-next-line no-await-in-loop
      await this.#findAgain(which, before);
    }
  }

  async #findAgain(which: Which, before: readonly KnownDevice[]): Promise<void> {
    const { chosen, known, [which]: source } = this.#store.state;
    if (source.kind === "trouble" && source.trouble === "missing") {
      if (!(await isThere(which))) return;
      this.forgive(which);
      await this.settle();
      return;
    }
    if (source.kind !== "on") return;
    const wanted = chosen[which] || DEFAULT;
    const isWanted = ({ id, kind }: KnownDevice) => id === wanted && kind === KIND[which];
    const device = known.find(isWanted);
    const uses = source.track.getSettings().deviceId === wanted;
    // The system's choice keeps its id when another device becomes it, as a headset does.
    const moved = wanted === DEFAULT && before.find(isWanted)?.label !== device?.label;
    if (device === undefined || uses !== moved) return;
    if (await this.#swap(which)) this.#say(words.plugged.back(device.label));
  }

  #tellOfSpeaker(before: readonly KnownDevice[]): void {
    const { chosen, known } = this.#store.state;
    const speaker = ({ id }: KnownDevice) => chosen.speaker !== "" && id === chosen.speaker;
    const [was, is] = [before.find(speaker), known.find(speaker)];
    if (was !== undefined && is === undefined) this.#say(words.plugged.speakerGone(was.label));
    if (was === undefined && is !== undefined) this.#say(words.plugged.back(is.label));
  }

  #setFilter(): void {
    const { microphone, chosen } = this.#store.state;
    void this.#filter.set(chosen.quiet && microphone.kind === "on" ? microphone.track : null);
  }

  #take(which: Which, source: Source): void {
    this.#set(which, source);
    this.#setFilter();
    if (source.kind !== "on") return;
    // Unplugged, or taken back by the browser: look what is left.
    source.track.addEventListener("ended", () => {
      const now = this.#store.state[which];
      if (now.kind !== "on" || now.track !== source.track) return;
      this.#set(which, { kind: "off" });
      void this.settle().then(() => {
        const next = this.#store.state[which];
        if (next.kind === "on") this.#say(words.plugged.gone(source.label, next.label));
      });
    });
  }

  #say(said: string): void {
    this.#store.dispatch({ type: "said", said });
  }

  #set(which: Which, source: Source): void {
    this.#store.dispatch({ type: "source", which, source });
  }

  async #list(): Promise<void> {
    this.#store.dispatch({ type: "known", known: await listDevices() });
  }
}
