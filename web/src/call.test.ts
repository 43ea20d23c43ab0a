import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refusal } from "./connection";
import { withMedia } from "./test/media";
import { ACTIVE, BEN, ENDED, ME, NEXT, RINGING, closePages, page } from "./test/page";
import { snapshot, view } from "./test/record";

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  closePages();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("taking part", () => {
  it("asks for no device before somebody wants to talk", () => {
    const { asked } = withMedia();
    const { record } = page();
    record({ ...RINGING, by: "freelancer", people: [BEN] });
    expect(asked).toEqual([]);
  });

  it("connects when the call that was rung here is answered", async () => {
    const { connections } = withMedia();
    const { client, record } = page();
    await client.ring("video");
    record(RINGING);
    expect(connections).toHaveLength(0);
    record(ACTIVE);
    await vi.waitFor(() => expect(client.store.state.line).toEqual({ kind: "connected" }));
    expect(connections).toHaveLength(1);
  });

  it("sends one size of the picture to one other person and all to several", async () => {
    const { connections } = withMedia();
    const { client, record, line } = page();
    await client.ring("video");
    record(RINGING);
    record(ACTIVE);
    await vi.waitFor(() => expect(line()).toBe("connected"));
    const sizes = () =>
      connections[0]
        ?.getTransceivers()[1]
        ?.sender.encodings.filter(({ active }) => active)
        .map(({ rid }) => rid);
    expect(sizes()).toEqual(["f"]);

    record({ ...ACTIVE, people: [ME, BEN, { ...ME, seat: "client-2" }] });
    await vi.waitFor(() => expect(sizes()).toEqual(["q", "h", "f"]));

    record(ACTIVE);
    await vi.waitFor(() => expect(sizes()).toEqual(["f"]));
    expect(connections).toHaveLength(1);
  });

  it("stays out of a call that another window of this seat is in", () => {
    const { connections, asked } = withMedia();
    const { record, line } = page();
    record(ACTIVE);
    expect(line()).toBe("elsewhere");
    expect(connections).toHaveLength(0);
    expect(asked).toEqual([]);
  });

  it("comes back after a reload, muted as before", async () => {
    const { tracks } = withMedia();
    const first = page();
    await first.client.ring("video");
    first.record(RINGING);
    const second = page();
    second.record({ ...ACTIVE, people: [{ ...ME, microphone: false, camera: false }, BEN] });
    await vi.waitFor(() => expect(second.line()).toBe("connected"));
    await vi.waitFor(() => expect(second.client.store.state.microphone.kind).toBe("on"));
    expect(second.client.store.state.intent).toEqual({ microphone: false, camera: false });
    expect(tracks.at(-1)).toMatchObject({ kind: "audio", enabled: false });
  });
});

describe("stopping", () => {
  it("sends nothing any more from the moment of leaving, before the server has answered", async () => {
    const { connections, tracks } = withMedia();
    const { client, record, line } = page();
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() => expect(line()).toBe("connected"));
    await vi.waitFor(() => expect(client.store.state.camera.kind).toBe("on"));
    const leaving = client.leave();
    expect(connections[0]?.connectionState).toBe("closed");
    expect(tracks.map(({ readyState }) => readyState)).toEqual(["ended", "ended"]);
    await leaving;
  });

  it.each([
    ["the record says that the call is over", ENDED],
    ["another call has begun", NEXT],
  ])("gives all back when %s", async (_, next) => {
    const { connections, tracks } = withMedia();
    const { client, record, line } = page();
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() => expect(client.store.state.camera.kind).toBe("on"));
    record(next);
    expect(line()).toBe("idle");
    expect(connections[0]?.connectionState).toBe("closed");
    expect(tracks.every(({ readyState }) => readyState === "ended")).toBe(true);
  });

  it("stops at once when the server says good-bye for good", async () => {
    const { tracks } = withMedia();
    const { client, record, store } = page();
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() => expect(client.store.state.camera.kind).toBe("on"));
    store.dispatch({ type: "linked", link: { kind: "over", code: "removed", message: "Out." } });
    expect(tracks.every(({ readyState }) => readyState === "ended")).toBe(true);
  });
});

