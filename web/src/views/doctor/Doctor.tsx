/** `/doctor`: network and devices checked without an interview, for anybody. */
import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { IconMicrophone, IconStethoscope, IconVideo } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { CallMedia } from "../../call-state";
import { Devices } from "../../devices";
import { NetworkCheck } from "../../network-check";
import { lobby } from "../../strings/lobby";
import { Calm } from "../Calm";
import { DevicePickers } from "../lobby/DevicePickers";
import { DevicesContext, NetworkContext, useDevices } from "../lobby/devices";
import { HearYourself } from "../lobby/HearYourself";
import styles from "../lobby/Lobby.module.css";
import { MicrophoneStep } from "../lobby/MicrophoneStep";
import { NetworkStep } from "../lobby/NetworkStep";
import { Preview } from "../lobby/Preview";
import { SpeakerStep } from "../lobby/SpeakerStep";
import { Asking, Trouble } from "../lobby/Trouble";

const words = lobby.doctor;

export function Doctor() {
  const [devices] = useState(() => new Devices());
  const [network] = useState(() => new NetworkCheck());
  useEffect(() => {
    devices.open();
    return () => {
      devices.close();
      network.stop();
    };
  }, [devices, network]);
  return (
    <DevicesContext value={devices}>
      <NetworkContext value={network}>
        <Calm icon={<IconStethoscope />} title={words.title}>
          <Text c="dimmed">{words.lead}</Text>
          <ol className={styles["steps"]} aria-label={lobby.network.title}>
            <NetworkStep />
          </ol>
          <Own devices={devices} />
        </Calm>
      </NetworkContext>
    </DevicesContext>
  );
}

function Own({ devices }: { readonly devices: Devices }) {
  const [media, setMedia] = useState<CallMedia | null>(null);
  const begin = (wanted: CallMedia): void => {
    setMedia(wanted);
    devices.begin(wanted);
  };
  const end = (): void => {
    setMedia(null);
    devices.end();
  };
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {words.devices}
      </Title>
      {media === null ? (
        <Choice onPick={begin} />
      ) : (
        <>
          <Looked media={media} />
          <Group>
            <Button variant="default" onClick={end}>
              {words.stop}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

function Choice({ onPick }: { readonly onPick: (media: CallMedia) => void }) {
  return (
    <>
      <Text c="dimmed">{words.devicesHint}</Text>
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={<IconVideo size={18} aria-hidden />}
          onClick={() => onPick("video")}
        >
          {words.video}
        </Button>
        <Button
          variant="default"
          leftSection={<IconMicrophone size={18} aria-hidden />}
          onClick={() => onPick("audio")}
        >
          {words.audio}
        </Button>
      </Group>
    </>
  );
}

function Looked({ media }: { readonly media: CallMedia }) {
  const { asking, camera } = useDevices();
  return (
    <>
      {asking !== null && <Asking media={media} slow={asking.slow} />}
      {media === "video" && (
        <>
          <Preview />
          <Trouble which="camera" source={camera} />
        </>
      )}
      <DevicePickers camera={media === "video"} />
      <ol className={styles["steps"]} aria-label={words.devices}>
        <MicrophoneStep />
        <HearYourself />
        <SpeakerStep />
      </ol>
    </>
  );
}
