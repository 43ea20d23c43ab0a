/** The lobby: what the others will see and hear, and whether it will reach them, before a call. */
import { Anchor, Button, Group, Stack, Switch, Text } from "@mantine/core";
import { useEffect } from "react";
import { type CallState, type Check, watches } from "../../call-state";
import { useView } from "../../room";
import { DOCTOR } from "../../routes";
import { call as words } from "../../strings/call";
import { common } from "../../strings/common";
import { lobby } from "../../strings/lobby";
import { nameIn, namesIn, othersIn } from "../../strings/names";
import { useCall, useCallClient } from "../call/CallProvider";
import type { View } from "../../protocol.gen";
import { Dialog } from "../Dialog";
import { DevicePickers } from "./DevicePickers";
import { useNetworkCheck } from "./devices";
import { useDoor } from "./door";
import { HearYourself } from "./HearYourself";
import styles from "./Lobby.module.css";
import { MicrophoneStep } from "./MicrophoneStep";
import { NetworkStep } from "./NetworkStep";
import { Preview } from "./Preview";
import { SpeakerStep } from "./SpeakerStep";
import { Asking, Trouble } from "./Trouble";

export function DeviceCheck({ check }: { readonly check: Check }) {
  const call = useCall();
  const { state, view } = useView();
  const who = namesIn(view, othersIn(view, state.at.seat));
  const watching = watches(view, state.at.seat);
  const close = useClose(check);
  const video = check.media === "video" && !watching;
  useNetworkBeforehand(check.purpose !== "settings");
  return (
    <Dialog
      onClose={close}
      title={
        joins(check, view) ? words.check.joining : words.check.title[check.purpose][check.media]
      }
      size={check.media === "video" ? 860 : 520}
    >
      <Stack gap="md">
        <Text c="dimmed">
          {words.check.text}{" "}
          <Anchor href={DOCTOR} target="_blank" underline="always">
            {lobby.doctor.more}
          </Anchor>
        </Text>
        {call.asking !== null && <Asking media={check.media} slow={call.asking.slow} />}
        <div className={check.media === "video" ? styles["columns"] : styles["one"]}>
          <Stack gap="sm">
            {video && <Preview />}
            {video && <Trouble which="camera" source={call.camera} />}
            <DevicePickers camera={video} />
          </Stack>
          <ol className={styles["steps"]} aria-label={lobby.steps}>
            {!watching && <MicrophoneStep />}
            <HearYourself />
            <SpeakerStep />
            <NetworkStep />
          </ol>
        </div>
        <div className={styles["actions"]}>
          {call.said !== null && (
            <Text role="alert" c="var(--p-danger)">
              {call.said}
            </Text>
          )}
          <Actions check={check} call={call} who={who} />
        </div>
      </Stack>
    </Dialog>
  );
}

/** Looks at the network while there is time for it, and never while a call needs it. */
function useNetworkBeforehand(before: boolean): void {
  const network = useNetworkCheck();
  useEffect(() => {
    if (before) network.runIfStale();
    return () => network.stop();
  }, [before, network]);
}

type ActionsProps = { readonly check: Check; readonly call: CallState; readonly who: string };

function Actions({ check, call, who }: ActionsProps) {
  const client = useCallClient();
  const { view } = useView();
  const deaf = call.microphone.kind === "trouble";
  const asking = call.asking !== null;
  const close = useClose(check);
  const go = useGo(check);
  if (check.purpose === "settings") {
    return (
      <Group justify="flex-end" wrap="nowrap">
        {check.media === "video" && (
          <Switch
            flex={1}
            label={words.pause.only}
            description={words.pause.onlyHint}
            checked={call.soundOnly}
            onChange={() => client.setSoundOnly(!call.soundOnly)}
          />
        )}
        <Button onClick={go}>{words.check.done}</Button>
      </Group>
    );
  }
  const label = labelOf(check, view, who);
  return (
    <Group justify="flex-end" wrap="nowrap">
      <Button variant="default" onClick={close}>
        {common.cancel}
      </Button>
      {/* It takes the keyboard into the dialog, also while it does nothing yet. */}
      <Button
        data-disabled={asking}
        aria-disabled={asking}
        onClick={asking ? undefined : go}
        data-autofocus
      >
        {deaf ? words.check.deaf : label}
      </Button>
    </Group>
  );
}

/** Going no further; a knock that may have been heard is not one to come in by. */
function useClose(check: Check): () => void {
  const client = useCallClient();
  const door = useDoor();
  return () => {
    if (check.purpose === "knock") door.forget();
    client.dismiss();
  };
}

/** What going on means. */
function useGo(check: Check): () => void {
  const client = useCallClient();
  const door = useDoor();
  const { intent } = useCall();
  switch (check.purpose) {
    case "ring":
      return () => void client.ring(check.media);
    case "answer":
      return () => void client.accept(intent);
    case "knock":
      return () => void door.knock();
    case "admit":
      return () => void door.admit(check.seat);
    case "settings":
      return () => client.dismiss();
  }
}

/** What is answered does not ring any more: others are in it. */
function joins({ purpose }: Check, { call }: View): boolean {
  return purpose === "answer" && call?.phase === "active";
}

function labelOf(check: Check, view: View, who: string): string {
  switch (check.purpose) {
    case "ring":
      return view.knock ? words.check.open : words.check.call(who);
    case "answer":
      return joins(check, view) ? words.check.join : words.check.answer;
    case "knock":
      return words.check.knock;
    case "admit":
      return words.check.admit(nameIn(view, check.seat));
    case "settings":
      return words.check.done;
  }
}
