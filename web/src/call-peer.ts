/**
 * One RTCPeerConnection to the server's forwarding engine: the media of a call.
 *
 * The browser offers, the server answers in the acknowledgement; one offer at a time, and the answer
 * to an older generation is dropped. Sound and picture have their lines from the first offer on,
 * also without a track, so that switching a camera on needs no new offer. No candidates are sent:
 * the server (ICE-lite) learns our address from our checks. Counterparts: `call.ts`, `docs/calls.md`.
 */
import { type Sample, sampleOf } from "./call-health";
import { type Decoded, decodedOf, levelsOf } from "./call-hearing";
import { type Uplink, uplinkOf } from "./call-ladder";
import type { Answer, IceServers, OfferCall, Refused } from "./protocol.gen";

export type PeerState =
  | "connecting"
  | "connected"
  /** Nothing arrives; the browser still tries by itself. */
  | "disconnected"
  | "failed"
  /** The server closed it in good order: somebody else sits on this seat's media now. */
  | "closed";

export type Media = "audio" | "video";

/** How many lines of each kind there are to receive on. */
export type Slots = { readonly [K in Media]: number };

/**
 * How an offer ended: `taken`; `moved`: by a server that knows nothing of this connection, so that
 * another one must be built; or refused.
 */
type Outcome = "taken" | "moved" | Refused;

/** What we send: own sound and picture, and those of a shared screen. */
type Own = Media | "screenSound" | "screen";
export type OwnTracks = { readonly [K in Own]: MediaStreamTrack | null };

type Look = { readonly sample: Sample; readonly decoded: Decoded; readonly uplink: Uplink };

export type PeerPort = {
  readonly offer: (offer: OfferCall) => Promise<Answer | Refused>;
  /** The relays for networks that block the direct way. */
  readonly servers: () => Promise<IceServers | Refused>;
  readonly changed: (state: PeerState) => void;
  /** Whether our line for pictures was declined, as the call has no codec for it. */
  readonly declined: (declined: boolean) => void;
  /** What is received now, by the stream ids of the answer: seats, or `vacant-…` until known. */
  readonly streams: (streams: { readonly [id: string]: MediaStream }) => void;
};

/**
 * The sizes in which a picture is sent to several people, each of whom gets the one that fits where
 * it is drawn (simulcast, RFC 8853; the server expects the smallest first). They are offered also
 * while there is only one other person, who gets the largest: when a third one comes, the others
 * are switched on without an offer.
 */
function sizesFor(several: boolean): RTCRtpEncodingParameters[] {
  return [
    { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000, active: several },
    { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000, active: several },
    { rid: "f", maxBitrate: several ? 1_500_000 : 2_500_000, active: true },
  ];
}

/** Text must stay readable, and the camera beside it alive. */
const SCREEN: RTCRtpEncodingParameters = { maxBitrate: 2_500_000, maxFramerate: 15 };

/** Between two looks at how loud everybody is. */
const LISTEN_MS = 150;

export class Peer {
  readonly #port: PeerPort;
  readonly #connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  readonly #senders = new Map<Own, RTCRtpSender>();
  #state: PeerState = "connecting";
  #generation = 0;
  /** The path to the server is to be looked for anew with the next offer. */
  #lost = false;
  #turn: Promise<unknown> = Promise.resolve();
  #levels: ReadonlyMap<string, number> = new Map();
  #listenedAt = 0;
  #received: { readonly [id: string]: MediaStream } = {};
  readonly #own = new MediaStream();
  readonly #watches: boolean;
  #several: boolean;
  /** The line for pictures was declined: it is gone, and the next offer has another one. */
  #declined = false;

  /** `several`: more than one other person is there; `watches`: nothing is ever sent. */
  constructor(
    port: PeerPort,
    tracks: OwnTracks,
    { several, watches }: { readonly several: boolean; readonly watches: boolean },
  ) {
    this.#port = port;
    this.#several = several;
    this.#watches = watches;
    this.#addLine("audio", tracks.audio);
    this.#addLine("video", tracks.video);
    this.#shareLines(tracks);
    this.#connection.addEventListener("connectionstatechange", this.#changed);
    this.#transport?.addEventListener("statechange", this.#changed);
  }

