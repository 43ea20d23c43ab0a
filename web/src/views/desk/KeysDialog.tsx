/** The desk's keys, and the switch for whoever does not want them. */
import { Kbd, Modal, Stack, Switch, Text } from "@mantine/core";
import { desk as words } from "../../strings/desk";
import styles from "./Desk.module.css";

type Props = {
  readonly enabled: boolean;
  readonly onSwitch: (enabled: boolean) => void;
  readonly onClose: () => void;
};

export function KeysDialog({ enabled, onSwitch, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={words.keys.title}>
      <Stack>
        <dl className={styles["keys"]}>
          {words.keys.list.map(([key, what]) => (
            <div key={key}>
              <dt>
                <Kbd>{key}</Kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <Text c="dimmed" size="sm">
          {words.keys.text}
        </Text>
        <Switch
          size="md"
          checked={enabled}
          onChange={(event) => onSwitch(event.currentTarget.checked)}
          label={words.keys.switch}
          description={words.keys.switchHint}
        />
      </Stack>
    </Modal>
  );
}
