/** The states of the gallery: a real session that is never opened, given a sample record. */
import type { ReactNode } from "react";
import type { KnockState, Person, PresenceState, View } from "../protocol.gen";
import { SessionContext } from "../room";
import { Session } from "../session";
import type { Link, Unsent } from "../state";
import { Doctor } from "../views/doctor/Doctor";
import { Enter } from "../views/enter/Enter";
import { Farewell } from "../views/room/Farewell";
import { Invited } from "../views/room/Invited";
import { Opening } from "../views/room/Opening";
import { Room } from "../views/room/Room";
import { CreateForm } from "../views/start/CreateForm";
import { Links } from "../views/start/Links";
import { NotHere } from "../views/start/Start";
import { Sheet } from "../views/transcript/Transcript";
import { Network, VERDICTS } from "./network";
import { Notices } from "./notices";
import { START, ended, full, invited, long, open, panelOf, people, sharedBy } from "./samples";

type Sample = {
  readonly view: View;
  readonly seat?: "client" | "freelancer" | "observer";
  readonly link?: Link;
  readonly unsent?: readonly Unsent[];
  readonly presence?: PresenceState;
  readonly typing?: boolean;
};

function session(sample: Sample): Session {
  const seat = sample.seat ?? "client";
  const other = seat === "client" ? "freelancer" : "client";
  const made = new Session({ interview: "abcdefghijklmnop", seat });
  const { dispatch } = made.store;
  const shared = sample.view.thread.at(-1)?.seq ?? 0;
  const now = Date.now();
  const welcome = {
    type: "welcome",
    seat,
    role: seat,
    version: 1,
    now,
    textMax: 4000,
    ringsMs: 45_000,
  } as const;
  dispatch({ type: "welcomed", welcome, now });
  dispatch({
    type: "snapshot",
    view: sample.view,
    cursor: { shared, "side:client": sample.view.side.length },
    marks: { [other]: { delivered: shared, read: shared - 2 } },
    presence: { [seat]: "online", [other]: sample.presence ?? "online" },
    heads: [{ lane: "shared", seq: shared, hash: "", at: now, key: "", signature: "" }],
  });
  if (sample.typing === true) dispatch({ type: "typing", seat: other, typing: true, side: false });
  if (sample.unsent !== undefined) dispatch({ type: "outbox", items: sample.unsent });
  if (sample.link !== undefined) dispatch({ type: "linked", link: sample.link });
  return made;
}

function room(sample: Sample, message: number | null = null): ReactNode {
  return (
    <SessionContext value={session(sample)}>
      <Room message={message} onAnswer={() => undefined} />
    </SessionContext>
  );
}

/** A call that goes on without somebody. */
function without(seat: string, view: View): View {
  const { call } = view;
  if (call === null) return view;
  return { ...view, call: { ...call, people: call.people.filter((one) => one.seat !== seat) } };
}

/** As a page that takes part in the call; there is no server, so it stays at connecting. */
function calling(sample: Sample): ReactNode {
  const seat = sample.seat ?? "client";
  const call = String(sample.view.call?.call);
  sessionStorage.setItem(`parley.call:abcdefghijklmnop/${seat}`, call);
  return room(sample);
}

const unsent = (id: string, text: string, state: Unsent["state"]): Unsent => ({
  id,
  name: "message:post",
  payload: { text },
  at: START,
  after: 999,
  state,
});

const refusal = {
  ok: false,
  code: "closed",
  message: "This interview is over. You can still read it.",
  retryAfterMs: 0,
  incident: "",
} as const;

const guest = people.map((person) =>
  person.seat === "freelancer" ? { ...person, name: "", guest: true } : person,
);

/** People who have knocked, with the last word they were given. */
function knocked(state: KnockState, ...seats: readonly string[]): View {
  const at = Date.now() - 90_000;
  const text = state === "held" ? "I fetch my notes." : "Please come back in 15 minutes.";
  const word = state === "waiting" ? null : { seq: 40, at: at + 60_000, text };
  const waiting = seats.map((seat) => ({ seat, since: at, state, word }));
  const observer: Person = {
    seat: "observer",
    role: "observer",
    name: "Ines Vogt",
    guest: false,
    removed: false,
    invitedBy: "client",
  };
  return { ...open, knock: true, people: [...open.people, observer], waiting };
}

const farewell = (code: string): ReactNode => (
  <Farewell link={{ kind: "over", code, message: "" }} />
);

