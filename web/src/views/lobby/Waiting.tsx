/** What somebody reads who has knocked: how it stands, since when, the last word, what happens next. */
import { Button } from "@mantine/core";
import { IconDoor, IconDoorOff, IconSettings } from "@tabler/icons-react";
import { useCommand } from "../../command";
import { watches } from "../../call-state";
import type { Knock } from "../../protocol.gen";
import { useView } from "../../room";
import { lobby } from "../../strings/lobby";
import { clock, duration, nameIn } from "../../strings/names";
import { useCallClient } from "../call/CallProvider";
import { useNow } from "../call/useNow";
import { Refusal } from "../Refusal";
import { useDoor, useOwnKnock } from "./door";
import styles from "./Door.module.css";
import { NotifyMe } from "./NotifyMe";

const words = lobby.door.own;

/** Above the thread, which can be read and written to meanwhile; nothing without a knock. */
export function Waiting() {
  const knock = useOwnKnock();
  return knock === null ? null : <Waits knock={knock} />;
}

function Waits({ knock }: { readonly knock: Knock }) {
  const refused = knock.state === "refused";
  return (
    <section className={styles["waiting"]} aria-label={words.title[knock.state]}>
      <span className={styles["icon"]} aria-hidden>
        {refused ? <IconDoorOff size={22} /> : <IconDoor size={22} />}
      </span>
      <div className={styles["text"]}>
        <h2>{words.title[knock.state]}</h2>
        <Since knock={knock} />
        <Word knock={knock} />
        <p role="status">
          <Next knock={knock} />
        </p>
        <Actions refused={refused} />
      </div>
    </section>
  );
}

function Since({ knock: { since, state: stands } }: { readonly knock: Knock }) {
  const { state } = useView();
  const waited = duration(useNow() + state.clockAhead - since);
  if (stands === "refused") return null;
  return <p className="numbers">{words.since(clock(since), waited)}</p>;
}

/** The last word from within. */
function Word({ knock: { word } }: { readonly knock: Knock }) {
  if (word === null || word.text === null || word.text === "") return null;
  return (
    <blockquote className={styles["word"]}>
      <bdi>{word.text}</bdi> <time className="numbers">{clock(word.at)}</time>
    </blockquote>
  );
}

function Next({ knock }: { readonly knock: Knock }) {
  const { state, view } = useView();
  const hosts = view.people.filter(({ role, removed }) => role === "client" && !removed);
  const here = hosts.find(({ seat }) => state.presence[seat] === "online");
  const [first] = hosts;
  if (state.link.kind !== "live") return words.offline;
  if (knock.state === "refused") return words.refused;
  if (here === undefined) {
    return first === undefined ? words.told : words.away(nameIn(view, first.seat));
  }
  return knock.state === "held" ? words.held(nameIn(view, here.seat)) : words.told;
}

function Actions({ refused }: { readonly refused: boolean }) {
  const client = useCallClient();
  const door = useDoor();
  const { state, view } = useView();
  const watching = watches(view, state.at.seat);
  const leave = useCommand("call:leave");
  const media = view.format === "audio" ? "audio" : "video";
  const again = (): void => {
    if (watching) void door.knock();
    else client.prepare({ purpose: "knock", media });
  };
  const stop = (): void => {
    door.forget();
    void leave.run({});
  };
  return (
    <>
      <div className={styles["answers"]}>
        {refused && <Button onClick={again}>{words.again}</Button>}
        {!refused && !watching && (
          <Button
            variant="default"
            leftSection={<IconSettings size={18} aria-hidden />}
            onClick={() => client.prepare({ purpose: "settings", media })}
          >
            {words.check}
          </Button>
        )}
        <Button variant="default" loading={leave.busy} onClick={stop}>
          {refused ? words.dismiss : words.stop}
        </Button>
        {!refused && <NotifyMe />}
      </div>
      <Refusal refusal={leave.refusal} />
    </>
  );
}
