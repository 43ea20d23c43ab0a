/** One address from invitation to closing: opens the seat and shows the face of its state. */
import { useEffect, useState } from "react";
import { SessionContext, useInterview } from "../../room";
import type { SeatPath } from "../../routes";
import { Session } from "../../session";
import { unreadCount } from "../../state";
import { room as words } from "../../strings/room";
import { News } from "../thread/News";
import { Farewell } from "./Farewell";
import { Invited } from "./Invited";
import { Opening } from "./Opening";
import { Room } from "./Room";

type Props = { readonly at: SeatPath; readonly message: number | null };

export function InterviewPage({ at, message }: Props) {
  const session = useOpenSession(at);
  return (
    <SessionContext value={session}>
      <Face message={message} />
      <News />
    </SessionContext>
  );
}

/** A session that is open for as long as the page is drawn. */
export function useOpenSession(at: SeatPath): Session {
  const [session] = useState(() => new Session(at));
  useEffect(() => {
    session.open();
    return () => session.close();
  }, [session]);
  return session;
}

function Face({ message }: { readonly message: number | null }) {
  const state = useInterview();
  const [answering, setAnswering] = useState(true);
  const title = state.view?.title;
  const unread = unreadCount(state);
  useEffect(() => {
    if (title !== undefined) document.title = words.tab(title, unread);
  }, [title, unread]);

  if (state.link.kind === "over") return <Farewell link={state.link} />;
  if (state.view === null) return <Opening />;
  const asked = state.view.phase === "invited" && state.me?.role === "freelancer";
  const self = state.view.people.find((person) => person.seat === state.at.seat);
  if (asked && answering && self?.name !== "") {
    return <Invited onWrite={() => setAnswering(false)} />;
  }
  return <Room message={message} onAnswer={() => setAnswering(true)} />;
}