  /** A line to send sound or picture on, and to receive on. */
  #addLine(kind: Media, track: MediaStreamTrack | null): void {
    const { sender } = this.#connection.addTransceiver(track ?? kind, {
      direction: this.#watches ? "recvonly" : "sendrecv",
      streams: [this.#own],
      ...(kind === "video" && !this.#watches ? { sendEncodings: sizesFor(this.#several) } : {}),
    });
    this.#senders.set(kind, sender);
  }

  get #transport(): RTCDtlsTransport | null {
    return this.#senders.get("audio")?.transport ?? null;
  }

  get state(): PeerState {
    return this.#state;
  }

  /** Offers, and takes the answer. One at a time. */
  negotiate(slots: Slots): Promise<Outcome> {
    const turn = this.#turn.then(() => this.#negotiate(slots));
    this.#turn = turn.catch(() => null);
    return turn;
  }

  /** Looks for a path anew (RFC 8445 section 9), with everything else as it is: keys, lines, sound. */
  restart(slots: Slots): Promise<Outcome> {
    this.#lost = true;
    return this.negotiate(slots);
  }

  async #negotiate(slots: Slots): Promise<Outcome> {
    const connection = this.#connection;
    if (this.#generation === 0 || this.#lost) await this.#useRelays();
    if (connection.signalingState === "closed") return "taken";
    if (this.#lost) connection.restartIce();
    this.#lost = false;
    if (this.#declined && this.#lineOf("video") === undefined) this.#addLine("video", null);
    this.#widen("audio", slots.audio);
    this.#widen("video", slots.video);
    await connection.setLocalDescription();
    this.#transport?.addEventListener("statechange", this.#changed);
    // Greater than any before, also than those of this page before it was loaded again.
    const generation = Math.max(this.#generation + 1, Date.now());
    this.#generation = generation;
    const sdp = connection.localDescription?.sdp ?? "";
    const answer = await this.#port.offer({ generation, sdp });
    if (!answer.ok) return answer;
    return answer.generation === generation ? await this.#take(answer) : "taken";
  }

  async #take({ sdp }: Answer): Promise<Outcome> {
    const { currentRemoteDescription: known, signalingState } = this.#connection;
    if (known !== null && sessionOf(known.sdp) !== sessionOf(sdp)) return "moved";
    if (signalingState === "have-local-offer") {
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
      this.#sort(sdp);
      this.#declined = !this.#has("video");
      this.#port.declined(this.#declined);
      await this.#resize(); // Chromium takes the answer for a wish to have every size
    }
    return "taken";
  }

  /** The connection's line for it; one that was declined is stopped, and none any more. */
  #lineOf(own: Own): RTCRtpTransceiver | undefined {
    const sender = this.#senders.get(own);
    return this.#connection
      .getTransceivers()
      .find((each) => each.sender === sender && each.currentDirection !== "stopped");
  }

  /** Whether the last answer took it. */
  #has(own: Own): boolean {
    const way = this.#watches ? "recv" : "send";
    return this.#lineOf(own)?.currentDirection?.includes(way) ?? false;
  }

  /** Before an offer whose candidates are gathered by way of them; without any, directly. */
  async #useRelays(): Promise<void> {
    const told = await this.#port.servers();
    if (!told.ok || this.#connection.signalingState === "closed") return;
    const iceServers = told.iceServers.map(({ urls, ...rest }) => ({ urls: [...urls], ...rest }));
    this.#connection.setConfiguration({ ...this.#connection.getConfiguration(), iceServers });
  }

  /** Sends these tracks from now on; whether that takes an offer first, for lines not there yet. */
  async send(tracks: OwnTracks): Promise<boolean> {
    if (this.#connection.signalingState === "closed") return false;
    const lines = this.#senders.size;
    await Promise.all(
      [...this.#senders].map(async ([own, sender]) => {
        if (sender.track === tracks[own]) return;
        // One whose line was declined takes none, and sends none.
        await sender.replaceTrack(tracks[own]).catch(() => undefined);
      }),
    );
    this.#shareLines(tracks);
    return this.#senders.size > lines;
  }

  /** Sends the picture in the sizes that so many people need, from now on. */
  async resize(several: boolean): Promise<void> {
    this.#several = several;
    await this.#resize();
  }

  async #resize(): Promise<void> {
    const sender = this.#senders.get("video");
    if (sender === undefined || this.#connection.signalingState === "closed") return;
    const now = sender.getParameters();
    const wanted = new Map(sizesFor(this.#several).map((size) => [size.rid, size]));
    if (now.encodings.every(({ rid, active }) => (wanted.get(rid)?.active ?? active) === active))
      return;
    const encodings = now.encodings.map((size) => ({ ...size, ...wanted.get(size.rid) }));
    // A browser that cannot goes on sending what it sends: more than is needed, or less.
    await sender.setParameters({ ...now, encodings }).catch(() => undefined);
  }

  /** Lines that only send, once there is something for them; they stay when that ends. */
  #shareLines(tracks: OwnTracks): void {
    if (this.#connection.signalingState === "closed") return;
    for (const own of ["screenSound", "screen"] as const) {
      const track = tracks[own];
      if (track === null || this.#senders.has(own)) continue;
      const init: RTCRtpTransceiverInit = { direction: "sendonly", streams: [new MediaStream()] };
      if (own === "screen") init.sendEncodings = [SCREEN];
      this.#senders.set(own, this.#connection.addTransceiver(track, init).sender);
    }
  }

  /** How the media stands now, all in all and by whose it is. */
  async look(): Promise<Look> {
    const report = await this.#connection.getStats();
    const at = performance.now();
    const streams = Object.entries(this.#received);
    const ownerOf = (track: string) =>
      streams.find(([, stream]) => stream.getTrackById(track) !== null)?.[0];
    return {
      sample: sampleOf(report, at),
      decoded: decodedOf(report, ownerOf),
      uplink: uplinkOf(report, at),
    };
  }

  /** How loud somebody was at the last look, 0 to 1 of full scale (linear); begins the next one. */
  level(stream: MediaStream): number {
    void this.#listen();
    return this.#levels.get(stream.getAudioTracks()[0]?.id ?? "") ?? 0;
  }

  /**
   * One look for all: `getSynchronizationSources` says nothing, for the server passes on no header
   * extension, which is where senders tell how loud they are.
   */
  async #listen(): Promise<void> {
    const now = performance.now();
    if (now - this.#listenedAt < LISTEN_MS || this.#connection.signalingState === "closed") return;
    this.#listenedAt = now;
    this.#levels = levelsOf(await this.#connection.getStats());
  }

  close(): void {
    this.#connection.removeEventListener("connectionstatechange", this.#changed);
    this.#connection.close();
  }

  /** Puts each received track into the stream of whose it is; a stream that is known stays itself. */
  #sort(sdp: string): void {
    const owners = ownersIn(sdp);
    const known = new Set(Object.values(this.#received));
    const found: { [id: string]: MediaStream } = {};
    for (const { mid, receiver } of this.#connection.getTransceivers()) {
      const owner = owners.get(mid ?? "");
      if (owner === undefined) continue;
      const { track } = receiver;
      found[owner] ??= [...known].find((one) => one.getTrackById(track.id)) ?? new MediaStream();
      known.delete(found[owner]);
      found[owner].addTrack(track);
    }
    this.#received = found;
    this.#part(owners);
    this.#port.streams(found);
  }

  /** Takes out of each stream what has become somebody else's. */
  #part(owners: ReadonlyMap<string, string>): void {
    for (const { mid, receiver } of this.#connection.getTransceivers()) {
      const mine = this.#received[owners.get(mid ?? "") ?? ""];
      for (const stream of Object.values(this.#received)) {
        if (stream !== mine) stream.removeTrack(receiver.track);
      }
    }
  }

  /** Makes room to receive: `slots` lines of this kind in all. */
  #widen(kind: Media, slots: number): void {
    const lines = this.#connection
      .getTransceivers()
      .filter(({ receiver, direction }) => receiver.track.kind === kind && /recv/.test(direction));
    for (let missing = slots - lines.length; missing > 0; missing -= 1) {
      this.#connection.addTransceiver(kind, { direction: "recvonly" });
    }
  }

  readonly #changed = (): void => {
    const state = this.#now();
    if (state === this.#state) return;
    this.#state = state;
    this.#port.changed(state);
  };

  #now(): PeerState {
    if (this.#transport?.state === "closed") return "closed";
    switch (this.#connection.connectionState) {
      case "new":
      case "connecting":
        // While a lost path is looked for anew, it is no less lost.
        return this.#state === "disconnected" || this.#state === "failed"
          ? this.#state
          : "connecting";
      case "connected":
      case "disconnected":
      case "failed":
      case "closed":
        return this.#connection.connectionState;
    }
  }
}

/** What tells the connections of a server apart (RFC 8866 section 5.2, `sess-id` of `o=`). */
function sessionOf(sdp: string): string | undefined {
  return /^o=\S+ (\S+)/m.exec(sdp)?.[1];
}

/** Whose media each line carries: mid -> stream id (RFC 8829 `a=mid`, RFC 8830 `a=msid`). */
export function ownersIn(sdp: string): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const section of sdp.split(/^m=/m).slice(1)) {
    const mid = /^a=mid:(\S+)/m.exec(section)?.[1];
    const owner = /^a=msid:(\S+)/m.exec(section)?.[1];
    if (mid !== undefined && owner !== undefined && owner !== "-") owners.set(mid, owner);
  }
  return owners;
}
