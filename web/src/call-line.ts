/**
 * Keeps media connected for as long as a call lasts: connects, watches, rebuilds, gives up in words.
 *
 * Counterparts: `call-peer.ts` (one connection), `call-health.ts` (what the figures mean),
 * `call.ts` (when there is a call).
 */
import { type Expected, type Progress, type Sample, advance, begin, judge } from "./call-health";
import { type Decoded, type Played, playedOf } from "./call-hearing";
import type { Uplink } from "./call-ladder";
import { type OwnTracks, Peer, type PeerState, type Slots } from "./call-peer";
import { type CallChange, type Line, QUIET, wants } from "./call-state";
import type { Answer, IceServers, OfferCall, Refused } from "./protocol.gen";
import { call as words } from "./strings/call";

const LOOK_MS = 1_000;
/** How many looks tell what is played lately. */
const LOOKS = 3;
/** In this time something comes while anything flows; restarting ICE in vain does no harm. */
const SILENT_MS = 500;
/** In this time something comes over the worst line that carries anything: even checks are more. */
const GONE_MS = 3_000;
/** An attempt that has not connected by then will not. */
const CONNECT_MS = 12_000;
/** A path that an answered restart of ICE has not brought back by then needs a new connection. */
const REPAIR_MS = 5_000;
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 8_000;
const ATTEMPTS = 6;
/** Between two rebuilds for media that flows one way only. */
const ONE_WAY_MS = 20_000;

/** Refusals after which offering again is of no use until the person asks for it. */
const HOPELESS = new Set(["calls_full", "invalid_sdp", "not_allowed", "removed", "closed"]);

export type LinePort = {
  readonly offer: (offer: OfferCall) => Promise<Answer | Refused>;
  readonly servers: () => Promise<IceServers | Refused>;
  readonly tracks: () => OwnTracks;
  /** How many are in the call, oneself included. */
  readonly people: () => number;
  /** Whether nothing is sent at all, ever. */
  readonly watches: () => boolean;
  readonly expected: () => Expected;
  /** Whether the server can be asked at all just now. */
  readonly linked: () => boolean;
  /** Whether the server says now that this seat's media is connected, here or anywhere. */
  readonly recorded: () => boolean;
  /** Hears once a second what is played of whom, by stream id. */
  readonly played: (played: { readonly [stream: string]: Played }) => void;
  /** Hears once a second how the way to the server bears our media. */
  readonly strained: (uplink: Uplink) => void;
  /** Whether every second counts: media is wanted, and nothing at all comes. */
  readonly hurry: (hasty: boolean) => void;
  readonly dispatch: (change: CallChange) => void;
};

export class MediaLine {
  readonly #port: LinePort;
  #peer: Peer | null = null;
  #line: Line = { kind: "idle" };
  #attempts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  /** Whether this connection has ever been connected. */
  #met = false;
  #progress: Progress | null = null;
  #looks: readonly Decoded[] = [];
  #rebuiltAt = Number.NEGATIVE_INFINITY;
  /** What this connection had got at the last look, in bytes. */
  #bytesIn = 0;
  /** Whether something came lately, over this connection or the one before. */
  #reached = false;
  #reachedAt = Number.NEGATIVE_INFINITY;

  constructor(port: LinePort) {
    this.#port = port;
  }

  get line(): Line {
    return this.#line;
  }

  /** Connects anew, from the first attempt on. */
  start(): void {
    this.#attempts = 0;
    this.#connect();
  }

  /** Stops all media at once; `then` is what the line is from now on. */
  stop(then: Line = { kind: "idle" }): void {
    this.#release();
    this.#set(then);
    this.#port.dispatch({ type: "health", health: QUIET });
  }

