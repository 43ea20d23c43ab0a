/**
 * What the network check finds, and what it means for a call: types and pure functions.
 *
 *     { kind: "running", progress: 0.4, tries: [{ way: { kind: "udp" }, attempt: … }, …] }
 *     { kind: "done", at: 1764000000000, verdict: { code: "ready", … }, tries: […] }
 *
 * Counterparts: `network-check.ts` (runs it), `network-loop.ts` (one way), `views/lobby`.
 */
import type { IceServer } from "./protocol.gen";

/** How sound might reach the server: as in a call, but each way for itself. */
export type Way =
  | { readonly kind: "udp" }
  | { readonly kind: "tcp" }
  | { readonly kind: "relay"; readonly server: IceServer; readonly url: string };

/** What came of a few seconds of sound that went to the server and back. */
export type Figures = {
  /** From the first word to the server until media could flow. */
  readonly setupMs: number;
  readonly roundTripMs: number;
  /** Share of packets that did not come back, 0 to 1; null where the browser sent no sound. */
  readonly loss: number | null;
  readonly jitterMs: number;
};

/** Where the server's media can be reached, by its own word. */
export type Door = {
  readonly transport: "udp" | "tcp";
  readonly host: string;
  readonly port: number;
};

export type Attempt =
  /** `progress` 0 to 1. */
  | { readonly kind: "running"; readonly progress: number }
  | { readonly kind: "passed"; readonly figures: Figures }
  /** No connection in the time that a call would wait for one. */
  | { readonly kind: "late" }
  /** A connection, but no sound came back; or none is possible. */
  | { readonly kind: "failed" }
  /** The server would not have it: this says nothing about the network. */
  | { readonly kind: "refused"; readonly message: string };

export type Try = { readonly way: Way; readonly attempt: Attempt };

export type VerdictCode =
  | "ready"
  | "relayed"
  | "slower"
  | "delayed"
  | "lossy"
  | "poor"
  | "text"
  | "unknown";

export type Verdict = {
  readonly code: VerdictCode;
  /** Of the way that a call would take; null if there is none. */
  readonly figures: Figures | null;
  /** What an administrator should open; null if we were not told. */
  readonly door: Door | null;
  /** Why nothing could be found out; else empty. */
  readonly reason: string;
};

export type Network =
  | { readonly kind: "idle" }
  | { readonly kind: "running"; readonly progress: number; readonly tries: readonly Try[] }
  | {
      readonly kind: "done";
      readonly at: number;
      readonly verdict: Verdict;
      readonly tries: readonly Try[];
    }
  | { readonly kind: "skipped" };

/** Beyond this, video shows holes, while Opus still conceals them well. */
const LOSSY = 0.05;
/** Beyond this, sentences lose words. */
const POOR = 0.2;
/** Beyond this, people talk over each other (ITU-T G.114: 400 ms is the limit for planning). */
const DELAYED_MS = 400;

/** The ways to try: directly by UDP and by TCP, and each address of each relay. */
export function waysOf(servers: readonly IceServer[]): readonly Way[] {
  const relays = servers.flatMap((server) =>
    server.urls.map((url): Way => ({ kind: "relay", server, url })),
  );
  return [{ kind: "udp" }, { kind: "tcp" }, ...relays];
}

/** Whether packets travel singly, so that a lost one holds up no others. */
function isDatagrams(way: Way): boolean {
  if (way.kind !== "relay") return way.kind === "udp";
  return way.url.startsWith("turn:") && !way.url.endsWith("transport=tcp");
}

/** What all tries together mean for whoever wants to call. */
export function verdictOf(tries: readonly Try[], doors: readonly Door[]): Verdict {
  const door = doors.find(({ transport }) => transport === "udp") ?? null;
  const passed = tries.flatMap(({ way, attempt }) =>
    attempt.kind === "passed" ? [{ way, figures: attempt.figures }] : [],
  );
  const best =
    passed.find(({ way }) => way.kind === "udp") ??
    passed.find(({ way }) => isDatagrams(way)) ??
    passed[0];
  if (best === undefined) return { ...without(tries), figures: null, door };
  const { figures, way } = best;
  return { code: quality(figures) ?? speed(way), figures, door, reason: "" };
}

function speed(way: Way): VerdictCode {
  if (way.kind === "udp") return "ready";
  return isDatagrams(way) ? "relayed" : "slower";
}

function quality({ loss, roundTripMs }: Figures): VerdictCode | null {
  if ((loss ?? 0) > POOR) return "poor";
  if ((loss ?? 0) > LOSSY) return "lossy";
  return roundTripMs > DELAYED_MS ? "delayed" : null;
}

function without(tries: readonly Try[]): Pick<Verdict, "code" | "reason"> {
  for (const { attempt } of tries) {
    if (attempt.kind === "refused") return { code: "unknown", reason: attempt.message };
  }
  return { code: "text", reason: "" };
}

/** How far all tries are, 0 to 1. */
export function progressOf(tries: readonly Try[]): number {
  const done = tries.map(({ attempt }) => (attempt.kind === "running" ? attempt.progress : 1));
  return done.length === 0 ? 0 : done.reduce((sum, one) => sum + one, 0) / done.length;
}

const CANDIDATE = /^a=candidate:\S+ 1 (udp|tcp) \d+ (\S+) (\d+) typ host/gim;

/** The addresses at which an SDP answer says that the server is (RFC 8839). */
export function doorsIn(sdp: string): readonly Door[] {
  return [...sdp.matchAll(CANDIDATE)].map(([, transport, host = "", port]) => ({
    transport: transport?.toLowerCase() === "udp" ? "udp" : "tcp",
    host,
    port: Number(port),
  }));
}

/** The answer as if the server had one way in only. Relays reach it by UDP. */
export function narrowed(sdp: string, way: Way): string {
  const wanted = way.kind === "tcp" ? "tcp" : "udp";
  return sdp
    .split(/(?<=\n)/)
    .filter((line) => {
      const transport = /^a=candidate:\S+ \d+ (\S+)/i.exec(line)?.[1];
      return transport === undefined || transport.toLowerCase() === wanted;
    })
    .join("");
}
