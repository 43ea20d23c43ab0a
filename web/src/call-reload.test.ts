/** What a reload must not lose, nor switch on again. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallWindow } from "./call-window";
import { withMedia } from "./test/media";
import { ACTIVE, AT, BEN, ME, RINGING, closePages, page } from "./test/page";

beforeEach(() => sessionStorage.clear());
afterEach(() => {
  closePages();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a page that is loaded again before it has heard of what was begun in it", () => {
  /** The person rings without their camera, and the page is gone before the record tells of it. */
  async function rung() {
    withMedia();
    const { client } = page();
    client.prepare({ purpose: "ring", media: "video" });
    client.setIntent({ camera: false });
    await client.ring("video");
    client.close();
  }
  const MEANT = { microphone: true, camera: false };

  it("is in the call, and sends no more than was meant", async () => {
    await rung();
    const again = page();
    again.record(RINGING);
    again.record(ACTIVE);
    await vi.waitFor(() => expect(again.line()).toBe("connected"));
    expect(again.client.store.state.intent).toEqual(MEANT);
  });

  it("means the same when it is loaded once more before the record has heard that", async () => {
    await rung();
    const second = page();
    second.record(RINGING);
    second.client.close();
    const third = page();
    third.record(ACTIVE);
    await vi.waitFor(() => expect(third.line()).toBe("connected"));
    expect(third.client.store.state.intent).toEqual(MEANT);
  });

  it("is not, where another window was asked for it meanwhile", async () => {
    await rung();
    const again = page();
    const other = new CallWindow(AT);
    other.open(() => undefined);
    other.announce(null);
    await vi.waitFor(() => expect(sessionStorage).toHaveLength(0));
    again.record(ACTIVE);
    expect(again.line()).toBe("elsewhere");
    other.close();
  });

  it("is not, of a call that begins long after", async () => {
    await rung();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    const again = page();
    again.record(ACTIVE);
    expect(again.line()).toBe("elsewhere");
  });

  it("is not, of a call that was left", async () => {
    await rung();
    const second = page();
    second.record(ACTIVE);
    await second.client.leave();
    second.client.close();
    const third = page();
    third.record(ACTIVE);
    expect(third.line()).toBe("elsewhere");
  });
});

describe("a page that is loaded again in a call", () => {
  /** A page that is in the call, with microphone and camera on. */
  async function connected() {
    withMedia();
    const first = page();
    await first.client.ring("video");
    first.record(RINGING);
    first.record(ACTIVE);
    await vi.waitFor(() => expect(first.line()).toBe("connected"));
    return first;
  }

  it("keeps off after a reload what was switched off, and the record does not say so yet", async () => {
    const first = await connected();
    first.client.setIntent({ microphone: false });
    first.client.setIntent({ camera: false });
    first.client.close();
    const second = page();
    second.record(ACTIVE);
    await vi.waitFor(() => expect(second.line()).toBe("connected"));
    expect(second.client.store.state.intent).toEqual({ microphone: false, camera: false });
  });

  it("keeps nothing of what was meant once another window is in the call", async () => {
    const first = await connected();
    first.client.setIntent({ microphone: false });
    const other = new CallWindow(AT);
    other.open(() => undefined);
    other.announce(ACTIVE.call);
    await vi.waitFor(() => expect(first.line()).toBe("elsewhere"));
    expect(other.passing("microphone")).toBe(false);
    other.close();
  });

  it("goes by the record after a reload once that said what was meant", async () => {
    const first = await connected();
    first.client.setIntent({ microphone: false });
    first.record({ ...ACTIVE, people: [{ ...ME, microphone: false }, BEN] });
    first.client.close();
    const second = page();
    second.record(ACTIVE);
    await vi.waitFor(() => expect(second.line()).toBe("connected"));
    expect(second.client.store.state.intent).toEqual({ microphone: true, camera: true });
  });
});
