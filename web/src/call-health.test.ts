import { describe, expect, it } from "vitest";
import { type Figures, type Sample, advance, begin, judge, sampleOf } from "./call-health";

const ALL = { hearing: true, alive: true, seeing: true, heard: true };

function sample(at: number, change: Partial<Sample> = {}): Sample {
  return { at, audioIn: 0, framesIn: 0, audioOut: 0, reports: 0, bytesIn: 0, lost: 0, ...change };
}

describe("whether media flows", () => {
  it("flows while every total moves", () => {
    const later = sample(9_000, { audioIn: 9, framesIn: 9, audioOut: 9, reports: 9 });
    const health = judge(advance(begin(sample(0)), later), ALL);
    expect(health).toEqual({
      hearing: "flowing",
      seeing: "flowing",
      heard: "flowing",
      weak: false,
    });
  });

  it("says that one hears nothing when no sound has come for five seconds", () => {
    const later = sample(5_000, { framesIn: 9, audioOut: 9 });
    expect(judge(advance(begin(sample(0)), later), ALL).hearing).toBe("stalled");
  });

  it("leaves the server time to find them gone where no browser of theirs says a word", () => {
    const gone = { ...ALL, alive: false };
    const silent = (at: number) => judge(advance(begin(sample(0)), sample(at)), gone).hearing;
    expect(silent(11_000)).toBe("flowing");
    expect(silent(12_000)).toBe("stalled");
  });

  it("expects nothing of a person whose microphone and camera are off", () => {
    const quiet = { ...ALL, hearing: false, seeing: false };
    const health = judge(advance(begin(sample(0)), sample(9_000, { audioOut: 9 })), quiet);
    expect(health.hearing).toBe("none");
    expect(health.seeing).toBe("none");
  });

  it("says that one is not heard when the server stops reporting on the own sound", () => {
    const first = advance(begin(sample(0)), sample(1_000, { audioOut: 1, reports: 1 }));
    const later = advance(first, sample(13_000, { audioOut: 9, reports: 1 }));
    expect(judge(later, ALL).heard).toBe("stalled");
  });

  it("does not wait for reports from a server that never sent one", () => {
    const later = advance(begin(sample(0)), sample(13_000, { audioOut: 9 }));
    expect(judge(later, ALL).heard).toBe("flowing");
  });

  it("takes totals that begin again for a new connection that moves", () => {
    const before = begin(sample(0, { audioIn: 500 }));
    expect(judge(advance(before, sample(6_000, { audioIn: 3 })), ALL).hearing).toBe("flowing");
  });

  it("is weak when more than 8 % of what is sent is lost", () => {
    const later = advance(begin(sample(0)), sample(1_000, { lost: 0.1 }));
    expect(judge(later, ALL).weak).toBe(true);
  });
});

describe("the browser's report", () => {
  it("is added up by kind of entry", () => {
    const entries: readonly Omit<Figures, "id">[] = [
      { type: "inbound-rtp", timestamp: 5, kind: "audio", packetsReceived: 40 },
      { type: "inbound-rtp", timestamp: 5, kind: "video", framesDecoded: 30 },
      { type: "outbound-rtp", timestamp: 5, kind: "audio", packetsSent: 50 },
      { type: "remote-inbound-rtp", timestamp: 7, kind: "audio", fractionLost: 0.02 },
      { type: "remote-inbound-rtp", timestamp: -5_000, kind: "video", fractionLost: 0.9 },
      { type: "transport", timestamp: 5, bytesReceived: 1000 },
      { type: "codec", timestamp: 5 },
    ];
    const report = entries.map((entry, at) => ({ ...entry, id: String(at) }));
    expect(sampleOf(report, 5)).toEqual({
      at: 5,
      audioIn: 40,
      framesIn: 30,
      audioOut: 50,
      reports: 7,
      bytesIn: 1000,
      lost: 0.02,
    });
  });
});