export const states: readonly { readonly name: string; readonly draw: () => ReactNode }[] = [
  { name: "room", draw: () => room({ view: open, typing: true }) },
  {
    name: "room-freelancer",
    draw: () => room({ view: open, seat: "freelancer", presence: "away" }),
  },
  { name: "room-full", draw: () => room({ view: full }) },
  { name: "room-long", draw: () => room({ view: long }) },
  { name: "room-highlight", draw: () => room({ view: open }, 7) },
  { name: "room-empty", draw: () => room({ view: { ...open, thread: open.thread.slice(0, 3) } }) },
  {
    name: "room-restarting",
    draw: () => room({ view: open, link: { kind: "reconnecting", restarting: true } }),
  },
  {
    name: "room-offline",
    draw: () =>
      room({
        view: open,
        link: { kind: "offline" },
        unsent: [
          unsent("u1", "The photographs are ready.", { kind: "waiting" }),
          unsent("u2", "I send them tonight.", { kind: "waiting" }),
        ],
      }),
  },
  {
    name: "room-reconnecting",
    draw: () =>
      room({
        view: open,
        link: { kind: "reconnecting" },
        presence: "offline",
        unsent: [unsent("u1", "Are you still there?", { kind: "sending" })],
      }),
  },
  {
    name: "room-refused",
    draw: () =>
      room({ view: open, unsent: [unsent("u1", "One more thing.", { kind: "refused", refusal })] }),
  },
  { name: "room-waiting", draw: () => room({ view: invited }) },
  {
    name: "room-accepted",
    draw: () => room({ view: { ...open, phase: "accepted", startsAt: Date.now() + 7_200_000 } }),
  },
  {
    name: "room-guest",
    draw: () => room({ view: { ...open, people: guest }, seat: "freelancer" }),
  },
  { name: "panel", draw: () => room({ view: { ...panelOf(4), call: null } }) },
  { name: "panel-joinable", draw: () => room({ view: without("client", panelOf(4)) }) },
  { name: "panel-3", draw: () => calling({ view: panelOf(3) }) },
  { name: "panel-4", draw: () => calling({ view: panelOf(4) }) },
  { name: "panel-5", draw: () => calling({ view: panelOf(5) }) },
  { name: "panel-8", draw: () => calling({ view: panelOf(8) }) },
  { name: "panel-observed", draw: () => calling({ view: panelOf(4), seat: "observer" }) },
  { name: "panel-freelancer", draw: () => calling({ view: panelOf(4), seat: "freelancer" }) },
  { name: "screen-coming", draw: () => calling({ view: sharedBy("live") }) },
  { name: "screen-frozen", draw: () => calling({ view: sharedBy("frozen") }) },
  { name: "screen-covered", draw: () => calling({ view: sharedBy("blank") }) },
  { name: "call-notices", draw: () => <Notices /> },
  ...(["waiting", "held", "refused"] as const).map((state) => ({
    name: `knock-${state}`,
    draw: () => room({ view: knocked(state, "freelancer"), seat: "freelancer" as const }),
  })),
  {
    name: "knock-several",
    draw: () => room({ view: knocked("waiting", "freelancer", "observer") }),
  },
  { name: "doctor", draw: () => <Doctor /> },
  ...VERDICTS.map((verdict) => ({
    name: `network-${verdict.code}`,
    draw: () => <Network verdict={verdict} />,
  })),
  { name: "room-ended", draw: () => room({ view: ended }) },
  {
    name: "invited",
    draw: () => (
      <SessionContext value={session({ view: invited, seat: "freelancer" })}>
        <Invited onWrite={() => undefined} />
      </SessionContext>
    ),
  },
  { name: "opening", draw: () => <Opening /> },
  {
    name: "enter",
    draw: () => <Enter token="sample" seat="freelancer" onEntered={() => undefined} />,
  },
  { name: "start-closed", draw: () => <NotHere /> },
  { name: "start", draw: () => <CreateForm onCreated={() => undefined} /> },
  {
    name: "links",
    draw: () => (
      <Links
        created={{
          interview: "abcdefghijklmnop",
          links: {
            client: "https://parley.example/i/abcdefghijklmnop/client#sample",
            freelancer: "https://parley.example/i/abcdefghijklmnop/freelancer#sample",
          },
        }}
        onAnother={() => undefined}
      />
    ),
  },
  {
    name: "transcript",
    draw: () => (
      <SessionContext value={session({ view: full })}>
        <Sheet />
      </SessionContext>
    ),
  },
  { name: "not-signed-in", draw: () => farewell("not_signed_in") },
  { name: "removed", draw: () => farewell("removed") },
  { name: "not-found", draw: () => farewell("not_found") },
  { name: "link-invalid", draw: () => farewell("link_invalid") },
];
