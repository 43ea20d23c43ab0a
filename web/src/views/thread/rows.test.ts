import { describe, expect, it } from "vitest";
import { fold } from "../../fold";
import type { Entry, Notice } from "../../protocol.gen";
import type { Unsent } from "../../state";
import { NOON, entry, said, view } from "../../test/record";
import { rows } from "./rows";

function thread(...entries: readonly Entry[]) {
  return entries.reduce(fold, view());
}

const MINUTE = 60_000;

describe("the thread's lines", () => {
  it("group messages by author and minute", () => {
    const lines = rows(
      thread(
        said(1, "client", "a", NOON),
        said(2, "client", "b", NOON + 1000),
        said(3, "freelancer", "c", NOON + 2000),
        said(4, "freelancer", "d", NOON + MINUTE),
      ),
      [],
      "client",
    );

    expect(lines.flatMap((row) => (row.kind === "message" ? [[row.first, row.last]] : []))).toEqual(
      [
        [true, false],
        [false, true],
        [true, true],
        [true, true],
      ],
    );
  });

  it("begin each day with its name", () => {
    const lines = rows(
      thread(said(1, "client", "a", NOON), said(2, "client", "b", NOON + 24 * 60 * MINUTE)),
      [],
      "client",
    );

    expect(lines.map(({ kind }) => kind)).toEqual(["day", "message", "day", "message"]);
  });

  it("tell a whole call in one line", () => {
    const lines = rows(
      thread(
        entry(1, { type: "call:rang", by: "client", at: NOON, media: "video" }),
        entry(2, { type: "call:accepted", by: "freelancer", at: NOON + 1000 }),
        entry(3, { type: "call:joined", by: "system", at: NOON + 2000, seat: "client" }),
        said(4, "client", "in between", NOON + 3000),
        entry(5, { type: "call:ended", by: "client", at: NOON + 61_000, reason: "hung_up" }),
      ),
      [],
      "client",
    );

    expect(lines.map(({ kind }) => kind)).toEqual(["day", "call", "message"]);
    expect(lines[1]).toMatchObject({ call: { end: "hung_up", lastedMs: MINUTE } });
  });

  it("put the reader's own notices where they name their place", () => {
    const receipt: Notice = {
      kind: "notice",
      lane: "person:client",
      seq: 1,
      text: null,
      event: {
        type: "flag:received",
        by: "moderator",
        at: NOON + 1500,
        case: 1,
        message: 1,
        reason: "scam",
        after: 1,
      },
    };
    const base = thread(said(1, "freelancer", "a"), said(2, "freelancer", "b"));

    const lines = rows({ ...base, own: [receipt] }, [], "client");

    expect(lines.map(({ key }) => key).slice(1)).toEqual(["m-1", "n-person:client-1", "m-2"]);
  });

  it("mark the first message of the other side that is new", () => {
    const base = thread(
      said(1, "freelancer", "a"),
      said(2, "client", "mine"),
      said(3, "freelancer", "b"),
      said(4, "freelancer", "c"),
    );

    const lines = rows(base, [], "client", 1);

    expect(lines.map(({ key }) => key).slice(1)).toEqual(["m-1", "m-2", "new", "m-3", "m-4"]);
  });

  it("end with what is not sent yet", () => {
    const item: Extract<Unsent, { name: "message:post" }> = {
      id: "u",
      name: "message:post",
      payload: { text: "x" },
      at: NOON + 10_000,
      after: 1,
      state: { kind: "waiting" },
    };

    const lines = rows(thread(said(1, "client", "a")), [item], "client");

    expect(lines.at(-1)).toMatchObject({ kind: "unsent", first: false });
  });
});