  /** Sends what the sources hold now. */
  async send(): Promise<void> {
    const peer = this.#peer;
    const takesOffer = (await peer?.send(this.#port.tracks())) ?? false;
    // Whether the server answers now or later, what the person did is done.
    if (peer !== null && takesOffer) void this.#negotiate(peer, { audio: 1, video: 1 });
  }

  /** People may have come or gone. */
  async resize(): Promise<void> {
    await this.#peer?.resize(this.#several());
  }

  /** The server asks for another offer. */
  renegotiate(rebuild: boolean, slots: Slots): void {
    if (this.#peer === null) return;
    if (rebuild) this.#connect();
    else void this.#negotiate(this.#peer, slots);
  }

  /** The connection for commands came back, perhaps from a server that knows no media of ours. */
  async recheck(): Promise<void> {
    const peer = this.#peer;
    if (this.#line.kind === "reconnecting" || this.#line.kind === "failed") {
      const lost = peer?.state === "disconnected" || peer?.state === "failed";
      if (peer !== null && lost) this.#repair(peer);
      else this.start();
      return;
    }
    if (this.#line.kind !== "connected" || peer === null) return;
    const { sample: before } = await peer.look();
    await new Promise((later) => setTimeout(later, SILENT_MS));
    if (this.#peer !== peer) return;
    const { sample: after } = await peer.look();
    if (after.bytesIn === before.bytesIn) void this.#negotiate(peer, this.#slots(), "restart");
  }

  /** Loudness of somebody else, 0 to 1. */
  level(stream: MediaStream): number {
    return this.#peer?.level(stream) ?? 0;
  }

  #connect(): void {
    this.#release();
    this.#attempts += 1;
    if (this.#line.kind !== "connected" && this.#attempts === 1) this.#set({ kind: "connecting" });
    else this.#set({ kind: "reconnecting" });
    const peer = new Peer(
      {
        offer: this.#port.offer,
        servers: this.#port.servers,
        changed: (state) => this.#peer === peer && this.#changed(peer, state),
        declined: (declined) => this.#port.dispatch({ type: "declined", declined }),
        streams: (remote) => this.#port.dispatch({ type: "remote", remote }),
      },
      this.#port.tracks(),
      { several: this.#several(), watches: this.#port.watches() },
    );
    this.#peer = peer;
    this.#met = false;
    this.#progress = null;
    this.#looks = [];
    this.#bytesIn = 0;
    this.#timer = setTimeout(() => this.#again(0), CONNECT_MS);
    this.#watch = setInterval(() => void this.#look(peer), LOOK_MS);
    void this.#negotiate(peer, this.#slots());
  }

  /**
   * Looks for a path anew over the connection that there is; it is there sooner than another one,
   * and nothing of it is doubled. Where the server cannot be asked, `recheck` comes back to it.
   */
  #repair(peer: Peer): void {
    this.#wait();
    if (!this.#port.linked()) return;
    void this.#negotiate(peer, this.#slots(), "restart");
  }

  #several(): boolean {
    return this.#port.people() > 2;
  }

  /** A line for everybody else. */
  #slots(): Slots {
    const others = Math.max(1, this.#port.people() - 1);
    return { audio: others, video: others };
  }

  async #negotiate(
    peer: Peer,
    slots: Slots,
    how: "negotiate" | "restart" = "negotiate",
  ): Promise<void> {
    const refused = await peer[how](slots).catch((error: unknown): Refused => ({
      ok: false,
      code: "invalid_sdp",
      message: words.notUnderstood(error instanceof Error ? error.message : String(error)),
      retryAfterMs: 0,
      incident: "",
    }));
    if (this.#peer !== peer) return;
    if (refused === "taken") {
      if (how === "restart" && this.#line.kind === "reconnecting") this.#giveTime();
    } else if (refused === "moved") this.#connect();
    else if (HOPELESS.has(refused.code)) this.#fail(refused.code, refused.message);
    else if (peer.state !== "connected") this.#again(refused.retryAfterMs);
    else {
      // Media flows, but somebody may have no line yet.
      clearTimeout(this.#timer);
      const later = Math.max(PAUSE_MS, refused.retryAfterMs);
      this.#timer = setTimeout(() => void this.#negotiate(peer, slots), later);
    }
  }

  /** A path may take so long to be found; then another connection must be. */
  #giveTime(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#port.linked() && this.#connect(), REPAIR_MS);
  }

  #changed(peer: Peer, state: PeerState): void {
    switch (state) {
      case "connected":
        clearTimeout(this.#timer);
        this.#attempts = 0;
        this.#met = true;
        this.#progress = null; // what stood still meanwhile is no news, nor what was lost
        this.#looks = [];
        this.#set({ kind: "connected" });
        return;
      case "closed":
        // A server that ends in good order closes too; then nobody is connected any more.
        this.#wait();
        this.#timer = setTimeout(() => {
          if (this.#port.recorded()) this.stop({ kind: "elsewhere" });
          else this.#connect();
        }, PAUSE_MS);
        return;
      case "disconnected":
      case "failed":
        if (this.#met) this.#repair(peer);
        else this.#again(0);
        return;
      case "connecting":
    }
  }

  /** Another attempt after a pause that grows, until there were enough of them. */
  #again(least: number): void {
    this.#wait();
    if (!this.#port.linked()) return;
    this.#release();
    if (this.#attempts >= ATTEMPTS) {
      this.#fail("media_blocked", words.mediaBlocked);
      return;
    }
    const pause = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** this.#attempts);
    this.#timer = setTimeout(() => this.#connect(), Math.max(least, pause));
  }

  /** Says that nothing is connected; until `recheck`, unless something is done about it. */
  #wait(): void {
    clearTimeout(this.#timer);
    this.#set({ kind: "reconnecting" });
  }

  #fail(code: string, message: string): void {
    this.#release();
    this.#set({ kind: "failed", code, message });
  }

  async #look(peer: Peer): Promise<void> {
    const { sample, decoded, uplink } = await peer.look();
    if (this.#peer !== peer) return;
    this.#reach(sample);
    if (this.#line.kind !== "connected") return;
    this.#progress = this.#progress === null ? begin(sample) : advance(this.#progress, sample);
    const health = judge(this.#progress, this.#port.expected());
    this.#port.dispatch({ type: "health", health });
    this.#looks = [...this.#looks, decoded].slice(-LOOKS);
    if (this.#looks.length > 1) this.#port.played(playedOf(this.#looks));
    this.#port.strained(uplink);
    const oneWay = health.hearing === "stalled" || health.heard === "stalled";
    if (!oneWay || sample.at - this.#rebuiltAt < ONE_WAY_MS) return;
    this.#rebuiltAt = sample.at;
    this.#connect();
  }

  /** On a line that carries anything at all, what is slow in coming may still come. */
  #reach({ at, bytesIn }: Sample): void {
    if (bytesIn > this.#bytesIn) this.#reachedAt = at;
    this.#bytesIn = bytesIn;
    this.#reached = at - this.#reachedAt < GONE_MS;
    this.#port.hurry(wants(this.#line) && !this.#reached);
  }

  #release(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    this.#peer?.close();
    this.#peer = null;
  }

  #set(line: Line): void {
    this.#line = line;
    this.#port.dispatch({ type: "line", line });
    this.#port.hurry(wants(line) && !this.#reached);
  }
}