describe("what the record is told", () => {
  it("is that the microphone is off where the browser gives none", async () => {
    withMedia(true);
    const { client, record, sent } = page();
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() =>
      expect(sent).toContainEqual({
        name: "call:media",
        payload: { microphone: false, camera: false, pause: null, screen: "off" },
      }),
    );
  });

  it("is a mute that took effect here already", async () => {
    const { tracks } = withMedia();
    const { client, record, sent } = page();
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() => expect(client.store.state.camera.kind).toBe("on"));
    client.setIntent({ microphone: false });
    expect(tracks[0]?.enabled).toBe(false);
    expect(sent.at(-1)).toEqual({
      name: "call:media",
      payload: { microphone: false, camera: true, pause: null, screen: "off" },
    });
  });
});

describe("sound only", () => {
  async function inCall() {
    const { tracks, connections } = withMedia();
    const made = page();
    await made.client.ring("video");
    made.record(ACTIVE);
    await vi.waitFor(() => expect(made.client.store.state.camera.kind).toBe("on"));
    const sending = () => connections[0]?.getTransceivers().map(({ sender }) => sender.track);
    return { ...made, tracks, sending };
  }

  it("sends no picture and tells the others why, until it is video again", async () => {
    const { client, sent, sending, tracks } = await inCall();
    client.setSoundOnly(true);
    await vi.waitFor(() => expect(sending()).toEqual([tracks[0], null]));
    const pause = { held: "picture", why: "chosen" };
    expect(sent).toContainEqual({
      name: "call:media",
      payload: { microphone: true, camera: true, pause, screen: "off" },
    });
    client.setSoundOnly(false);
    await vi.waitFor(() => expect(sending()).toEqual([tracks[0], tracks[1]]));
  });

  it("of everybody else spares them the own picture", async () => {
    const { record, sending, tracks, client } = await inCall();
    const pause = { held: "picture", why: "chosen" } as const;
    record({ ...ACTIVE, people: [ME, { ...BEN, connected: true, pause }] });
    await vi.waitFor(() => expect(sending()).toEqual([tracks[0], null]));
    expect(client.store.state.pause).toEqual({ held: "picture", why: "theirs" });
    expect(client.store.state.intent.camera).toBe(true);
  });
});

describe("holding a key to talk", () => {
  async function inCall() {
    const { tracks } = withMedia();
    const made = page();
    await made.client.ring("video");
    made.record(ACTIVE);
    await vi.waitFor(() => expect(made.client.store.state.microphone.kind).toBe("on"));
    return { ...made, microphone: tracks[0] };
  }

  it("opens a muted microphone for as long as it is held", async () => {
    const { client, microphone } = await inCall();
    client.setIntent({ microphone: false });
    expect(client.talk(true)).toBe(true);
    expect(microphone?.enabled).toBe(true);
    expect(client.store.state.talking).toBe(true);
    expect(client.talk(false)).toBe(true);
    expect(microphone?.enabled).toBe(false);
    expect(client.store.state.talking).toBe(false);
  });

  it("means nothing while the microphone is on", async () => {
    const { client, microphone } = await inCall();
    expect(client.talk(true)).toBe(false);
    expect(client.talk(false)).toBe(false);
    expect(microphone?.enabled).toBe(true);
  });

  it("does not leave an open microphone behind when the page is loaded again meanwhile", async () => {
    const { client, record } = await inCall();
    client.setIntent({ microphone: false });
    client.talk(true);
    client.close();
    record(null);
    const again = page();
    again.record(ACTIVE); // where the microphone is still on
    await vi.waitFor(() => expect(again.client.store.state.microphone.kind).toBe("on"));
    expect(again.client.store.state.intent.microphone).toBe(false);
  });
});

