/** What the camera sees and the microphone hears, before anybody else does; and which ones to use. */
import { Button, Group, Modal, Stack, Switch, Text } from "@mantine/core";
import { IconMicrophone, IconMicrophoneOff, IconVideo, IconVideoOff } from "@tabler/icons-react";
import type { CallState, Check } from "../../call-state";
import { useView } from "../../room";
import { call as words } from "../../strings/call";
import { common } from "../../strings/common";
import { nameOf, otherSide } from "../../strings/names";
import { useCall, useCallClient } from "./CallProvider";
import { DevicePickers } from "./DevicePickers";
import { HearYourself } from "./HearYourself";
import { LevelMeter } from "./LevelMeter";
import { Picture } from "./Picture";
import styles from "./DeviceCheck.module.css";
import { Asking, Trouble } from "./Trouble";

export function DeviceCheck({ check }: { readonly check: Check }) {
  const client = useCallClient();
  const call = useCall();
  const { state, view } = useView();
  const other = otherSide(view, state.at.seat);
  const who = other === undefined ? "" : nameOf(view, other.seat);
  return (
    <Modal
      opened
      onClose={() => client.dismiss()}
      title={words.check.title[check.purpose][check.media]}
      size={check.media === "video" ? 720 : 520}
      classNames={{ title: styles["title"] ?? "" }}
    >
      <Stack gap="md">
        <Text c="dimmed">{words.check.text}</Text>
        <div className={check.media === "video" ? styles["columns"] : styles["one"]}>
          {check.media === "video" && <Preview call={call} />}
          <Stack gap="sm">
            <Microphone call={call} />
            <HearYourself />
            {call.asking !== null && <Asking media={check.media} slow={call.asking.slow} />}
            <Trouble which="microphone" source={call.microphone} />
            {check.media === "video" && <Trouble which="camera" source={call.camera} />}
            <DevicePickers camera={check.media === "video"} />
          </Stack>
        </div>
        {call.said !== null && (
          <Text role="alert" c="var(--p-danger)">
            {call.said}
          </Text>
        )}
        <Actions check={check} call={call} who={who} />
      </Stack>
    </Modal>
  );
}

function Preview({ call: { camera, intent } }: { readonly call: CallState }) {
  const client = useCallClient();
  return (
    <div className={styles["preview"]}>
      {camera.kind === "on" && intent.camera ? (
        <Picture track={camera.track} label={words.check.preview} mirrored />
      ) : (
        <span className={styles["dark"]}>
          <IconVideoOff size={28} aria-hidden />
          {camera.kind === "trouble" ? words.check.noCamera : words.check.cameraOff}
        </span>
      )}
      <Toggle
        label={words.check.camera}
        on={intent.camera}
        icons={[<IconVideo key="on" size={20} />, <IconVideoOff key="off" size={20} />]}
        onToggle={() => client.setIntent({ camera: !intent.camera })}
      />
    </div>
  );
}

function Microphone({ call: { microphone, intent } }: { readonly call: CallState }) {
  const client = useCallClient();
  const hint = intent.microphone ? words.check.speak : words.check.muted;
  return (
    <div className={styles["microphone"]}>
      <Toggle
        label={words.check.microphone}
        on={intent.microphone}
        icons={[<IconMicrophone key="on" size={20} />, <IconMicrophoneOff key="off" size={20} />]}
        onToggle={() => client.setIntent({ microphone: !intent.microphone })}
      />
      <div className={styles["meter"]}>
        <LevelMeter label={words.check.level} level={() => client.ownLevel()} />
        <Text size="sm" c="dimmed">
          {microphone.kind === "trouble" ? words.trouble.microphone[microphone.trouble] : hint}
        </Text>
      </div>
    </div>
  );
}

type ToggleProps = {
  readonly label: string;
  readonly on: boolean;
  /** Switched on, switched off. */
  readonly icons: readonly [React.ReactNode, React.ReactNode];
  readonly onToggle: () => void;
};

function Toggle({ label, on, icons, onToggle }: ToggleProps) {
  return (
    <button
      type="button"
      className={styles["toggle"]}
      aria-pressed={on}
      aria-label={label}
      onClick={onToggle}
    >
      {icons[on ? 0 : 1]}
    </button>
  );
}

type ActionsProps = { readonly check: Check; readonly call: CallState; readonly who: string };

function Actions({ check, call, who }: ActionsProps) {
  const client = useCallClient();
  const deaf = call.microphone.kind === "trouble";
  const go = (): void => {
    if (check.purpose === "ring") void client.ring(check.media);
    else void client.accept(call.intent);
  };
  if (check.purpose === "settings") {
    return (
      <Group justify="flex-end">
        {check.media === "video" && (
          <Switch
            flex={1}
            label={words.pause.only}
            description={words.pause.onlyHint}
            checked={call.soundOnly}
            onChange={() => client.setSoundOnly(!call.soundOnly)}
          />
        )}
        <Button onClick={() => client.dismiss()}>{words.check.done}</Button>
      </Group>
    );
  }
  const label = check.purpose === "ring" ? words.check.call(who) : words.check.answer;
  return (
    <Group justify="flex-end">
      {deaf && (
        <Text size="sm" c="dimmed" flex={1} miw={200}>
          {words.check.deafHint}
        </Text>
      )}
      <Button variant="default" onClick={() => client.dismiss()}>
        {common.cancel}
      </Button>
      <Button disabled={call.asking !== null} onClick={go} data-autofocus>
        {deaf ? words.check.deaf : <bdi>{label}</bdi>}
      </Button>
    </Group>
  );
}
