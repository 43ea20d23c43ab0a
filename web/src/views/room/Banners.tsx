/** What is asked of somebody right now, between thread and composer: an answer, a start, an agreement. */
import { Button } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { standing, watches } from "../../call-state";
import { useCommand } from "../../command";
import { useView } from "../../room";
import { formats, fromNow, moment, nameIn, namesIn, otherSide } from "../../strings/names";
import { panel } from "../../strings/panel";
import { room as words } from "../../strings/room";
import { useCallClient } from "../call/CallProvider";
import { Refusal } from "../Refusal";
import styles from "./Room.module.css";

export function Banners({ onAnswer }: { readonly onAnswer: () => void }) {
  const { state, view } = useView();
  return (
    <div className={styles["banners"]}>
      {view.phase === "invited" && <Unanswered onAnswer={onAnswer} />}
      {view.phase === "accepted" && <NotYetOpen />}
      {view.proposal !== null && <Proposed />}
      {standing(view, state.at.seat) === "joinable" && <Joinable />}
    </div>
  );
}

type BannerProps = {
  readonly title?: string;
  readonly text: string;
  readonly children?: ReactNode;
};

function Banner({ title, text, children }: BannerProps) {
  return (
    <section className={styles["banner"]}>
      <div className={styles["bannerText"]}>
        {title !== undefined && <strong>{title}</strong>}
        <span>{text}</span>
      </div>
      {children}
    </section>
  );
}

/** A call goes on without the reader. */
function Joinable() {
  const client = useCallClient();
  const { state, view } = useView();
  const { call } = view;
  if (call === null) return null;
  const names = namesIn(
    view,
    call.people.map(({ seat }) => seat),
  );
  const watching = watches(view, state.at.seat);
  const join = (): void => {
    if (watching) void client.accept({ microphone: false, camera: false });
    else client.prepare({ purpose: "answer", media: call.media === "audio" ? "audio" : "video" });
  };
  return (
    <Banner title={panel.call.going(names)} text={watching ? panel.call.watchHint : ""}>
      <Button size="sm" onClick={join}>
        {watching ? panel.call.watch : panel.call.join}
      </Button>
    </Banner>
  );
}

function Unanswered({ onAnswer }: { readonly onAnswer: () => void }) {
  const { state, view } = useView();
  const other = otherSide(view, state.at.seat);
  // A guest says who they are first; only then is there an answer to give.
  if (view.people.find(({ seat }) => seat === state.at.seat)?.name === "") return null;
  if (state.me?.role !== "freelancer") {
    return (
      <Banner text={words.invited.waiting(other === undefined ? "" : nameIn(view, other.seat))} />
    );
  }
  return (
    <Banner text={words.invited.pending}>
      <Button size="sm" onClick={onAnswer}>
        {words.invited.answer}
      </Button>
    </Banner>
  );
}

function NotYetOpen() {
  const { state, view } = useView();
  const { run, busy, refusal } = useCommand("interview:open");
  const [now] = useState(() => Date.now() + state.clockAhead);
  const at = view.startsAt;
  const title = at === null ? undefined : words.accepted.before(moment(at), fromNow(at, now));
  return (
    <>
      <Banner {...(title === undefined ? {} : { title })} text={words.accepted.text}>
        <Button size="sm" loading={busy} onClick={() => void run({})}>
          {words.openNow}
        </Button>
      </Banner>
      <Refusal refusal={refusal} />
    </>
  );
}

/** Another way to meet is asked for: the other side answers, and one's own may take it back. */
export function Proposed() {
  const { state, view } = useView();
  const accept = useCommand("format:accept");
  const decline = useCommand("format:decline");
  const { proposal } = view;
  if (proposal === null) return null;
  const side = view.people.find(({ seat }) => seat === proposal.by)?.role;
  const own = side === state.me?.role;
  const watching = watches(view, state.at.seat);
  const format = formats[proposal.format].toLowerCase();
  const other = otherSide(view, state.at.seat);
  const title =
    proposal.by === state.at.seat
      ? words.formats.askedSelf(format)
      : words.formats.asked(nameIn(view, proposal.by), format);
  const text = own
    ? words.formats.waiting(other === undefined ? "" : nameIn(view, other.seat))
    : words.formats.effect[proposal.format];
  if (watching) return <Banner text={title} />;
  return (
    <>
      <Banner title={title} text={text}>
        <div className={styles["bannerButtons"]}>
          <Button
            size="sm"
            variant="default"
            loading={decline.busy}
            onClick={() => void decline.run({})}
          >
            {own ? words.formats.takeBack : words.formats.decline}
          </Button>
          {!own && (
            <Button size="sm" loading={accept.busy} onClick={() => void accept.run({})}>
              {words.formats.accept}
            </Button>
          )}
        </div>
      </Banner>
      <Refusal refusal={accept.refusal ?? decline.refusal} />
    </>
  );
}
