import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refusal } from "./connection";
import { withMedia } from "./test/media";
import { ACTIVE, AT, BEN, ENDED, RINGING, closePages, page } from "./test/page";
import { snapshot, view } from "./test/record";

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  closePages();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("leaving", () => {
  const OWED = refusal("store_down", "The server cannot reach its store just now.");

  async function inCall() {
    withMedia();
    const made = page();
    await made.client.ring("video");
    made.record(ACTIVE);
    await vi.waitFor(() => expect(made.line()).toBe("connected"));
    const left = () => made.sent.filter(({ name }) => name === "call:leave").length;
    return { ...made, left, leaving: () => made.client.store.state.leaving };
  }

  it("is said from the first moment on", async () => {
    const { client, leaving } = await inCall();
    const left = client.leave();
    expect(leaving()).toBe("telling");
    await left;
    expect(leaving()).toBeNull();
  });

  it("is told until the server has kept it, also while it answers other things", async () => {
    const { client, server, left, leaving } = await inCall();
    server.refuses = { "call:leave": OWED };
    await client.leave();
    expect(leaving()).toBe("owed");
    server.refuses = {};
    await vi.waitFor(() => expect(left()).toBe(2), 5_000);
    await vi.waitFor(() => expect(leaving()).toBeNull());
  });

  it("is not told any more to whoever has come back meanwhile", async () => {
    const { client, server, line, leaving } = await inCall();
    server.refuses = { "call:leave": OWED };
    await client.leave();
    client.takeOver();
    expect(leaving()).toBeNull();
    await vi.waitFor(() => expect(line()).toBe("connected"));
  });

  it("is told no more once the record shows it", async () => {
    const { client, record, server, left } = await inCall();
    server.refuses = { "call:leave": OWED };
    vi.useFakeTimers();
    await client.leave();
    record({ ...ACTIVE, people: [BEN] });
    record(ACTIVE); // let in again, from another device
    await vi.advanceTimersByTimeAsync(5_000);
    expect(left()).toBe(1);
  });

  it("is told by the page that was loaded again before the server knew", async () => {
    const { client, server, store, record } = await inCall();
    store.dispatch({ type: "linked", link: { kind: "reconnecting" } });
    server.refuses = { "call:leave": refusal("not_connected", "You are not connected.") };
    await client.leave();
    client.close();
    record(null);

    const again = page();
    again.record(ACTIVE);
    expect(again.client.store.state.leaving).toBe("telling");
    expect(again.sent.at(-1)?.name).toBe("call:leave");
    expect(again.line()).toBe("elsewhere");
  });
});

describe("pressing at the same moment", () => {
  it("goes on in the window where it was pressed last", async () => {
    const { connections } = withMedia();
    const { client, record, line } = page();
    record({ ...RINGING, by: "freelancer", people: [BEN] });
    await client.accept({ microphone: true, camera: true });
    const name = `parley.call:${AT.interview}/${AT.seat}`;
    const [other, third] = [new BroadcastChannel(name), new BroadcastChannel(name)];
    const told = new Promise((tell) => third.addEventListener("message", tell, { once: true }));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    other.postMessage(null);
    await told;
    record(ACTIVE);
    expect(line()).toBe("elsewhere");
    expect(connections).toHaveLength(0);
    for (const window of [other, third]) window.close();
  });

  it("rings on where the other side's ring was taken back just before", async () => {
    const { connections } = withMedia();
    const { client, record, line } = page();
    await client.ring("video");
    record({ ...RINGING, by: "freelancer", people: [BEN] });
    record({ ...ENDED, by: "freelancer", people: [BEN] });
    record({ ...RINGING, call: 9 });
    record({ ...ACTIVE, call: 9 });
    await vi.waitFor(() => expect(line()).toBe("connected"));
    expect(connections).toHaveLength(1);
  });

  it("leaves the device check open where the other side's ring was taken back", () => {
    withMedia();
    const { client, record } = page();
    client.prepare({ purpose: "ring", media: "video" });
    record({ ...RINGING, by: "freelancer", people: [BEN] });
    record({ ...ENDED, by: "freelancer", people: [BEN] });
    expect(client.store.state.check?.purpose).toBe("ring");
  });

  it("gives the devices back where there can be no call any more", async () => {
    const { tracks } = withMedia();
    const { client, store } = page();
    client.prepare({ purpose: "ring", media: "video" });
    await vi.waitFor(() => expect(client.store.state.camera.kind).toBe("on"));
    const over = view({ call: null, phase: "ended" });
    store.dispatch(snapshot({ view: over, cursor: { shared: 9 } }));
    expect(client.store.state.check).toBeNull();
    expect(tracks.every(({ readyState }) => readyState === "ended")).toBe(true);
  });
});
