/**
 * Whether media that should flow does, judged from the browser's own statistics: pure.
 *
 * Source of the figures: W3C "Identifiers for WebRTC's Statistics API". Counterpart:
 * `call-line.ts`, which looks every second.
 */
import type { Flow, Health } from "./call-state";

/** Running totals at one moment; `at` in milliseconds. */
export type Sample = {
  readonly at: number;
  readonly audioIn: number;
  readonly framesIn: number;
  readonly audioOut: number;
  /** Receiver reports about our sound: they come only while the server hears us. */
  readonly reports: number;
  /** Everything that came from the server, in bytes: also mere answers to our checks. */
  readonly bytesIn: number;
  /** The share of our latest packets that was lost, 0 to 1. */
  readonly lost: number;
};

/** What ought to flow, by the record. */
export type Expected = {
  readonly hearing: boolean;
  /** Somebody of them is connected, by what their own browser says. */
  readonly alive: boolean;
  readonly seeing: boolean;
  readonly heard: boolean;
};

/** Silence that is no longer a hiccup. Browsers send sound every 20 ms and reports every 5 s. */
const STALLED_MS = 5_000;
const UNHEARD_MS = 12_000;
/** Whoever's network is gone has left by the server's word before this. */
const GONE_MS = 12_000;
/** The server reports once a second; a report after which none has come says nothing of now. */
const STALE_MS = 3_000;
const WEAK = 0.08;

const NOTHING: Omit<Sample, "at"> = {
  audioIn: 0,
  framesIn: 0,
  audioOut: 0,
  reports: 0,
  bytesIn: 0,
  lost: 0,
};

/** An `RTCStatsReport`, as far as it is read. */
type Report = { readonly forEach: (each: (entry: Figures) => void) => void };

/** The fields that are read of any entry; each kind of entry has some of them. */
export type Figures = RTCStats & {
  readonly kind?: string;
  readonly packetsReceived?: number;
  readonly framesDecoded?: number;
  readonly packetsSent?: number;
  readonly fractionLost?: number;
  readonly roundTripTime?: number;
  readonly bytesReceived?: number;
};

/** Adds up what one `getStats()` says. */
export function sampleOf(report: Report, at: number): Sample {
  const total = { ...NOTHING, at };
  report.forEach((entry: Figures) => addTo(total, entry));
  return {
    ...total,
    lost: Math.max(0, ...reportsOf(report).map(({ fractionLost = 0 }) => fractionLost)),
  };
}

/** What the server has reported lately of each line that we send on. */
export function reportsOf(report: Report): readonly Figures[] {
  const entries: Figures[] = [];
  report.forEach((entry: Figures) => entries.push(entry));
  const newest = Math.max(...entries.map(({ timestamp }) => timestamp));
  return entries.filter(
    ({ type, timestamp }) => type === "remote-inbound-rtp" && newest - timestamp < STALE_MS,
  );
}

type Totals = { -readonly [K in keyof Sample]: Sample[K] };

function addTo(total: Totals, entry: Figures): void {
  switch (entry.type) {
    case "inbound-rtp":
      if (entry.kind === "audio") total.audioIn += entry.packetsReceived ?? 0;
      else total.framesIn += entry.framesDecoded ?? 0;
      return;
    case "outbound-rtp":
      if (entry.kind === "audio") total.audioOut += entry.packetsSent ?? 0;
      return;
    case "remote-inbound-rtp":
      if (entry.kind === "audio") total.reports += entry.timestamp;
      return;
    case "transport":
      total.bytesIn += entry.bytesReceived ?? 0;
      return;
    default:
  }
}

/** When each total last moved, and the latest sample. */
export type Progress = {
  readonly last: Sample;
  readonly moved: { readonly [K in "audioIn" | "framesIn" | "audioOut" | "reports"]: number };
};

export function begin(first: Sample): Progress {
  const { at } = first;
  return { last: first, moved: { audioIn: at, framesIn: at, audioOut: at, reports: at } };
}

/** The progress after another sample. Totals that shrink belong to a new connection: they moved. */
export function advance({ last, moved }: Progress, next: Sample): Progress {
  const when = (key: keyof Progress["moved"]) => (next[key] === last[key] ? moved[key] : next.at);
  return {
    last: next,
    moved: {
      audioIn: when("audioIn"),
      framesIn: when("framesIn"),
      audioOut: when("audioOut"),
      reports: when("reports"),
    },
  };
}

export function judge({ last, moved }: Progress, expected: Expected): Health {
  return {
    hearing: flow(expected.hearing, last.at - moved.audioIn, expected.alive ? STALLED_MS : GONE_MS),
    seeing: flow(expected.seeing, last.at - moved.framesIn, STALLED_MS),
    heard: heard(last, moved, expected.heard),
    weak: last.lost > WEAK,
  };
}

/** Our sound must leave us; and once the server has reported on it, it must go on reporting. */
function heard(last: Sample, moved: Progress["moved"], expected: boolean): Flow {
  const sent = flow(expected, last.at - moved.audioOut, STALLED_MS);
  if (sent !== "flowing" || last.reports === 0) return sent;
  return flow(expected, last.at - moved.reports, UNHEARD_MS);
}

function flow(expected: boolean, silentMs: number, limitMs: number): Flow {
  if (!expected) return "none";
  return silentMs < limitMs ? "flowing" : "stalled";
}
