import { describe, expect, it } from "vitest";
import {
  type DeskState,
  EMPTY_DESK,
  grouped,
  keyOf,
  neighbour,
  reduceDesk,
  severityOf,
} from "./desk-state";
import type { CaseDetail, CaseSummary } from "./protocol.gen";

const ME = "moderator:Mo";

function summary(seq: number, change: Partial<CaseSummary> = {}): CaseSummary {
  return {
    interview: "abcdefghijklmnop",
    case: seq,
    at: seq * 1000,
    reason: "offensive",
    reporter: "freelancer",
    accused: "client",
    inCall: false,
    status: "open",
    claimedBy: "",
    action: null,
    ...change,
  };
}

function desk(...cases: readonly CaseSummary[]): DeskState {
  return reduceDesk(EMPTY_DESK, { type: "desk:queue", you: ME, now: 50, cases, ourTime: 40 });
}

function detail(one: CaseSummary): CaseDetail {
  return {
    ok: true,
    summary: one,
    flagged: 1,
    note: "",
    evidence: [],
    notes: [],
    explanation: "",
  };
}

describe("the queue", () => {
  it("puts own cases first, then open ones by urgency and age, then others', then decided ones", () => {
    const cases = [
      summary(1, { reason: "other" }),
      summary(2),
      summary(3, { reason: "harassment" }),
      summary(4, { reason: "scam" }),
      summary(5, { status: "claimed", claimedBy: ME }),
      summary(6, { status: "claimed", claimedBy: "moderator:Li" }),
      summary(7, { status: "decided", claimedBy: ME, action: "warn" }),
      summary(8, { status: "decided", claimedBy: ME, action: "hide" }),
    ];
    expect(
      grouped(cases, ME).map(({ group, cases: found }) => [group, found.map((c) => c.case)]),
    ).toEqual([
      ["mine", [5]],
      ["open", [3, 4, 2, 1]],
      ["taken", [6]],
      ["decided", [8, 7]],
    ]);
  });

  it("is empty without groups when there is nothing", () => {
    expect(grouped([], ME)).toEqual([]);
  });

  it("ranks what hurts or robs people above what can wait", () => {
    expect(severityOf("harassment")).toBeGreaterThan(severityOf("payment_outside"));
    expect(severityOf("payment_outside")).toBeGreaterThan(severityOf("other"));
  });
});

describe("moving by keys", () => {
  it("begins at either end, and stays there", () => {
    const state = desk(summary(1), summary(2));
    expect(neighbour(state, 1)).toBe(keyOf(summary(1)));
    expect(neighbour(state, -1)).toBe(keyOf(summary(2)));
    const last = reduceDesk(state, { type: "selected", key: keyOf(summary(2)) });
    expect(neighbour(last, 1)).toBe(keyOf(summary(2)));
  });

  it("goes nowhere in an empty queue", () => {
    expect(neighbour(desk(), 1)).toBeNull();
  });
});

describe("the evidence on the screen", () => {
  const mine = summary(1, { status: "claimed", claimedBy: ME });
  const open = reduceDesk(desk(mine), { type: "selected", key: keyOf(mine) });
  const looked = reduceDesk(open, { type: "looked", detail: detail(mine) });

  it("is there for the own case", () => {
    expect(looked.detail?.summary).toEqual(mine);
  });

  it("goes when the case is released or with somebody else", () => {
    const released = reduceDesk(looked, { type: "desk:case", summary: summary(1) });
    expect(released.detail).toBeNull();
    const taken = summary(1, { status: "claimed", claimedBy: "moderator:Li" });
    expect(reduceDesk(looked, { type: "desk:case", summary: taken }).detail).toBeNull();
  });

  it("is not that of a case that was left meanwhile", () => {
    const left = reduceDesk(looked, { type: "selected", key: null });
    expect(reduceDesk(left, { type: "looked", detail: detail(mine) }).detail).toBeNull();
  });

  it("goes with a case that is not in the queue any more", () => {
    const gone = reduceDesk(looked, {
      type: "desk:queue",
      you: ME,
      now: 0,
      cases: [],
      ourTime: 0,
    });
    expect(gone).toMatchObject({ selected: null, detail: null });
  });
});

describe("news", () => {
  it("are cases that were not in the queue, not changes of known ones", () => {
    const state = desk(summary(1));
    expect(reduceDesk(state, { type: "desk:case", summary: summary(1) }).news).toBeNull();
    const came = reduceDesk(state, { type: "desk:case", summary: summary(2) });
    expect(came.news?.summary.case).toBe(2);
  });
});

it("keeps the last word of a link that is over", () => {
  const over = { kind: "over", code: "not_signed_in", message: "Open your link." } as const;
  const state = reduceDesk(EMPTY_DESK, { type: "linked", link: over });
  expect(reduceDesk(state, { type: "linked", link: { kind: "reconnecting" } }).link).toBe(over);
});
