import { describe, expect, it } from "vitest";
import { isWithinCall, summarizeCall } from "./call-summary";
import type { Message, Notice, RecordEvent } from "./protocol.gen";

function notice(seq: number, event: RecordEvent, text: string | null = null): Notice {
  return { kind: "notice", lane: "shared", seq, event, text };
}

const RANG = notice(5, { type: "call:rang", by: "client", at: 100, media: "video" });
const ACCEPTED = notice(6, { type: "call:accepted", by: "freelancer", at: 300 });
const BETWEEN: Message = {
  kind: "message",
  seq: 7,
  by: "client",
  at: 350,
  replyTo: null,
  state: "kept",
  versions: [{ seq: 7, at: 350, text: "Here is the link." }],
};
const ENDED = notice(9, { type: "call:ended", by: "client", at: 900, reason: "hung_up" });

describe("a call in the thread", () => {
  it("tells who was in it, and how long it lasted from answer to end", () => {
    const joined = notice(8, { type: "call:joined", by: "system", at: 400, seat: "freelancer" });
    const summary = summarizeCall([RANG, ACCEPTED, BETWEEN, joined, ENDED], 5);
    expect(summary).toMatchObject({
      by: "client",
      answeredAt: 300,
      endedAt: 900,
      end: "hung_up",
      lastedMs: 600,
      joined: ["freelancer"],
    });
  });

  it("lasts from when the first answered, whoever else comes later", () => {
    const colleague = notice(8, { type: "call:accepted", by: "client-2", at: 700 });
    const summary = summarizeCall([RANG, ACCEPTED, BETWEEN, colleague, ENDED], 5);
    expect(summary).toMatchObject({ answeredAt: 300, lastedMs: 600 });
  });

  it("lasts from its beginning where whoever knocked was let in", () => {
    const open = notice(5, {
      type: "call:rang",
      by: "client",
      at: 100,
      media: "video",
      open: true,
    });
    expect(summarizeCall([open, ENDED], 5)).toMatchObject({ answeredAt: 100, lastedMs: 800 });
  });

  it("is a video call from when its people agreed on video", () => {
    const voice = notice(5, { type: "call:rang", by: "client", at: 100, media: "audio" });
    const video = notice(7, {
      type: "format:changed",
      by: "freelancer",
      at: 400,
      format: "video",
    });
    expect(summarizeCall([voice, ACCEPTED, video, ENDED], 5)?.media).toBe("video");
  });

  it("has no length while nobody answered, and keeps the reason of who declined", () => {
    const declined = notice(
      6,
      { type: "call:ended", by: "freelancer", at: 200, reason: "declined" },
      "Not now.",
    );
    expect(summarizeCall([RANG, declined], 5)).toMatchObject({
      lastedMs: null,
      end: "declined",
      endedBy: "freelancer",
      reason: "Not now.",
    });
  });

  it("is not mixed up with the next one", () => {
    const next = notice(10, { type: "call:rang", by: "freelancer", at: 950, media: "audio" });
    expect(summarizeCall([RANG, ACCEPTED, ENDED, next], 10)).toMatchObject({
      by: "freelancer",
      end: null,
    });
    expect(summarizeCall([RANG, ACCEPTED, ENDED, next], 5)?.media).toBe("video");
  });

  it("is nothing where no call began", () => {
    expect(summarizeCall([BETWEEN], 7)).toBeNull();
  });

  it("has one card for all of its course", () => {
    expect([RANG, ACCEPTED, ENDED].map(isWithinCall)).toEqual([false, true, true]);
  });
});
