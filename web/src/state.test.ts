import { describe, expect, it } from "vitest";
import type { Refused } from "./protocol.gen";
import {
  type Change,
  EARLY_MAX,
  hasGap,
  type State,
  type Unsent,
  initial,
  inLane,
  pendingPosts,
  reachOf,
  reduce,
  unreadCount,
} from "./state";
import { said, snapshot, view } from "./test/record";

const AT = { interview: "abcdefghijklmnop", seat: "client" };

function after(...changes: readonly Change[]): State {
  return changes.reduce(reduce, initial(AT));
}

function texts(state: State): readonly (string | null | undefined)[] {
  return (state.view?.thread ?? []).map((item) =>
    item.kind === "message" ? item.versions.at(-1)?.text : item.text,
  );
}

function posted(text: string, id = text, afterSeq = 0): Unsent {
  const state = { kind: "sending" } as const;
  return { id, name: "message:post", payload: { text }, at: 0, after: afterSeq, state };
}

describe("following the record", () => {
  it("folds entries that follow and moves the cursor", () => {
    const state = after(snapshot(), {
      type: "entries",
      entries: [said(1, "client", "one"), said(2, "freelancer", "two")],
    });

    expect(texts(state)).toEqual(["one", "two"]);
    expect(state.cursor).toEqual({ shared: 2 });
  });

  it("drops what it has already", () => {
    const state = after(
      snapshot(),
      { type: "entries", entries: [said(1, "client", "one")] },
      { type: "entries", entries: [said(1, "client", "one"), said(2, "client", "two")] },
    );

    expect(texts(state)).toEqual(["one", "two"]);
  });

  it("stops at a gap and says so, until what was missing has come", () => {
    const gap = after(snapshot(), {
      type: "entries",
      entries: [said(1, "client", "one"), said(3, "client", "three")],
    });

    expect(hasGap(gap)).toBe(true);
    expect(texts(gap)).toEqual(["one"]);

    const healed = reduce(gap, {
      type: "entries",
      entries: [said(2, "client", "two"), said(3, "client", "three")],
    });

    expect(texts(healed)).toEqual(["one", "two", "three"]);
    expect(hasGap(healed)).toBe(false);
  });

  it("keeps entries that come before the snapshot and folds those that it lacks", () => {
    const state = after(
      { type: "entries", entries: [said(1, "client", "one"), said(2, "client", "two")] },
      snapshot({ cursor: { shared: 1 } }),
    );

    expect(texts(state)).toEqual(["two"]);
  });

  it("keeps no more early entries than it may", () => {
    const entries = Array.from({ length: EARLY_MAX + 10 }, (_, at) => said(at + 1, "client", "x"));

    expect(after({ type: "entries", entries }).early).toHaveLength(EARLY_MAX);
  });

  it("lets good-bye be the last word", () => {
    const state = after(
      { type: "linked", link: { kind: "over", code: "removed", message: "" } },
      { type: "linked", link: { kind: "reconnecting" } },
    );

    expect(state.link.kind).toBe("over");
  });

  it("forgets that somebody writes once their message is there", () => {
    const state = after(
      snapshot(),
      { type: "typing", seat: "freelancer", typing: true, side: false },
      { type: "entries", entries: [said(1, "freelancer", "one")] },
    );

    expect(state.typing).toEqual([]);
  });
});

describe("unsent messages", () => {
  it("are not drawn twice when the entry comes before the acknowledgement", () => {
    const state = after(
      snapshot(),
      { type: "outbox", items: [posted("hello"), posted("again")] },
      { type: "entries", entries: [said(1, "client", "hello")] },
    );

    expect(pendingPosts(state).map(({ id }) => id)).toEqual(["again"]);
  });

  it("stay when the same words were said earlier, or by the other side", () => {
    const state = after(
      snapshot(),
      { type: "entries", entries: [said(1, "client", "yes"), said(2, "freelancer", "yes")] },
      { type: "outbox", items: [posted("yes", "a", 2)] },
    );

    expect(pendingPosts(state).map(({ id }) => id)).toEqual(["a"]);
  });

  it("take one echo each when the same words are sent twice", () => {
    const state = after(
      snapshot(),
      { type: "outbox", items: [posted("yes", "a"), posted("yes", "b")] },
      { type: "entries", entries: [said(1, "client", "yes")] },
    );

    expect(pendingPosts(state).map(({ id }) => id)).toEqual(["b"]);
  });

  it("stay to be seen when they were refused", () => {
    const refusal: Refused = {
      ok: false,
      code: "empty",
      message: "",
      retryAfterMs: 0,
      incident: "",
    };
    const refused: Unsent = { ...posted("no"), state: { kind: "refused", refusal } };

    expect(pendingPosts(after(snapshot(), { type: "outbox", items: [refused] }))).toHaveLength(1);
  });
});

