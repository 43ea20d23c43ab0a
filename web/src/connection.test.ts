import { createServer } from "node:http";
import { type Socket as ServerSocket, Server } from "socket.io";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "./connection";
import type { Link } from "./state";

const AUTH = { interview: "abcdefghijklmnop", seat: "client" };

/** A real Socket.IO server on a free port. */
async function listening() {
  const http = createServer();
  const io = new Server(http, { serveClient: false });
  await new Promise<void>((ready) => http.listen(0, "127.0.0.1", ready));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("not listening on TCP");
  return { io, url: `http://127.0.0.1:${address.port}` };
}

let server: Awaited<ReturnType<typeof listening>>;
let connection: Connection | undefined;

beforeEach(async () => {
  server = await listening();
});

afterEach(async () => {
  connection?.close();
  await server.io.close();
});

function open(auth: () => typeof AUTH = () => AUTH) {
  const links: Link["kind"][] = [];
  connection = new Connection(auth, server.url);
  connection.onLink((link) => links.push(link.kind));
  connection.open();
  return { connection, links };
}

/** Welcomes everybody who connects, who then does `more`; counts them. */
function welcoming(more: (socket: ServerSocket, number: number) => void = () => {}) {
  const sockets = { connected: 0 };
  server.io.on("connection", (socket) => {
    sockets.connected += 1;
    socket.emit("welcome", {
      type: "welcome",
      seat: "client",
      role: "client",
      version: 1,
      now: Date.now(),
      textMax: 4000,
      ringsMs: 45_000,
    });
    more(socket, sockets.connected);
  });
  return sockets;
}

