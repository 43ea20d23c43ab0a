import { afterEach, expect, it, vi } from "vitest";
import { type OwnTracks, Peer, type PeerPort } from "./call-peer";
import { withMedia } from "./test/media";

const NOTHING = { audio: null, video: null, screenSound: null, screen: null };

async function camera() {
  const [video = null] = (
    await navigator.mediaDevices.getUserMedia({ video: true })
  ).getVideoTracks();
  return { video };
}

/** A peer whose offers are answered so, and who is told nothing else. */
function peerWith(
  offer: PeerPort["offer"],
  {
    watches = false,
    tracks = NOTHING,
    declined = () => undefined,
  }: Partial<{
    watches: boolean;
    tracks: OwnTracks;
    declined: PeerPort["declined"];
  }> = {},
): Peer {
  const port = {
    offer,
    servers: async () => ({ ok: true, iceServers: [] }) as const,
    changed: () => undefined,
    declined,
    streams: () => undefined,
  };
  return new Peer(port, tracks, { several: false, watches });
}

/** An answer that begins so, with these lines. */
function answered(...lines: readonly string[]): PeerPort["offer"] {
  const sdp = ["o=- 1 1 IN IP4 ::", ...lines].join("\n");
  return async ({ generation }) => ({ ok: true, generation, sdp });
}

const TAKEN = "m=video 9 UDP/TLS/RTP/SAVPF 96";
const DECLINED = "m=video 0 UDP/TLS/RTP/SAVPF 96";

afterEach(() => vi.unstubAllGlobals());

it("goes on with the sizes that it sends in a browser that cannot switch them", async () => {
  const { connections } = withMedia();
  const peer = peerWith(answered());
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
    const offer = vi.fn<PeerPort["offer"]>(answered(TAKEN));
    offer.mockImplementationOnce(answered(DECLINED));
    const peer = peerWith(offer, {
      watches,
      tracks: { ...NOTHING, video },
      declined: (now) => declined.push(now),
    });

    await peer.negotiate({ audio: 1, video: 1 });
    await peer.send(NOTHING);
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
  const offer = vi.fn<PeerPort["offer"]>(answered(TAKEN));
  offer.mockImplementationOnce(answered(DECLINED));
  offer.mockResolvedValueOnce(refused);
  const peer = peerWith(offer);

  await peer.negotiate({ audio: 1, video: 1 });
  await peer.negotiate({ audio: 1, video: 1 });
  await peer.negotiate({ audio: 1, video: 1 });

  const lines = connections[0]?.getTransceivers() ?? [];
  const ways = lines.map(({ currentDirection }) => currentDirection);
  expect(ways).toEqual(["sendrecv", "stopped", "sendrecv"]);
});
