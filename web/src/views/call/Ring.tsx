/** Somebody calls: seen, heard, in the tab's title, and answered with one press. */
import { ActionIcon, Button, Menu, TextInput } from "@mantine/core";
import {
  IconChevronDown,
  IconPhone,
  IconPhoneOff,
  IconSettings,
  IconVideo,
} from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { NOTE_MAX, type Call } from "../../protocol.gen";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { nameIn, nameOf } from "../../strings/names";
import { notify } from "../lobby/door";
import { Avatar } from "./Avatar";
import { useCall, useCallClient } from "./CallProvider";
import styles from "./Layer.module.css";
import { useRinging } from "./useRinging";
import { useKeys } from "./useKeys";
import { useSecondsLeft } from "./useSecondsLeft";

export function Ring({ call }: { readonly call: Call }) {
  const client = useCallClient();
  const { check } = useCall();
  const { state, view } = useView();
  const who = nameOf(view, call.by);
  const media = call.media === "audio" ? "audio" : "video";
  const left = useSecondsLeft(call.rangAt, state);
  const title = words.incoming.tab(who);
  useRinging(title);
  useEffect(() => notify(title), [title]);
  const answer = (camera: boolean) => void client.accept({ microphone: true, camera });
  useKeys({
    KeyA: () => answer(media === "video"),
    KeyD: () => void client.decline(""),
  });
  // While the devices are being checked, the check itself answers.
  if (check?.purpose === "answer") return null;
  return (
    <section className={styles["ring"]} aria-label={words.incoming.title(who)}>
      <div className={styles["caller"]}>
        <Avatar name={who} ringing />
        <div>
          <h2 className={styles["who"]}>
            <span role="alert">{words.incoming.title(nameIn(view, call.by))}</span>
          </h2>
          <p className={styles["quiet"]}>
            {words.incoming.kind[media]} · <time>{words.incoming.rings(left)}</time>
          </p>
        </div>
      </div>
      <Decline />
      <div className={styles["answers"]}>
        <Button
          leftSection={media === "video" ? <IconVideo size={20} /> : <IconPhone size={20} />}
          onClick={() => answer(media === "video")}
          aria-keyshortcuts="Alt+A"
        >
          {media === "video" ? words.incoming.answerVideo : words.incoming.answer}
        </Button>
        {media === "video" && (
          <Button
            variant="default"
            leftSection={<IconPhone size={20} />}
            onClick={() => answer(false)}
          >
            {words.incoming.answerAudio}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconSettings size={20} />}
          onClick={() => client.prepare({ purpose: "answer", media })}
        >
          {words.incoming.check}
        </Button>
      </div>
    </section>
  );
}

/** One press declines; a second way says why. */
function Decline() {
  const client = useCallClient();
  const [reason, setReason] = useState("");
  return (
    <div className={styles["decline"]}>
      <Button
        color="red"
        variant="light"
        leftSection={<IconPhoneOff size={20} />}
        onClick={() => void client.decline("")}
        aria-keyshortcuts="Alt+D"
      >
        {words.incoming.decline}
      </Button>
      <Menu position="bottom-end" width={320} trapFocus>
        <Menu.Target>
          <ActionIcon color="red" variant="light" size={44} aria-label={words.incoming.why}>
            <IconChevronDown size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{words.incoming.why}</Menu.Label>
          {words.incoming.reasons.map((one) => (
            <Menu.Item key={one} onClick={() => void client.decline(one)}>
              {one}
            </Menu.Item>
          ))}
          <form
            className={styles["reason"]}
            onSubmit={(event) => {
              event.preventDefault();
              void client.decline(reason.trim());
            }}
          >
            <TextInput
              label={words.incoming.ownReason}
              value={reason}
              maxLength={NOTE_MAX}
              onChange={(event) => setReason(event.currentTarget.value)}
              onKeyDown={(event) => event.stopPropagation()}
              dir="auto"
            />
            <Button type="submit" variant="default" fullWidth disabled={reason.trim() === ""}>
              {words.incoming.send}
            </Button>
          </form>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
