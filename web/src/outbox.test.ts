import { beforeEach, describe, expect, it, vi } from "vitest";
import { refusal } from "./connection";
import { Outbox, UNSENT_MAX } from "./outbox";
import type { Done, Refused } from "./protocol.gen";
import type { Unsent } from "./state";

const AT = { interview: "abcdefghijklmnop", seat: "client" };
const DONE: Done = { ok: true, lane: "shared", seq: 1 };

type Sent = { readonly id: string; readonly answer: (outcome: Done | Refused) => void };

/** A server's stand-in at the outbox's own port: holds each command until the test answers. */
function server() {
  const sent: Sent[] = [];
  const send = (_name: string, _payload: object, id: string): Promise<Done | Refused> =>
    new Promise((answer) => sent.push({ id, answer }));
  return { sent, send };
}

function outbox(send: ReturnType<typeof server>["send"]) {
  let items: readonly Unsent[] = [];
  const box = new Outbox(AT, send, (now) => {
    items = now;
  });
  return { box, items: () => items };
}

function say(box: Outbox, text: string): boolean {
  return box.add({ name: "message:post", payload: { text } }, 0);
}

beforeEach(() => localStorage.clear());

describe("the outbox", () => {
  it("sends nothing while there is no connection, and keeps it over a reload", () => {
    const { sent, send } = server();
    const before = outbox(send);
    say(before.box, "one");
    say(before.box, "two");

    const { items } = outbox(send);

    expect(sent).toHaveLength(0);
    expect(items().map(({ payload }) => payload)).toEqual([{ text: "one" }, { text: "two" }]);
  });

  it("sends in order, one after the other, and forgets what was done", async () => {
    const { sent, send } = server();
    const { box, items } = outbox(send);
    say(box, "one");
    say(box, "two");

    box.setLive(true);
    expect(sent).toHaveLength(1);
    sent[0]?.answer(DONE);
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    sent[1]?.answer(DONE);

    await vi.waitFor(() => expect(items()).toHaveLength(0));
    expect(localStorage).toHaveLength(0);
  });

  it("keeps a command's id when it is sent again after a lost connection", async () => {
    const { sent, send } = server();
    const { box, items } = outbox(send);
    say(box, "one");
    box.setLive(true);

    box.setLive(false);
    sent[0]?.answer(refusal("no_answer", ""));
    await vi.waitFor(() => expect(items()[0]?.state.kind).toBe("waiting"));
    box.setLive(true);

    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]?.id).toBe(sent[0]?.id);
  });

  it("waits as long as it is told to, without letting later commands pass", async () => {
    vi.useFakeTimers();
    const { sent, send } = server();
    const { box } = outbox(send);
    say(box, "one");
    say(box, "two");
    box.setLive(true);

    sent[0]?.answer({ ...refusal("too_many", ""), retryAfterMs: 5_000 });
    await vi.advanceTimersByTimeAsync(4_900);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);

    expect(sent.map(({ id }) => id)).toEqual([sent[0]?.id, sent[0]?.id]);
    vi.useRealTimers();
  });

  it("says that a command is not saved yet while the server cannot save it", async () => {
    vi.useFakeTimers();
    const { sent, send } = server();
    const { box, items } = outbox(send);
    say(box, "one");
    box.setLive(true);

    sent[0]?.answer(refusal("store_down", ""));
    await vi.advanceTimersByTimeAsync(0);
    expect(items()[0]?.state).toEqual({ kind: "waiting", notSaved: true });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(items()[0]?.state).toEqual({ kind: "sending", notSaved: true });
    sent[1]?.answer(DONE);
    await vi.advanceTimersByTimeAsync(0);

    expect(items()).toEqual([]);
    vi.useRealTimers();
  });

  it("shows a refusal on its command, goes on with the next, and tries again when asked", async () => {
    const { sent, send } = server();
    const { box, items } = outbox(send);
    say(box, "one");
    say(box, "two");
    box.setLive(true);

    sent[0]?.answer(refusal("closed", "It is over."));
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    sent[1]?.answer(DONE);
    await vi.waitFor(() => expect(items()).toHaveLength(1));
    expect(items()[0]?.state).toEqual({
      kind: "refused",
      refusal: refusal("closed", "It is over."),
    });

    box.retry(items()[0]?.id ?? "");
    await vi.waitFor(() => expect(sent).toHaveLength(3));
    sent[2]?.answer(DONE);
    await vi.waitFor(() => expect(items()).toHaveLength(0));
  });

  it("forgets what is discarded, but not what is under way", () => {
    const { send } = server();
    const { box, items } = outbox(send);
    say(box, "one");
    say(box, "two");
    box.setLive(true);
    const [under, waiting] = items();

    box.discard(waiting?.id ?? "");
    box.discard(under?.id ?? "");

    expect(items().map(({ id }) => id)).toEqual([under?.id]);
  });

  it("takes no more than it may", () => {
    const { box } = outbox(server().send);
    for (let count = 0; count < UNSENT_MAX; count += 1) expect(say(box, "x")).toBe(true);

    expect(say(box, "one too many")).toBe(false);
  });

  it("ignores what it does not understand in storage", () => {
    localStorage.setItem("parley:unsent:abcdefghijklmnop:client", '[{"id": 1}, null, "x"]');

    expect(outbox(server().send).items()).toEqual([]);
  });

  it("follows what another tab of the same seat has sent", () => {
    const { box, items } = outbox(server().send);
    box.open();
    say(box, "one");
    localStorage.removeItem("parley:unsent:abcdefghijklmnop:client");

    dispatchEvent(new StorageEvent("storage", { key: "parley:unsent:abcdefghijklmnop:client" }));

    expect(items()).toEqual([]);
    box.close();
  });
});
