/** A page at the client's seat of a small interview, in which a test plays server and record. */
import { CallClient } from "../call";
import type { CallHost } from "../call-host";
import { refusal } from "../connection";
import type { Call, Questions, Refused } from "../protocol.gen";
import { type Change, type State, initial, reduce } from "../state";
import { Store } from "../store";
import { callOf, partOf, snapshot, view } from "./record";

export const AT = { interview: "abcdefghijklmnop", seat: "client" };
export const ME = partOf("client", { connected: false });
export const BEN = partOf("freelancer", { connected: false });
export const ACTIVE = callOf([ME, BEN]);
export const RINGING: Call = { ...ACTIVE, phase: "ringing", activeAt: null, people: [ME] };

export const ENDED: Call = { ...ACTIVE, phase: "ended" };
export const NEXT: Call = { ...RINGING, call: 9, by: "freelancer", people: [BEN] };

const NOT_HERE = refusal("not_allowed", "A call does not ask this.");

type Answers = {
  readonly [K in keyof Questions]: (ask: Questions[K]["ask"]) => Questions[K]["answer"] | Refused;
};
type Sent = { readonly name: string; readonly payload: object };
type Server = { session: number; hurries: boolean; refuses: { [name: string]: Refused } };

/** A page at the client's seat, whose record is what the test says; `refuse` is told to offers. */
export function page(refuse: Refused | null = null) {
  const store = new Store<State, Change>(initial(AT), reduce);
  const sent: Sent[] = [];
  const server: Server = { session: 1, hurries: false, refuses: {} };
  const answers: Answers = {
    "call:offer": ({ generation }) =>
      refuse ?? { ok: true, generation, sdp: `o=- ${server.session} 1 IN IP4 0.0.0.0` },
    "call:servers": () => ({ ok: true, iceServers: [] }),
    "record:sync": () => NOT_HERE,
    "link:make": () => NOT_HERE,
    "case:look": () => NOT_HERE,
  };
  const host: CallHost = {
    at: AT,
    store,
    connection: {
      command: async (name, payload) => {
        sent.push({ name, payload });
        return server.refuses[name] ?? { ok: true, lane: "shared", seq: 1 };
      },
      ask: async (name, payload) => {
        sent.push({ name, payload });
        return answers[name](payload);
      },
      signal: (name, payload) => void sent.push({ name, payload }),
      on: () => () => undefined,
      hurry: (hasty) => void Object.assign(server, { hurries: hasty }),
    },
  };
  const client = new CallClient(host);
  const record = (call: Call | null) =>
    store.dispatch(snapshot({ view: view({ call }), cursor: { shared: call?.call ?? 0 } }));
  store.dispatch({ type: "linked", link: { kind: "live" } });
  record(null);
  client.open();
  opened.push(client);
  return { client, record, sent, store, server, line: () => client.store.state.line.kind };
}

const opened: CallClient[] = [];

/** Closes all pages of a test. */
export function closePages(): void {
  for (const client of opened.splice(0)) client.close();
}
