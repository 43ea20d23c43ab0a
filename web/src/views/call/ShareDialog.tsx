/** A look at what would be shared, before anybody else has one. */
import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import { useState } from "react";
import type { Capture } from "../../call-state";
import { common } from "../../strings/common";
import { screen as words } from "../../strings/screen";
import { Dialog } from "../Dialog";
import { useCall, useCallClient } from "./CallProvider";
import { Picture } from "./Picture";
import styles from "./Screen.module.css";

export function ShareDialog() {
  const { screen } = useCall();
  return screen.kind === "looking" ? (
    <Look key={screen.capture.picture.id} capture={screen.capture} />
  ) : null;
}

function Look({ capture }: { readonly capture: Capture }) {
  const share = useCallClient().screen;
  const [sound, setSound] = useState(capture.sound !== null);
  return (
    <Dialog
      onClose={() => void share.stop()}
      title={words.look.title}
      size={720}
      classNames={{ title: styles["title"] ?? "" }}
    >
      <Stack gap="md">
        <Alert icon={<IconEyeOff size={20} />} color="teal" variant="light">
          {words.look.text}
        </Alert>
        <div className={styles["preview"]}>
          <Picture track={capture.picture} label={words.look.preview} />
        </div>
        {capture.sound === null ? (
          <Text size="sm" c="dimmed">
            {words.look.noSound[silenceOf(capture)]}
          </Text>
        ) : (
          <Checkbox
            label={words.look.sound}
            checked={sound}
            onChange={({ currentTarget }) => setSound(currentTarget.checked)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="subtle" onClick={() => void share.stop()}>
            {common.cancel}
          </Button>
          <Button variant="default" onClick={() => void share.choose()}>
            {words.look.again}
          </Button>
          <Button data-autofocus onClick={() => void share.share(sound)}>
            {words.look.start}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Only browsers that can take sound along know this constraint of W3C "Screen Capture". */
function silenceOf({ surface }: Capture): keyof typeof words.look.noSound {
  if (!("suppressLocalAudioPlayback" in navigator.mediaDevices.getSupportedConstraints()))
    return "never";
  return surface === "browser" ? "browser" : "other";
}
