/**
 * Silence that goes to the server over one way and comes back: set-up time, delay, loss, jitter.
 *
 * Two connections of this page, one that sends and one that receives, in a call of their own that
 * is in no record; so it is the engine of real calls that is measured, both ways. Counterpart:
 * `server/calls/network.py`.
 */
import { openLoop } from "./http";
import { type Attempt, type Door, type Figures, type Way, doorsIn, narrowed } from "./network";

/** After which a way counts as closed: a call that takes longer to begin is given up by people. */
const SETUP_MS = 8_000;
const MEASURE_MS = 3_000;
const SAMPLES = 6;
/** The share of the progress that the set-up is. */
const SETUP_SHARE = 0.3;

type LoopPort = {
  readonly ticket: string;
  /** Whatever is sent; null where the browser gives no silence. */
  readonly sound: MediaStreamTrack | null;
  readonly signal: AbortSignal;
  /** 0 to 1. */
  readonly progress: (progress: number) => void;
  readonly doors: (doors: readonly Door[]) => void;
};

/** Tries one way, to its end or its time-out; `port.signal` ends it at once. */
export async function tryWay(way: Way, port: LoopPort): Promise<Attempt> {
  const begun = performance.now();
  const ends: RTCPeerConnection[] = [];
  try {
    const [there, back] = [connectionFor(way), connectionFor(way)];
    ends.push(there, back);
    there.addTransceiver(port.sound ?? "audio", { direction: "sendonly" });
    back.addTransceiver("audio", { direction: "recvonly" });
    const refused = await negotiate(way, there, back, port);
    if (refused !== null) return refused;
    const up = await Promise.all([connected(there, port.signal), connected(back, port.signal)]);
    if (!up.every(Boolean)) return { kind: "late" };
    const setupMs = performance.now() - begun;
    return await measure(there, back, setupMs, port);
  } catch {
    return { kind: "failed" }; // the browser has no such connection, or was closed meanwhile
  } finally {
    for (const end of ends) end.close();
  }
}

function connectionFor(way: Way): RTCPeerConnection {
  if (way.kind !== "relay") return new RTCPeerConnection();
  const { username, credential } = way.server;
  return new RTCPeerConnection({
    iceServers: [{ urls: way.url, username, credential }],
    iceTransportPolicy: "relay",
  });
}

async function negotiate(
  way: Way,
  there: RTCPeerConnection,
  back: RTCPeerConnection,
  { ticket, doors }: LoopPort,
): Promise<Attempt | null> {
  await Promise.all([there.setLocalDescription(), back.setLocalDescription()]);
  const answer = await openLoop({ ticket, there: offerOf(there), back: offerOf(back) });
  if (!answer.ok) return { kind: "refused", message: answer.message };
  doors(doorsIn(answer.value.there));
  const sdp = { there: narrowed(answer.value.there, way), back: narrowed(answer.value.back, way) };
  await there.setRemoteDescription({ type: "answer", sdp: sdp.there });
  await back.setRemoteDescription({ type: "answer", sdp: sdp.back });
  return null;
}

function offerOf(connection: RTCPeerConnection): string {
  return connection.localDescription?.sdp ?? "";
}

/** Whether media can flow, in time. */
function connected(connection: RTCPeerConnection, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (up: boolean): void => {
      clearTimeout(late);
      connection.removeEventListener("connectionstatechange", look);
      resolve(up);
    };
    const look = (): void => {
      if (connection.connectionState === "connected") settle(true);
      if (connection.connectionState === "failed" || signal.aborted) settle(false);
    };
    const late = setTimeout(settle, SETUP_MS, false);
    signal.addEventListener("abort", () => settle(false), { once: true });
    connection.addEventListener("connectionstatechange", look);
    look();
  });
}

async function measure(
  there: RTCPeerConnection,
  back: RTCPeerConnection,
  setupMs: number,
  { signal, progress }: LoopPort,
): Promise<Attempt> {
  for (let sample = 0; sample < SAMPLES && !signal.aborted; sample += 1) {
    progress(SETUP_SHARE + ((1 - SETUP_SHARE) * sample) / SAMPLES);
    // oxlint-disable-next-line no-await-in-loop
    await pause(MEASURE_MS / SAMPLES, signal);
  }
  const [sending, receiving] = await Promise.all([there.getStats(), back.getStats()]);
  const { sent, roundTripMs } = sendingOf(sending);
  const { received, lost, jitterMs } = receivingOf(receiving);
  if (sent > 0 && received === 0) return { kind: "failed" };
  const loss = sent === 0 ? null : Math.max(0, lost) / (received + Math.max(0, lost));
  const figures: Figures = { setupMs, roundTripMs, loss, jitterMs };
  return { kind: "passed", figures };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** As W3C "Identifiers for WebRTC's Statistics API" names them; times in seconds. */
type Entry = {
  readonly type: string;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
  readonly roundTripTime?: number;
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly jitter?: number;
};

function sendingOf(report: RTCStatsReport) {
  let sent = 0;
  let checked: number | undefined;
  let reported: number | undefined;
  report.forEach((entry: Entry) => {
    if (entry.type === "outbound-rtp") sent += entry.packetsSent ?? 0;
    if (entry.type === "remote-inbound-rtp") reported = entry.roundTripTime ?? reported;
    if (entry.type === "candidate-pair" && entry.nominated === true) {
      checked = entry.currentRoundTripTime ?? checked;
    }
  });
  return { sent, roundTripMs: (checked ?? reported ?? 0) * 1000 };
}

function receivingOf(report: RTCStatsReport) {
  const found = { received: 0, lost: 0, jitterMs: 0 };
  report.forEach((entry: Entry) => {
    if (entry.type !== "inbound-rtp") return;
    found.received += entry.packetsReceived ?? 0;
    found.lost += entry.packetsLost ?? 0;
    found.jitterMs = (entry.jitter ?? 0) * 1000;
  });
  return found;
}