describe("unread messages", () => {
  it("are those of the other side beyond what was read, here or in an earlier visit", () => {
    const state = after(snapshot({ marks: { client: { delivered: 2, read: 1 } } }), {
      type: "entries",
      entries: [
        said(1, "freelancer", "seen"),
        said(2, "freelancer", "new"),
        said(3, "client", "mine"),
      ],
    });

    expect(unreadCount(state)).toBe(1);
    expect(unreadCount(reduce(state, { type: "read", seq: 3 }))).toBe(0);
    expect(reduce(state, { type: "read", seq: 0 })).toBe(state);
  });
});

describe("how far an own message has come", () => {
  it.each([
    { mark: { delivered: 0, read: 0 }, reach: "kept" },
    { mark: { delivered: 1, read: 0 }, reach: "delivered" },
    { mark: { delivered: 1, read: 1 }, reach: "read" },
  ])("is $reach at delivered $mark.delivered, read $mark.read", ({ mark, reach }) => {
    const state = after(
      snapshot(),
      { type: "entries", entries: [said(1, "client", "one")] },
      { type: "marks", seat: "freelancer", mark },
      { type: "marks", seat: "client", mark: { delivered: 9, read: 9 } },
    );
    const message = state.view?.thread[0];

    expect(message?.kind === "message" && reachOf(state, message)).toBe(reach);
  });

  it("counts nobody of one's own side, and no observer", () => {
    const colleague = { seat: "client-2", role: "client", name: "Bo", guest: false } as const;
    const watcher = { ...colleague, seat: "observer", role: "observer", name: "Ola" } as const;
    const more = [colleague, watcher].map((one) => ({
      ...one,
      removed: false,
      invitedBy: "client",
    }));
    const mark = { delivered: 9, read: 9 };
    const state = after(
      snapshot({ view: view({ people: [...view().people, ...more] }) }),
      { type: "entries", entries: [said(1, "client", "one")] },
      { type: "marks", seat: "client-2", mark },
      { type: "marks", seat: "observer", mark },
    );
    const message = state.view?.thread[0];

    expect(message?.kind === "message" && reachOf(state, message)).toBe("kept");
  });
});

describe("the two threads", () => {
  const post = (id: string, side: boolean): Unsent => ({
    id,
    name: "message:post",
    payload: side ? { text: "x", side } : { text: "x" },
    at: 0,
    after: 0,
    state: { kind: "waiting" },
  });
  const side = said(3, "client-2", "Among us");
  const state = after(
    snapshot({ cursor: { shared: 2, "side:client": 2 } }),
    { type: "outbox", items: [post("a", false), post("b", true)] },
    { type: "entries", entries: [{ ...side, lane: "side:client" }] },
    { type: "typing", seat: "client-2", typing: true, side: true },
  );

  it("keep apart what was said, what waits, and who writes", () => {
    const shared = inLane(state, "shared");
    expect(shared.view?.thread).toEqual([]);
    expect(shared.outbox.map(({ id }) => id)).toEqual(["a"]);
    expect(shared.typing).toEqual([]);
    const own = inLane(state, "side");
    expect(own.view?.thread).toHaveLength(1);
    expect(own.outbox.map(({ id }) => id)).toEqual(["b"]);
    expect(own.typing).toEqual(["client-2"]);
    expect(own.cursor["shared"]).toBe(3);
  });

  it("are the same state where nothing of the one waits in the other", () => {
    const alone = after(snapshot(), { type: "outbox", items: [post("a", false)] });
    expect(inLane(alone, "shared")).toBe(alone);
  });
});
