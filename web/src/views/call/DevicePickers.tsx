/** Which camera, microphone and speaker to use; changes take effect at once, also in a call. */
import { ActionIcon, Group, Select, Stack, Tooltip } from "@mantine/core";
import { IconVolume } from "@tabler/icons-react";
import type { Chosen, KnownDevice } from "../../call-state";
import { call as words } from "../../strings/call";
import { useCall, useCallClient } from "./CallProvider";
import { chime } from "./useRinging";

/** Speakers can be chosen where elements and contexts have `setSinkId` (not yet in every browser). */
const SPEAKERS = "setSinkId" in HTMLMediaElement.prototype;

export function DevicePickers({ camera }: { readonly camera: boolean }) {
  return (
    <Stack gap="xs">
      {camera && <Picker which="camera" kind="videoinput" />}
      <Picker which="microphone" kind="audioinput" />
      {SPEAKERS && <Speaker />}
    </Stack>
  );
}

type PickerProps = { readonly which: keyof Chosen; readonly kind: KnownDevice["kind"] };

function Picker({ which, kind }: PickerProps) {
  const client = useCallClient();
  const { known, chosen, [which === "camera" ? "camera" : "microphone"]: source } = useCall();
  const devices = known.filter((device) => device.kind === kind);
  // The device that is really in use, also when the browser chose it.
  const used =
    which !== "speaker" && source.kind === "on" ? source.track.getSettings().deviceId : undefined;
  const value = [chosen[which], used].find((id) => devices.some((device) => device.id === id));
  return (
    <Select
      label={words.check[which]}
      size="sm"
      value={value ?? null}
      placeholder={words.check.systemDefault}
      data={devices.map(({ id, label }) => ({ value: id, label }))}
      disabled={devices.length === 0}
      allowDeselect={false}
      comboboxProps={{ withinPortal: true }}
      onChange={(id) => void client.choose({ [which]: id ?? "" })}
    />
  );
}

function Speaker() {
  const { chosen } = useCall();
  const play = async (): Promise<void> => {
    const context: AudioContext & { setSinkId?: (id: string) => Promise<void> } =
      new AudioContext();
    await context.setSinkId?.(chosen.speaker).catch(() => undefined);
    chime(context);
    setTimeout(() => void context.close(), 2_000);
  };
  return (
    <Group gap="xs" align="end" wrap="nowrap">
      <div style={{ flex: 1 }}>
        <Picker which="speaker" kind="audiooutput" />
      </div>
      <Tooltip label={words.check.testSound}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={words.check.testSound}
          onClick={() => void play()}
        >
          <IconVolume size={18} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
