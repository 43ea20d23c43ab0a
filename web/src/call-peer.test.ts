import { afterEach, expect, it, vi } from "vitest";
import { Peer, type PeerPort } from "./call-peer";
import { withMedia } from "./test/media";

const NOTHING = { audio: null, video: null, screenSound: null, screen: null };

async function camera() {
  const [video = null] = (
    await navigator.mediaDevices.getUserMedia({ video: true })
  ).getVideoTracks();
  return { video };
}

afterEach(() => vi.unstubAllGlobals());

it("goes on with the sizes that it sends in a browser that cannot switch them", async () => {
  const { connections } = withMedia();
  const peer = new Peer(
    {
      offer: async ({ generation }) => ({ ok: true, generation, sdp: "o=- 1 1 IN IP4 0.0.0.0" }),
      servers: async () => ({ ok: true, iceServers: [] }),
      changed: () => undefined,
      declined: () => undefined,
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

it.each([
  ["its picture", false, "sendrecv"],
  ["what it watches", true, "recvonly"],
])(
  "says that %s was declined, and offers it again with the next offer",
  async (_, watches, way) => {
    const { connections, tracks } = withMedia();
    const { video } = await camera();
    const declined: boolean[] = [];
    let taken = "m=video 0 UDP/TLS/RTP/SAVPF 96";
    const peer = new Peer(
      {
        offer: async ({ generation }) => ({
          ok: true,
          generation,
          sdp: `o=- 1 1 IN IP4 ::\n${taken}`,
        }),
        servers: async () => ({ ok: true, iceServers: [] }),
        changed: () => undefined,
        declined: (now) => declined.push(now),
        streams: () => undefined,
      },
      { ...NOTHING, video },
      { several: false, watches },
    );

    await peer.negotiate({ audio: 1, video: 1 });
    await peer.send(NOTHING);
    taken = "m=video 9 UDP/TLS/RTP/SAVPF 96";
    await peer.negotiate({ audio: 1, video: 1 });
    await peer.send({ ...NOTHING, video });

    expect(declined).toEqual([true, false]);
    const lines = connections[0]?.getTransceivers() ?? [];
    expect(lines.map(({ currentDirection }) => currentDirection)).toEqual([way, "stopped", way]);
    expect(lines[2]?.sender.track?.id).toBe(tracks[0]?.id);
  },
);

it("offers a declined line again in one line, though an offer came to nothing in between", async () => {
  const { connections } = withMedia();
  const refused = { ok: false, code: "busy", message: "", retryAfterMs: 0, incident: "" } as const;
  const offer = vi.fn<PeerPort["offer"]>(async ({ generation }) => ({
    ok: true,
    generation,
    sdp: "o=- 1 1 IN IP4 ::\nm=video 9 UDP/TLS/RTP/SAVPF 96",
  }));
  offer.mockImplementationOnce(async ({ generation }) => ({
    ok: true,
    generation,
    sdp: "o=- 1 1 IN IP4 ::\nm=video 0 UDP/TLS/RTP/SAVPF 96",
  }));
  offer.mockResolvedValueOnce(refused);
  const peer = new Peer(
    {
      offer,
      servers: async () => ({ ok: true, iceServers: [] }),
      changed: () => undefined,
      declined: () => undefined,
      streams: () => undefined,
    },
    NOTHING,
    { several: false, watches: false },
  );

  await peer.negotiate({ audio: 1, video: 1 });
  await peer.negotiate({ audio: 1, video: 1 });
  await peer.negotiate({ audio: 1, video: 1 });

  const lines = connections[0]?.getTransceivers() ?? [];
  const ways = lines.map(({ currentDirection }) => currentDirection);
  expect(ways).toEqual(["sendrecv", "stopped", "sendrecv"]);
});
