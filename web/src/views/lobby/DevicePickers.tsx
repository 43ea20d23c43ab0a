/** Which camera, microphone and speaker to use; changes take effect at once, also in a call. */
import { Select, Stack, Switch } from "@mantine/core";
import type { Chosen, KnownDevice } from "../../call-state";
import { call as words } from "../../strings/call";
import { useDeviceHolder, useDevices } from "./devices";

/** Speakers can be chosen where elements and contexts have `setSinkId` (not yet in every browser). */
const SPEAKERS = "setSinkId" in HTMLMediaElement.prototype;

export function DevicePickers({ camera }: { readonly camera: boolean }) {
  return (
    <Stack gap="xs">
      {camera && <Picker which="camera" kind="videoinput" />}
      <Picker which="microphone" kind="audioinput" />
      {SPEAKERS && <Picker which="speaker" kind="audiooutput" />}
      <Noise />
    </Stack>
  );
}

function Noise() {
  const holder = useDeviceHolder();
  const { chosen } = useDevices();
  return (
    <Switch
      mt="xs"
      label={words.noise.label}
      description={words.noise.hint}
      checked={chosen.quiet}
      onChange={() => void holder.choose({ quiet: !chosen.quiet })}
    />
  );
}

type PickerProps = {
  readonly which: keyof Omit<Chosen, "quiet">;
  readonly kind: KnownDevice["kind"];
};

function Picker({ which, kind }: PickerProps) {
  const holder = useDeviceHolder();
  const { known, chosen, [which === "camera" ? "camera" : "microphone"]: source } = useDevices();
  const devices = known.filter((device) => device.kind === kind);
  // The device that is really in use, also when the browser chose it.
  const used =
    which !== "speaker" && source.kind === "on" ? source.track.getSettings().deviceId : undefined;
  // Firefox names no speakers, although it could use one that it was told.
  const unnamed = which === "speaker" && source.kind === "on" && devices.length === 0;
  const value = [chosen[which], used].find((id) => devices.some((device) => device.id === id));
  return (
    <Select
      label={words.check[which]}
      description={unnamed ? words.check.unnamedSpeakers : undefined}
      size="sm"
      value={value ?? null}
      placeholder={words.check.systemDefault}
      data={devices.map(({ id, label }) => ({ value: id, label }))}
      disabled={devices.length === 0}
      allowDeselect={false}
      comboboxProps={{ withinPortal: true }}
      onChange={(id) => void holder.choose({ [which]: id ?? "" })}
    />
  );
}
