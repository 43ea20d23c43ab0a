/** Who knocks: seen, heard, in the tab's title, and answered with a press or a word. */
import { Button } from "@mantine/core";
import { IconClockPause, IconDoorEnter, IconDoorOff } from "@tabler/icons-react";
import { useEffect } from "react";
import { type Command, useCommand } from "../../command";
import { callWith } from "../../call-state";
import type { Knock } from "../../protocol.gen";
import { useView } from "../../room";
import { lobby } from "../../strings/lobby";
import { clock, duration, nameIn, nameOf } from "../../strings/names";
import { Avatar } from "../call/Avatar";
import { useCall, useCallClient } from "../call/CallProvider";
import { useNow } from "../call/useNow";
import { useRinging } from "../call/useRinging";
import { Refusal } from "../Refusal";
import { notify, useKnocks } from "./door";
import styles from "./Door.module.css";
import { NotifyMe } from "./NotifyMe";
import { WordMenu } from "./WordMenu";

const words = lobby.door;
/** Often enough not to be missed, seldom enough to go on talking. */
const RING_EVERY_MS = 10_000;

export function Knocks() {
  const { view } = useView();
  const knocks = useKnocks();
  const unanswered = knocks.filter(({ state }) => state === "waiting");
  const [first] = unanswered;
  const { check } = useCall();
  if (knocks.length === 0 || check?.purpose === "admit") return null; // being answered
  return (
    <section className={styles["alert"]} aria-label={words.title(knocks.length)}>
      {first !== undefined && (
        <Bell
          key={unanswered.length}
          title={
            unanswered.length === 1
              ? words.knocks(nameOf(view, first.seat))
              : words.several(unanswered.length)
          }
        />
      )}
      {knocks.map((knock) => (
        // Answered or held anew, it is not what was tried before: nothing of that is said any more.
        <Knocking key={`${knock.seat} ${knock.word?.seq ?? 0}`} knock={knock} />
      ))}
      <NotifyMe />
    </section>
  );
}

/** Rings until everybody who knocks has been answered in some way. */
function Bell({ title }: { readonly title: string }) {
  useRinging(title, RING_EVERY_MS);
  useEffect(() => notify(title), [title]);
  return null;
}

function Knocking({ knock: { seat, since, state: stands } }: { readonly knock: Knock }) {
  const { state, view } = useView();
  const admit = useCommand("call:admit");
  const hold = useCommand("call:hold");
  const refuse = useCommand("call:refuse");
  const who = nameIn(view, seat);
  const waited = duration(useNow() + state.clockAhead - since);
  return (
    <div className={styles["knock"]}>
      <Avatar name={nameOf(view, seat)} ringing={stands === "waiting"} />
      <div className={styles["who"]}>
        <h2>{words.knocks(who)}</h2>
        <p className="numbers">
          {stands === "held" ? words.heldSince(waited) : words.waits(waited, clock(since))}
        </p>
      </div>
      <div className={styles["answers"]}>
        <Admit seat={seat} who={who} admit={admit} />
        <WordMenu
          label={words.hold}
          icon={<IconClockPause size={18} />}
          presets={words.holdWords}
          send={words.holdSend}
          busy={hold.busy}
          onPick={(text) => void hold.run({ seat, text })}
        />
        <WordMenu
          label={words.refuse}
          icon={<IconDoorOff size={18} />}
          presets={words.refuseWords}
          send={words.refuseSend}
          busy={refuse.busy}
          onPick={(text) => void refuse.run({ seat, text })}
        />
      </div>
      <Refusal refusal={admit.refusal ?? hold.refusal ?? refuse.refusal} />
    </div>
  );
}

type AdmitProps = {
  readonly seat: string;
  readonly who: string;
  readonly admit: Command<"call:admit">;
};

/** In a call this lets in at once; otherwise one looks at oneself first, for it begins the call. */
function Admit({ seat, who, admit }: AdmitProps) {
  const client = useCallClient();
  const { state, view } = useView();
  const inside = callWith(view, state.at.seat) !== null;
  const press = (): void => {
    if (inside || view.format === "text") void admit.run({ seat });
    else client.prepare({ purpose: "admit", media: view.format, seat });
  };
  return (
    <Button
      leftSection={<IconDoorEnter size={18} aria-hidden />}
      loading={admit.busy}
      onClick={press}
      aria-label={words.admitWho(who)}
    >
      {inside ? words.admit : words.begin}
    </Button>
  );
}
