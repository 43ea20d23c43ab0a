/** Calls the other side, as far as the agreed format goes; else proposes another format. */
import { Button, Menu, Tooltip } from "@mantine/core";
import { IconDoor, IconMessageQuestion, IconPhone, IconVideo } from "@tabler/icons-react";
import { type CallMedia, standing, watches } from "../../call-state";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { lobby } from "../../strings/lobby";
import { KnockButton } from "../lobby/KnockButton";
import styles from "./CallButton.module.css";
import { useCallClient } from "./CallProvider";

const ICON = { video: <IconVideo size={20} />, audio: <IconPhone size={20} /> } as const;

export function CallButton() {
  const client = useCallClient();
  const { state, view } = useView();
  const obstacle = useObstacle();
  const prepare = (media: CallMedia) => client.prepare({ purpose: "ring", media });
  const knocks = useMustKnock();
  if (knocks && obstacle === null) return <KnockButton />;
  if (watches(view, state.at.seat)) return null;
  if (obstacle !== null) return <Unable obstacle={obstacle} knocks={knocks} />;
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          className={styles["button"] ?? ""}
          leftSection={view.format === "video" ? ICON.video : ICON.audio}
        >
          {words.button.call}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {view.format === "video" && (
          <Item media="video" hint={words.button.videoHint} onPick={prepare} />
        )}
        {view.format !== "text" && (
          <Item media="audio" hint={words.button.audioHint} onPick={prepare} />
        )}
        {view.format !== "video" && <Proposals mine={view.proposal?.by === state.at.seat} />}
      </Menu.Dropdown>
    </Menu>
  );
}

type UnableProps = { readonly obstacle: string; readonly knocks: boolean };

/** The button while it does nothing, with why. */
function Unable({ obstacle, knocks }: UnableProps) {
  return (
    <Tooltip label={obstacle}>
      <Button
        className={styles["button"] ?? ""}
        variant="default"
        leftSection={knocks ? <IconDoor size={20} /> : <IconPhone size={20} />}
        data-disabled
        aria-disabled
        aria-description={obstacle}
        onClick={(event) => event.preventDefault()}
      >
        {knocks ? lobby.door.own.knock : words.button.call}
      </Button>
    </Tooltip>
  );
}

/** Whether this person comes into a call only after being let in. */
function useMustKnock(): boolean {
  const { state, view } = useView();
  return view.knock && view.format !== "text" && state.me?.role !== "client";
}

/** Why nobody can be called now; null if they can. */
function useObstacle(): string | null {
  const { state, view } = useView();
  if (view.phase === "ended" || view.phase === "declined") return words.button.closed;
  if (view.phase !== "open") return words.button.notOpen;
  if (standing(view, state.at.seat) !== "none") return words.button.inCall;
  return state.link.kind === "live" ? null : words.button.offline;
}

type ItemProps = {
  readonly media: CallMedia;
  readonly hint: string;
  readonly onPick: (media: CallMedia) => void;
};

function Item({ media, hint, onPick }: ItemProps) {
  return (
    <Menu.Item leftSection={ICON[media]} onClick={() => onPick(media)}>
      <div>{words.button[media]}</div>
      <div className={styles["hint"]}>{hint}</div>
    </Menu.Item>
  );
}

/** What goes beyond the agreed format is asked for first. */
function Proposals({ mine }: { readonly mine: boolean }) {
  const { view } = useView();
  const client = useCallClient();
  const wider: readonly CallMedia[] = view.format === "text" ? ["video", "audio"] : ["video"];
  return (
    <>
      <Menu.Label>
        {mine
          ? words.button.asked
          : words.button.askHint[view.format === "text" ? "text" : "audio"]}
      </Menu.Label>
      {wider.map((media) => (
        <Menu.Item
          key={media}
          disabled={mine}
          leftSection={<IconMessageQuestion size={20} />}
          onClick={() => void client.give("format:propose", { format: media })}
        >
          {words.button.ask[media]}
        </Menu.Item>
      ))}
    </>
  );
}
