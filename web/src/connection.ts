/**
 * The socket: connecting, staying connected, and asking. The only file that knows socket.io-client.
 *
 * Rules: a command is sent only while connected and always gets an outcome; a lost connection is
 * tried again with growing pauses, unless the server said why it is over. Counterparts:
 * `session.ts` (an interview) and `views/desk/` (the moderators' desk).
 */
import { type Socket, io } from "socket.io-client";
import type {
  Commands,
  DeskAuth,
  Done,
  Questions,
  Refused,
  SeatAuth,
  ServerToClient,
  Signals,
} from "./protocol.gen";
import { onReturn } from "./return";
import type { Link } from "./state";
import { connection as words } from "./strings/connection";
import { wellFormed } from "./well-formed";

/** A server that has not answered by then will not: the outcome is unknown. */
const ANSWER_MS = 10_000;
/** Questions about media wait for nothing on the server, so that in haste silence says more. */
const MEDIA = new Set(["call:servers", "call:offer"]);
const HASTY_ANSWER_MS = 2_000;
/** A socket that says nothing for so long after the page has come back did not come with it. */
const RETURN_ANSWER_MS = 3_000;
/** An attempt to connect that began while the network was away does not notice that it is back. */
const CONNECT_MS = 5_000;
/**
 * In haste, attempts are short at first: the first packet of each is sent again only after 1, 2
 * and 4 s (RFC 6298). They grow, for browsers let pages wait 1 to 5 s once some 16 have failed.
 */
const HASTY_CONNECT_MS = 2_000;
const HASTY_GROWTH_MS = 250;
const HASTY_PAUSE_MS = 100;
const PAUSE_MAX_MS = 3_000;
const HASTY_PAUSE_MAX_MS = 1_000;
/** Pause before trying again when the server itself asked for patience without saying how much. */
const PATIENCE_MS = 1_200;

/** Codes after which trying again changes nothing. */
const FINAL = new Set([
  "not_signed_in",
  "link_invalid",
  "link_used",
  "foreign_origin",
  "not_found",
  "not_allowed",
  "closed",
  "removed",
  "malformed",
]);

/** Commands whose outcome is not known after these: the same id may be sent again. */
export const UNKNOWN_OUTCOME = new Set(["no_answer", "not_connected", "store_down"]);

/** Whether this was sent, and perhaps done although nobody could say so. */
export function mayBeDone(outcome: Done | Refused): boolean {
  return !outcome.ok && outcome.code !== "not_connected" && UNKNOWN_OUTCOME.has(outcome.code);
}

type Messages = { readonly [K in keyof ServerToClient]: Parameters<ServerToClient[K]>[0] };
type Told = { readonly [K in keyof Messages]: Set<(message: Messages[K]) => void> };

/** A new command id: 128 random bits, which fit the wire's pattern. */
export function newId(): string {
  return crypto.randomUUID();
}

/** A refusal of our own, in the shape of the server's. */
export function refusal(code: string, message: string): Refused {
  return { ok: false, code, message, retryAfterMs: 0, incident: "" };
}

