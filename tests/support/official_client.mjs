// The official socket.io-client, driven by `tests/server/test_transport_client.py`.
// Arguments: the server's address and what to do; prints one JSON object and exits.
import { createRequire } from "node:module";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { io } = require("socket.io-client");

const [url, script] = process.argv.slice(2);
const heard = (emitter, name) =>
  new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));
const connect = (auth, more = {}) => io(url, { transports: ["websocket"], auth, ...more });

const scripts = {
  async story() {
    const ada = connect({ who: "ada" });
    const bob = connect({ who: "bob" });
    await Promise.all([heard(ada, "connect"), heard(bob, "connect")]);
    const acks = await Promise.all(
      [0, 1, 2, 3, 4].map((n) => ada.timeout(5000).emitWithAck("echo", { n, text: "ü€🙂" })),
    );
    const told = heard(bob, "told");
    ada.emit("tell", { text: "ü€🙂" });
    const result = { acks, told: (await told)[0], ids: [ada.id, bob.id] };
    ada.close();
    bob.close();
    return result;
  },

  async refused() {
    const [error] = await heard(connect({ refuse: 1 }), "connect_error");
    return { message: error.message, data: error.data };
  },

  async namespace() {
    const socket = io(`${url}/random`, { transports: ["websocket"] });
    const [error] = await heard(socket, "connect_error");
    return { message: error.message };
  },

  async returns() {
    const socket = connect({}, { reconnectionDelay: 10 });
    await heard(socket, "connect");
    const first = socket.id;
    socket.io.engine.transport.ws.terminate();
    const [reason] = await heard(socket, "disconnect");
    await heard(socket, "connect");
    return { reason, another: socket.id !== first };
  },

  async leave() {
    const socket = connect({}, { reconnectionDelay: 10 });
    await heard(socket, "connect");
    const gone = heard(socket, "disconnect");
    socket.emit("leave", {});
    const [reason] = await gone;
    return { reason, active: socket.active };
  },

  async heartbeat() {
    const socket = connect({});
    await heard(socket, "connect");
    for (let pings = 0; pings < 3; pings += 1) await heard(socket.io, "ping");
    return { connected: socket.connected };
  },

  async polling() {
    const socket = io(url, { reconnection: false });
    const [error] = await heard(socket, "connect_error");
    return { message: error.message, status: error.description };
  },
};

process.stdout.write(JSON.stringify(await scripts[script]()));
process.exit(0);