describe("when it cannot be", () => {
  it("says why in the server's words, and tries again when asked", async () => {
    const { connections } = withMedia();
    const message = "This server carries as many calls as it can. Try again soon.";
    const { client, record, line } = page(refusal("calls_full", message));
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() => expect(line()).toBe("failed"));
    expect(client.store.state.line).toMatchObject({ message });
    client.retry();
    expect(connections).toHaveLength(2);
  });
});

describe("a path that is lost", () => {
  async function inCall() {
    const { connections } = withMedia();
    const made = page();
    await made.client.ring("video");
    made.record(ACTIVE);
    await vi.waitFor(() => expect(made.line()).toBe("connected"));
    const offers = () => made.sent.filter(({ name }) => name === "call:offer");
    return { ...made, connections, offers };
  }

  it("is looked for anew over the connection that there is", async () => {
    const { connections, line, offers } = await inCall();
    connections[0]?.become("disconnected");
    expect(line()).toBe("reconnecting");
    await vi.waitFor(() => expect(line()).toBe("connected"));
    expect(offers()).toHaveLength(2);
    expect(connections).toHaveLength(1);
    expect(connections[0]?.restarts).toBe(1);
  });

  it("is looked for once the server can be asked, in haste for that", async () => {
    const { connections, line, offers, store, server } = await inCall();
    store.dispatch({ type: "linked", link: { kind: "reconnecting" } });
    connections[0]?.become("disconnected");
    connections[0]?.become("failed");
    expect(line()).toBe("reconnecting");
    expect(offers()).toHaveLength(1);
    expect(server.hurries).toBe(true);
    store.dispatch({ type: "linked", link: { kind: "live" } });
    await vi.waitFor(() => expect(line()).toBe("connected"));
    expect(offers()).toHaveLength(2);
    expect(connections).toHaveLength(1);
  });

  it("takes a new connection where the server knows nothing of the old one", async () => {
    const { connections, line, server } = await inCall();
    server.session = 2;
    connections[0]?.become("disconnected");
    await vi.waitFor(() => expect(connections).toHaveLength(2));
    await vi.waitFor(() => expect(line()).toBe("connected"));
    expect(connections[0]?.connectionState).toBe("closed");
  });

  it("is looked for when the page returns, and in haste, where nothing comes any more", async () => {
    const { connections, server } = await inCall();
    await vi.waitFor(() => expect(server.hurries).toBe(false), 5_000);
    Object.assign(connections[0] ?? {}, { reached: false });
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.waitFor(() => expect(connections[0]?.restarts).toBe(1), 3_000);
    await vi.waitFor(() => expect(server.hurries).toBe(true), 8_000);
  }, 15_000);

  it("is in no hurry when the call is over", async () => {
    const { record, server } = await inCall();
    record(ENDED);
    expect(server.hurries).toBe(false);
  });
});

describe("being muted by somebody else", () => {
  const muted = {
    kind: "notice",
    lane: "shared",
    seq: 9,
    event: { type: "call:muted", by: "client-2", at: 0, seat: "client", kind: "microphone" },
    text: null,
  } as const;

  it("is off at once, said with who did it, and over when one switches on again", async () => {
    withMedia();
    const { client, record, store, sent } = page();
    await client.ring("video");
    record(ACTIVE);
    await vi.waitFor(() => expect(client.store.state.microphone.kind).toBe("on"));
    const off = { ...ACTIVE, people: [{ ...ME, microphone: false }, BEN] };
    const told = view({ call: off, thread: [muted] });
    store.dispatch(snapshot({ view: told, cursor: { shared: 9 } }));
    expect(client.store.state.intent).toEqual({ microphone: false, camera: true });
    expect(client.store.state.muted).toEqual({ kind: "microphone", by: "client-2" });
    expect(sent.filter(({ name }) => name === "call:media")).toEqual([]);
    client.setIntent({ microphone: true });
    expect(client.store.state.muted).toBeNull();
  });
});