export class Connection {
  // The maps of names and types are kept by the methods below, which are generic over the name.
  readonly #socket: Socket;
  readonly #told: Told = {
    welcome: new Set(),
    snapshot: new Set(),
    entries: new Set(),
    head: new Set(),
    marks: new Set(),
    presence: new Set(),
    typing: new Set(),
    "call:renegotiate": new Set(),
    "call:heard": new Set(),
    bye: new Set(),
    "desk:queue": new Set(),
    "desk:case": new Set(),
  };
  readonly #links = new Set<(link: Link) => void>();
  #link: Link = { kind: "connecting" };
  /** How much has come in. */
  #heard = 0;
  #restarting = false;
  #hasty = false;
  /** How many attempts have failed in a row. */
  #failed = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  #stay: () => void = () => undefined;

  /** `auth` is asked at every attempt, so that a reconnect carries the cursor of that moment. */
  constructor(auth: () => SeatAuth | DeskAuth, url?: string) {
    const options = {
      transports: ["websocket"],
      auth: (give: (auth: object) => void) => give(auth()),
      autoConnect: false,
      forceNew: true,
      timeout: CONNECT_MS,
      reconnectionDelay: 400,
      reconnectionDelayMax: PAUSE_MAX_MS,
      randomizationFactor: 0.5,
    };
    this.#socket = url === undefined ? io(options) : io(url, options);
    this.#listen();
  }

  get link(): Link {
    return this.#link;
  }

  open(): void {
    addEventListener("online", this.#online);
    addEventListener("offline", this.#offline);
    this.#stay();
    this.#stay = onReturn(() => this.#returned());
    this.#socket.connect();
  }

  close(): void {
    removeEventListener("online", this.#online);
    removeEventListener("offline", this.#offline);
    this.#stay();
    clearTimeout(this.#again);
    this.#socket.disconnect();
  }

  /**
   * From now on every second counts, for somebody is in a call whose media is silent too: the
   * network is gone. Or it does no more: a line that loses much needs patience, not new sockets.
   */
  hurry(hasty: boolean): void {
    if (hasty === this.#hasty) return;
    this.#hasty = hasty;
    this.#socket.io.reconnectionDelayMax(hasty ? HASTY_PAUSE_MAX_MS : PAUSE_MAX_MS);
    this.#bePatient();
  }

  /** Calls `listener` for each such message; returns how to stop. */
  on<K extends keyof Messages>(name: K, listener: (message: Messages[K]) => void): () => void {
    const listeners: Told[K] = this.#told[name];
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Calls `listener` whenever the link stands differently; returns how to stop. */
  onLink(listener: (link: Link) => void): () => void {
    this.#links.add(listener);
    return () => void this.#links.delete(listener);
  }

  /** Asks for something. Never rejects: without an answer, the outcome is a refusal of our own. */
  command<K extends keyof Commands>(
    name: K,
    payload: Omit<Commands[K], "id">,
    id: string = newId(),
  ): Promise<Done | Refused> {
    return this.#emit(name, { ...payload, id });
  }

  /** A signal that the server answers. Never rejects. */
  ask<K extends keyof Questions>(
    name: K,
    payload: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"] | Refused> {
    return this.#emit(name, payload);
  }

  /** A signal that nobody answers; without a connection it is forgotten. */
  signal<K extends keyof Signals>(name: K, payload: Signals[K]): void {
    // Not `volatile`: that also drops what follows another packet too closely.
    if (this.#socket.connected && this.#link.kind === "live") this.#socket.emit(name, payload);
  }

  async #emit<A extends { readonly ok: true }>(
    name: string,
    payload: object,
    patience = this.#hasty && MEDIA.has(name) ? HASTY_ANSWER_MS : ANSWER_MS,
  ): Promise<A | Refused> {
    // Without a network a socket stays open for a while, and nothing comes back on it.
    const away = !this.#socket.connected || this.#link.kind === "offline";
    if (away) return refusal("not_connected", words.notConnected);
    const heard = this.#heard;
    try {
      const waiting = this.#socket.timeout(patience);
      const answer: A | Refused = await waiting.emitWithAck(name, wellFormed(payload));
      this.#heard += 1;
      return answer;
    } catch {
      if (heard === this.#heard && this.#socket.connected) this.#startOver();
      return refusal("no_answer", words.noAnswer);
    }
  }

  /** Nothing at all came meanwhile: a new socket is there sooner than the old one notices. */
  #startOver(): void {
    this.#lost();
    this.#socket.disconnect();
    clearTimeout(this.#again);
    this.#socket.connect();
  }

  /** How long the next attempts to connect may take. */
  #bePatient(): void {
    const hasty = Math.min(CONNECT_MS, HASTY_CONNECT_MS + HASTY_GROWTH_MS * this.#failed);
    this.#socket.io.timeout(this.#hasty ? hasty : CONNECT_MS);
  }

  #listen(): void {
    this.#socket.onAny(() => {
      this.#heard += 1;
    });
    this.#tell("welcome");
    this.#tell("snapshot");
    this.#tell("entries");
    this.#tell("head");
    this.#tell("marks");
    this.#tell("presence");
    this.#tell("typing");
    this.#tell("call:renegotiate");
    this.#tell("call:heard");
    this.#tell("bye");
    this.#tell("desk:queue");
    this.#tell("desk:case");
    this.#socket.on("connect", () => {
      clearTimeout(this.#again);
      this.#failed = 0;
      this.#bePatient();
    });
    this.on("welcome", () => this.#set({ kind: "live" }));
    // The desk is not welcomed: its queue comes first.
    this.on("desk:queue", () => this.#set({ kind: "live" }));
    this.on("bye", (bye) => this.#goodbye(bye));
    this.#socket.on("disconnect", () => {
      this.#lost();
      // After a disconnect by the server socket.io waits for us.
      if (!this.#socket.active) this.#tryAgain(PATIENCE_MS);
    });
    this.#socket.on("connect_error", (error) => this.#notConnected(error));
  }

  // One name at a time: only then does the compiler see that message and listeners belong together.
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters
  #tell<K extends keyof Messages>(name: K): void {
    const listeners: Told[K] = this.#told[name];
    this.#socket.on<string>(name, (message: Messages[K]) => {
      for (const listener of listeners) listener(message);
    });
  }

  #goodbye({ code, message }: { code: string; message: string }): void {
    if (!FINAL.has(code)) {
      this.#restarting = true;
      return;
    }
    this.#set({ kind: "over", code, message });
    this.close();
  }

  #notConnected(error: Error & { data?: unknown }): void {
    const { code, retryAfterMs } = refusalData(error.data);
    if (code !== "" && FINAL.has(code)) {
      this.#goodbye({ code, message: error.message });
      return;
    }
    this.#lost();
    this.#failed += 1;
    this.#bePatient();
    if (!this.#socket.active) this.#tryAgain(retryAfterMs || PATIENCE_MS);
    // Nobody refused it, so nobody is spared by a pause.
    else if (this.#hasty && error.message === "timeout") this.#tryAgain(HASTY_PAUSE_MS);
  }

  #lost(): void {
    const restarting = this.#restarting;
    this.#set(navigator.onLine ? { kind: "reconnecting", restarting } : { kind: "offline" });
  }

  #tryAgain(pause: number): void {
    if (this.#link.kind === "over") return;
    clearTimeout(this.#again);
    // Spread out, so that a restarted server does not meet everybody at once.
    this.#again = setTimeout(
      () => {
        // An attempt of its own would wait for longer.
        if (this.#socket.active) this.#socket.disconnect();
        this.#socket.connect();
      },
      pause * (0.75 + Math.random() / 2),
    );
  }

  /** In a network that came back, or another one, what was sent in the old one may be lost. */
  readonly #online = (): void => {
    if (this.#link.kind === "over") return;
    this.#startOver();
  };

  /** What was connected may be gone by now, and the next silence would tell so only later. */
  #returned(): void {
    if (this.#link.kind === "reconnecting") this.#startOver();
    // Anything is answered, be it by a refusal, and this changes nothing.
    else if (this.#link.kind === "live") void this.#emit("call:servers", {}, RETURN_ANSWER_MS);
  }

  readonly #offline = (): void => {
    if (this.#link.kind !== "over") this.#set({ kind: "offline" });
  };

  #set(link: Link): void {
    if (this.#link.kind === "over") return;
    if (link.kind === "live") this.#restarting = false;
    this.#link = link;
    for (const listener of this.#links) listener(link);
  }
}

/** What a CONNECT_ERROR carries beside its sentence; from outside, so nothing is taken for granted. */
function refusalData(data: unknown): { code: string; retryAfterMs: number } {
  const found: { code?: unknown; retryAfterMs?: unknown } =
    typeof data === "object" && data !== null ? data : {};
  return {
    code: typeof found.code === "string" ? found.code : "",
    retryAfterMs: typeof found.retryAfterMs === "number" ? found.retryAfterMs : 0,
  };
}
