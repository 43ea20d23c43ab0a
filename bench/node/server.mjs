// Socket.IO's own server doing the yardstick's work: rooms of two, one durable, idempotent append
// a message by a script, then the relay and the acknowledgement. Arguments: the store's Unix
// socket, the file with the script, and `nodes` to relay to other nodes through the Redis adapter.
// Prints its port.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

const [socketPath, script, nodes] = process.argv.slice(2);
// Auto-pipelining writes the commands of one loop tick at once, as our store's link does.
const redis = new Redis({ path: socketPath, enableAutoPipelining: true });
redis.defineCommand("keep", { numberOfKeys: 2, lua: readFileSync(script, "utf8") });

const http = createServer();
const io = new Server(http, { transports: ["websocket"], maxHttpBufferSize: 262144 });

if (nodes) {
  const [publisher, subscriber] = [redis.duplicate(), redis.duplicate()];
  io.adapter(createAdapter(publisher, subscriber));
}

io.on("connection", (socket) => {
  const { room, name } = socket.handshake.auth;
  socket.join(room);
  socket.on("post", async (message, ack) => {
    const { id, text } = message;
    if (typeof id !== "string" || id.length > 64 || typeof text !== "string" || text.length > 4000)
      return ack({ ok: false, code: "malformed" });
    const [seq, fresh] = await redis.keep(`s:{${room}}`, `d:{${room}}`, id, name, text);
    if (fresh) socket.to(room).emit("told", { id, seq, from: name, text });
    ack({ ok: true, seq });
  });
});

http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  process.stdout.write(`${http.address().port}\n`);
});
