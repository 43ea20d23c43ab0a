import { afterEach, expect, it, vi } from "vitest";
import { Peer } from "./call-peer";
import { withMedia } from "./test/media";

const NOTHING = { audio: null, video: null, screenSound: null, screen: null };

afterEach(() => vi.unstubAllGlobals());

it("goes on with the sizes that it sends in a browser that cannot switch them", async () => {
  const { connections } = withMedia();
  const peer = new Peer(
    {
      offer: async ({ generation }) => ({ ok: true, generation, sdp: "o=- 1 1 IN IP4 0.0.0.0" }),
      servers: async () => ({ ok: true, iceServers: [] }),
      changed: () => undefined,
      streams: () => undefined,
    },
    NOTHING,
    { several: false, watches: false },
  );
  const sender = connections[0]?.getTransceivers()[1]?.sender;
  const refused = vi.fn<() => Promise<void>>(async () => {
    throw new DOMException("", "InvalidModificationError");
  });
  Object.assign(sender ?? {}, { setParameters: refused });

  await peer.resize(true);

  expect(refused).toHaveBeenCalledOnce();
  await expect(peer.negotiate({ audio: 1, video: 1 })).resolves.toBe("taken");
});
