/** The browser's media as far as calls use it, for tests in a DOM that has none. */
import { vi } from "vitest";

class FakeTrack extends EventTarget {
  readonly kind: string;
  readonly id = crypto.randomUUID();
  readonly label = "A device";
  enabled = true;
  readonly #device: string;
  readyState = "live";

  constructor(kind: string, device = "") {
    super();
    this.kind = kind;
    this.#device = device;
  }

  getSettings(): MediaTrackSettings {
    return { deviceId: this.#device };
  }

  stop(): void {
    this.readyState = "ended";
  }
}

class FakeStream {
  readonly #tracks: FakeTrack[];

  constructor(tracks: readonly FakeTrack[] = []) {
    this.#tracks = [...tracks];
  }

  addTrack(track: FakeTrack): void {
    this.#tracks.push(track);
  }

  removeTrack(track: FakeTrack): void {
    const at = this.#tracks.indexOf(track);
    if (at >= 0) this.#tracks.splice(at, 1);
  }

  getTracks(): readonly FakeTrack[] {
    return this.#tracks;
  }

  getAudioTracks(): readonly FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === "audio");
  }

  getVideoTracks(): readonly FakeTrack[] {
    return this.#tracks.filter(({ kind }) => kind === "video");
  }

  getTrackById(id: string): FakeTrack | null {
    return this.#tracks.find((track) => track.id === id) ?? null;
  }
}

class FakeConnection extends EventTarget {
  connectionState = "new";
  signalingState = "stable";
  localDescription: { readonly sdp: string } | null = null;
  currentRemoteDescription: { readonly sdp: string } | null = null;
  /** How often ICE was restarted. */
  restarts = 0;
  /** Whether anything comes. */
  reached = true;
  #bytesReceived = 0;
  readonly #lines: {
    mid: string;
    direction: RTCRtpTransceiverDirection;
    currentDirection: RTCRtpTransceiverDirection | null;
    sender: { track: FakeTrack | null; encodings: readonly RTCRtpEncodingParameters[] };
    receiver: { track: FakeTrack };
  }[] = [];

  addTransceiver(given: FakeTrack | string, init: RTCRtpTransceiverInit = {}) {
    const { sendEncodings = [], direction = "sendrecv" } = init;
    const kind = typeof given === "string" ? given : given.kind;
    const own: FakeTrack | null = typeof given === "string" ? null : given;
    const sender = {
      track: own,
      transport: null,
      encodings: sendEncodings as readonly RTCRtpEncodingParameters[],
      getParameters: () => ({ encodings: sender.encodings }),
      setParameters: async ({ encodings }: Pick<RTCRtpSendParameters, "encodings">) =>
        void Object.assign(sender, { encodings }),
      replaceTrack: async (track: FakeTrack | null) => void Object.assign(sender, { track }),
    };
    const line = {
      mid: String(this.#lines.length),
      direction,
      currentDirection: null as RTCRtpTransceiverDirection | null,
      sender,
      receiver: { track: new FakeTrack(kind) },
    };
    this.#lines.push(line);
    return line;
  }

  getConfiguration(): RTCConfiguration {
    return {};
  }

  setConfiguration(): void {
    // Relays change nothing here.
  }

  getTransceivers() {
    return this.#lines;
  }

  async setLocalDescription(): Promise<void> {
    this.localDescription = { sdp: "offer" };
    this.signalingState = "have-local-offer";
  }

  restartIce(): void {
    this.restarts += 1;
  }

  async setRemoteDescription(description: { readonly sdp: string }): Promise<void> {
    this.currentRemoteDescription = description;
    for (const line of this.#lines) {
      const { kind } = line.receiver.track;
      const declined = line.direction === "stopped" || description.sdp.includes(`m=${kind} 0 `);
      if (declined) line.direction = "stopped";
      line.currentDirection = line.direction;
    }
    this.signalingState = "stable";
    this.become("connected");
  }

  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  close(): void {
    this.signalingState = "closed";
    this.connectionState = "closed";
  }

  async getStats(): Promise<ReadonlyMap<string, object>> {
    if (this.reached) this.#bytesReceived += 100;
    return new Map([["T", { type: "transport", bytesReceived: this.#bytesReceived }]]);
  }
}

export type FakeMedia = {
  readonly connections: readonly FakeConnection[];
  /** All tracks that were handed out. */
  readonly tracks: readonly FakeTrack[];
  /** What the page asked the browser for. */
  readonly asked: readonly MediaStreamConstraints[];
};

/** Puts devices and connections into the page. `deny`: the browser grants none. */
export function withMedia(deny = false): FakeMedia {
  const connections: FakeConnection[] = [];
  const tracks: FakeTrack[] = [];
  const asked: MediaStreamConstraints[] = [];
  const devices = Object.assign(new EventTarget(), {
    enumerateDevices: async () => [],
    getUserMedia: async (wanted: MediaStreamConstraints) => {
      asked.push(wanted);
      if (deny) throw new DOMException("denied", "NotAllowedError");
      const kinds = [wanted.audio ? "audio" : "", wanted.video ? "video" : ""].filter(Boolean);
      const made = kinds.map((kind) => new FakeTrack(kind));
      tracks.push(...made);
      return new FakeStream(made);
    },
  });
  class Counted extends FakeConnection {
    constructor() {
      super();
      connections.push(this);
    }
  }
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("RTCPeerConnection", Counted);
  Object.defineProperty(navigator, "mediaDevices", { value: devices, configurable: true });
  return { connections, tracks, asked };
}
