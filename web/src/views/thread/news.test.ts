import { describe, expect, it } from "vitest";
import { fold } from "../../fold";
import type { Entry, View } from "../../protocol.gen";
import { NOON, entry, said, view } from "../../test/record";
import { newsOf, stands } from "./news";

const BEFORE = [said(1, "client", "one"), said(2, "freelancer", "two")].reduce(fold, view());

function heard(before: View, ...entries: readonly Entry[]): readonly string[] {
  return newsOf(before, entries.reduce(fold, before), "client").map(({ text }) => text);
}

function inLane(lane: string, one: Entry): Entry {
  return { ...one, lane };
}

describe("what is said aloud", () => {
  it("is what the other wrote, also the same twice, and that one’s own message is sent", () => {
    expect(
      heard(
        BEFORE,
        said(3, "freelancer", "**yes**"),
        said(4, "freelancer", "yes"),
        said(5, "client", "fine"),
      ),
    ).toEqual(["Ben: yes", "Ben: yes", "Sent."]);
  });

  it("is a number where much was missed", () => {
    const missed = [3, 4, 5, 6, 7].map((seq) => said(seq, "freelancer", `line ${seq}`));

    expect(heard(BEFORE, ...missed)).toEqual(["5 new messages"]);
  });

  it("is what became of a message", () => {
    const at = NOON;
    const edit = (by: string, message: number, seq: number) =>
      entry(seq, { type: "message:edited", by, at, message }, "other");

    expect(heard(BEFORE, edit("client", 1, 3))).toEqual(["Your change is saved."]);
    expect(heard(BEFORE, edit("freelancer", 2, 3))).toEqual(["Ben changed a message."]);
    expect(
      heard(BEFORE, entry(3, { type: "message:deleted", by: "freelancer", at, message: 2 })),
    ).toEqual(["Ben deleted a message."]);
  });

  it("is what happened besides, with its reason, and not what has an alert of its own", () => {
    const at = NOON;

    expect(
      heard(
        BEFORE,
        entry(3, { type: "format:proposed", by: "freelancer", at, format: "audio" }),
        entry(4, { type: "call:knocked", by: "freelancer", at, seat: "freelancer" }),
        entry(5, { type: "call:rang", by: "freelancer", at, media: "video" }),
        entry(6, { type: "call:ended", by: "client", at, reason: "declined" }, "Not now."),
      ),
    ).toEqual(["Ben asked to meet by audio.", "Ben knocked.", "Video call: Declined. Not now."]);
  });

  it("is whose microphone was turned off, and by whom, to all whom no alert tells that", () => {
    const muted = (seat: string, by: string) =>
      entry(3, { type: "call:muted", by, at: NOON, seat, kind: "microphone" });

    expect(heard(BEFORE, muted("freelancer", "client"))).toEqual([
      "Ada turned Ben’s microphone off.",
    ]);
    expect(heard(BEFORE, muted("freelancer", "moderator:Mo"))).toEqual([
      "A moderator turned Ben’s microphone off.",
    ]);
    expect(heard(BEFORE, muted("client", "freelancer"))).toEqual([]);
  });

  it("is what only the reader is told", () => {
    const warned = entry(
      1,
      { type: "person:warned", by: "moderator:Mo", at: NOON, action: "warn", message: 1, after: 2 },
      "Keep it here.",
    );

    expect(heard(BEFORE, inLane("person:client", warned))).toEqual([
      "A moderator warns you. Keep it here.",
    ]);
  });

  it("is what the own side writes, whichever thread is open", () => {
    const aside = inLane("side:client", said(1, "freelancer", "Too dear?"));

    expect(heard(BEFORE, aside)).toEqual(["Ben, to your side only: Too dear?"]);
  });

  it("stays no longer than the text that it quotes", () => {
    const now = fold(BEFORE, said(3, "freelancer", "a secret"));
    const [news] = newsOf(BEFORE, now, "client");
    const gone = fold(
      now,
      entry(4, { type: "message:deleted", by: "freelancer", at: NOON, message: 3 }),
    );

    expect(news && stands(news, now)).toBe(true);
    expect(news && stands(news, gone)).toBe(false);
  });
});
