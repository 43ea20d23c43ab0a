import { createServer } from "node:http";
import { type Socket as ServerSocket, Server } from "socket.io";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Entry } from "./protocol.gen";
import { Session } from "./session";
import { said, snapshot } from "./test/record";

const AT = { interview: "abcdefghijklmnop", seat: "client" };

type Payload = { readonly text?: string; readonly cursor?: { readonly shared: number } };
type Heard = { readonly name: string; readonly payload: unknown };

/** A real Socket.IO server that keeps a record of messages and tells it by cursor. */
class RecordServer {
  readonly http = createServer();
  readonly io = new Server(this.http, { serveClient: false });
  readonly record: Entry[] = [];
  readonly heard: Heard[] = [];
  readonly cursors: unknown[] = [];
  sockets: ServerSocket[] = [];

  async listen(): Promise<string> {
    this.io.on("connection", (socket) => this.#seat(socket));
    await new Promise<void>((ready) => this.http.listen(0, "127.0.0.1", ready));
    const address = this.http.address();
    if (address === null || typeof address === "string") throw new Error("not listening on TCP");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Adds a message to the record; `told` is false for one that is lost on the way. */
  say(text: string, told = true, by = "freelancer"): void {
    const entry = said(this.record.length + 1, by, text);
    this.record.push(entry);
    if (told) this.io.emit("entries", { type: "entries", entries: [entry] });
  }

  #seat(socket: ServerSocket): void {
    this.sockets.push(socket);
    const { cursor } = socket.handshake.auth;
    this.cursors.push(cursor);
    socket.emit("welcome", {
      type: "welcome",
      seat: "client",
      role: "client",
      version: 1,
      now: Date.now() + 60_000,
      textMax: 4000,
      ringsMs: 45_000,
    });
    if (cursor === undefined) socket.emit("snapshot", snapshot());
    this.#tell(socket, cursor?.shared ?? 0);
    socket.onAny((name: string, payload: Payload, ack?: (answer: object) => void) =>
      this.#hear(socket, name, payload, ack),
    );
  }

  #hear(
    socket: ServerSocket,
    name: string,
    payload: Payload,
    ack: ((answer: object) => void) | undefined,
  ): void {
    this.heard.push({ name, payload });
    if (name === "message:post") this.say(payload.text ?? "", true, "client");
    if (name === "record:sync") this.#tell(socket, payload.cursor?.shared ?? 0);
    ack?.({ ok: true, lane: "shared", seq: this.record.length });
  }

  #tell(socket: ServerSocket, after: number): void {
    socket.emit("entries", { type: "entries", entries: this.record.slice(after) });
  }
}

let server: RecordServer;
let session: Session;

beforeEach(async () => {
  localStorage.clear();
  server = new RecordServer();
  session = new Session(AT, await server.listen());
});

afterEach(async () => {
  session.close();
  await server.io.close();
});

function texts(): readonly (string | null | undefined)[] {
  return (session.store.state.view?.thread ?? []).map((item) =>
    item.kind === "message" ? item.versions.at(-1)?.text : null,
  );
}

async function live(): Promise<void> {
  session.open();
  await vi.waitFor(() => expect(session.store.state.view).not.toBeNull());
}

describe("a session", () => {
  it("knows who it is, and how far the server's clock is ahead", async () => {
    await live();

    const { me, clockAhead } = session.store.state;
    expect(me).toEqual({ seat: "client", role: "client" });
    expect(Math.abs(clockAhead - 60_000)).toBeLessThan(1_000);
  });

  it("asks for what was lost on the way, and has it in order", async () => {
    await live();
    server.say("one");
    server.say("two", false);
    server.say("three");

    await vi.waitFor(() => expect(texts()).toEqual(["one", "two", "three"]));
    expect(server.heard.filter(({ name }) => name === "record:sync")).toEqual([
      { name: "record:sync", payload: { cursor: { shared: 1 } } },
    ]);
  });

  it("comes back with its cursor and misses nothing", async () => {
    await live();
    server.say("one");
    await vi.waitFor(() => expect(texts()).toEqual(["one"]));

    for (const socket of server.sockets) socket.conn.close();
    server.say("two", false);

    await vi.waitFor(() => expect(texts()).toEqual(["one", "two"]), 5_000);
    expect(server.cursors).toEqual([undefined, { shared: 1 }]);
  });

  it("sends what was written before the connection was there", async () => {
    session.outbox.add({ name: "message:post", payload: { text: "early" } }, 0);

    await live();

    await vi.waitFor(() => expect(texts()).toEqual(["early"]));
    await vi.waitFor(() => expect(session.store.state.outbox).toEqual([]));
  });

  it("tells how far it has received and the person has read, and not twice", async () => {
    await live();
    server.say("one");
    await vi.waitFor(() => expect(texts()).toEqual(["one"]));
    session.markRead(1);
    session.markRead(1);

    const marks = () => server.heard.filter(({ name }) => name === "mark:set");
    await vi.waitFor(() => expect(marks().at(-1)?.payload).toEqual({ delivered: 1, read: 1 }));
    expect(new Set(marks().map(({ payload }) => JSON.stringify(payload))).size).toBe(
      marks().length,
    );
  });

  it("tells marks again after it was closed in the middle of that, and opened", async () => {
    await live();
    server.say("one");
    await vi.waitFor(() => expect(texts()).toEqual(["one"]));
    session.close();

    session.open();
    await vi.waitFor(() => expect(session.store.state.link.kind).toBe("live"));
    session.markRead(1);

    const marks = () => server.heard.filter(({ name }) => name === "mark:set");
    await vi.waitFor(() => expect(marks().at(-1)?.payload).toEqual({ delivered: 1, read: 1 }));
  });

  it("says that the person writes, and that they stopped, once each", async () => {
    await live();

    session.setTyping(true, "shared");
    session.setTyping(true, "shared");
    session.setTyping(false, "shared");
    session.setTyping(false, "shared");

    const typing = () => server.heard.filter(({ name }) => name === "typing:set");
    await vi.waitFor(() => expect(typing()).toHaveLength(2));
    expect(typing().map(({ payload }) => payload)).toEqual([{ typing: true }, { typing: false }]);
  });
});