describe("a connection", () => {
  it("is live when it was welcomed, and carries its auth", async () => {
    let auth: unknown;
    welcoming((socket) => (auth = socket.handshake.auth));
    const { links } = open();

    await vi.waitFor(() => expect(links).toEqual(["live"]));
    expect(auth).toEqual(AUTH);
  });

  it("asks for its auth anew at each attempt", async () => {
    const auths: unknown[] = [];
    welcoming((socket, number) => {
      auths.push(socket.handshake.auth["seat"]);
      if (number === 1) socket.conn.close();
    });
    let attempt = 0;
    open(() => ({ ...AUTH, seat: `attempt-${(attempt += 1)}` }));

    await vi.waitFor(() => expect(auths).toEqual(["attempt-1", "attempt-2"]), 5_000);
  });

  it("sends a command with its id and gives the answer", async () => {
    welcoming((socket) =>
      socket.on("message:post", (payload: { id: string; text: string }, ack: (a: object) => void) =>
        ack({ ok: true, lane: payload.text, seq: payload.id.length }),
      ),
    );
    const { connection: made, links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    const outcome = await made.command("message:post", { text: "hello" }, "12345678");

    expect(outcome).toEqual({ ok: true, lane: "hello", seq: 8 });
  });

  it("sends a whole character for each half of one, which nobody could read", async () => {
    const texts: string[] = [];
    welcoming((socket) =>
      socket.on("message:post", (payload: { text: string }, ack: (answer: object) => void) => {
        texts.push(payload.text);
        ack({ ok: true, lane: "shared", seq: 4 });
      }),
    );
    const { connection: made, links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    await made.command("message:post", { text: "a \uD83D b \uDE00\uD83D c \u{1F600}" });

    expect(texts).toEqual(["a \uFFFD b \uFFFD\uFFFD c \u{1F600}"]);
  });

  it("refuses a command by itself while it is not connected", async () => {
    const { connection: made } = open();
    made.close();

    const outcome = await made.command("call:leave", {});

    expect(outcome).toMatchObject({ ok: false, code: "not_connected" });
  });

  it("says that the outcome is not known when the connection is lost before the answer", async () => {
    welcoming((socket) => socket.on("call:leave", () => socket.conn.close()));
    const { connection: made, links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    const outcome = await made.command("call:leave", {});

    expect(outcome).toMatchObject({ ok: false, code: "no_answer" });
    await vi.waitFor(() => expect(links).toEqual(["live", "reconnecting", "live"]), 5_000);
  });

  it("takes a new socket when nothing at all comes from the old one", async () => {
    const sockets = welcoming();
    const { connection: made, links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));
    made.hurry(true);

    const outcome = await made.ask("call:servers", {});

    expect(outcome).toMatchObject({ ok: false, code: "no_answer" });
    await vi.waitFor(() => expect(links.at(-1)).toBe("live"), 5_000);
    expect(sockets.connected).toBe(2);
  }, 10_000);

  it("waits for a late answer while nothing says that the network is gone", async () => {
    const sockets = welcoming((socket) =>
      socket.on("call:servers", (_: object, ack: (answer: object) => void) => {
        setTimeout(() => ack({ ok: true, iceServers: [] }), 4_500);
      }),
    );
    const { connection: made, links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    expect(await made.ask("call:servers", {})).toEqual({ ok: true, iceServers: [] });
    expect(sockets.connected).toBe(1);
  }, 10_000);

  it("tries again at once when an attempt in a call leads nowhere", async () => {
    const sockets = welcoming();
    const { connection: made, links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));
    const unanswered: ((trouble: string, allowed: boolean) => void)[] = [];
    server.io.engine.opts.allowRequest = (_: unknown, answer: (typeof unanswered)[0]) =>
      void unanswered.push(answer);
    made.hurry(true);

    for (const socket of server.io.sockets.sockets.values()) socket.conn.close();
    await vi.waitFor(() => expect(unanswered).toHaveLength(2), 8_000);
    delete server.io.engine.opts.allowRequest;

    await vi.waitFor(() => expect(links.at(-1)).toBe("live"), 5_000);
    expect(sockets.connected).toBe(2);
    for (const answer of unanswered) answer("too late", false);
  }, 15_000);

  it("comes back after the server has closed it", async () => {
    const sockets = welcoming((socket, number) => {
      if (number === 1) socket.disconnect();
    });
    open();

    await vi.waitFor(() => expect(sockets.connected).toBe(2), 5_000);
  });

  it("does not come back after a final good-bye", async () => {
    const sockets = welcoming((socket) => {
      socket.emit("bye", { type: "bye", code: "removed", message: "A moderator removed you." });
      socket.disconnect();
    });
    const { connection: made, links } = open();

    await vi.waitFor(() => expect(links.at(-1)).toBe("over"));
    dispatchEvent(new Event("online"));

    expect(made.link).toMatchObject({ kind: "over", code: "removed" });
    expect(sockets.connected).toBe(1);
  });

  it("says that the server is being restarted, and comes back", async () => {
    const sockets = welcoming((socket, number) => {
      if (number > 1) return;
      socket.emit("bye", { type: "bye", code: "restarting", message: "The server restarts." });
      socket.conn.close();
    });
    const { connection: made } = open();
    const links: Link[] = [];
    made.onLink((link) => links.push(link));

    const restarting = { kind: "reconnecting", restarting: true };
    await vi.waitFor(() => expect(links).toContainEqual(restarting), 5_000);
    await vi.waitFor(() => expect(links.at(-1)).toEqual({ kind: "live" }), 5_000);
    expect(sockets.connected).toBe(2);
  });

  it("is over when CONNECT is refused for good, and tries again when it is not", async () => {
    let attempts = 0;
    server.io.use((_, next) => {
      attempts += 1;
      const code = attempts === 1 ? "busy" : "not_signed_in";
      const retryAfterMs = attempts === 1 ? 20 : 0;
      next(Object.assign(new Error("No."), { data: { code, retryAfterMs } }));
    });
    const { connection: made, links } = open();

    await vi.waitFor(() => expect(links.at(-1)).toBe("over"), 5_000);
    expect(attempts).toBe(2);
    expect(made.link).toMatchObject({ code: "not_signed_in", message: "No." });
  });

  it("says so when the device goes offline, and hurries when it is back", async () => {
    welcoming();
    const { links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    dispatchEvent(new Event("offline"));
    expect(links.at(-1)).toBe("offline");
    dispatchEvent(new Event("online"));

    await vi.waitFor(() => expect(links.at(-1)).toBe("live"));
  });

  it("asks at once whether it is still there when the page comes to the front", async () => {
    const sockets = welcoming((socket, number) => {
      if (number === 2) {
        socket.on("call:servers", (_: object, ack: (answer: object) => void) => ack({ ok: true }));
      }
    });
    const { links } = open();
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    document.dispatchEvent(new Event("visibilitychange"));
    await vi.waitFor(() => expect(links).toContain("reconnecting"), 5_000);
    await vi.waitFor(() => expect(links.at(-1)).toBe("live"), 5_000);

    document.dispatchEvent(new Event("visibilitychange"));
    await new Promise((later) => setTimeout(later, 3_500));
    expect(sockets.connected).toBe(2);
  }, 15_000);

  it("forgets signals while it is not live", async () => {
    const heard: unknown[] = [];
    welcoming((socket) => socket.on("typing:set", (signal) => heard.push(signal)));
    const { connection: made, links } = open();
    made.signal("typing:set", { typing: true });
    await vi.waitFor(() => expect(links).toEqual(["live"]));

    made.signal("typing:set", { typing: false });

    await vi.waitFor(() => expect(heard).toEqual([{ typing: false }]));
  });
});
