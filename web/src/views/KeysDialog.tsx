/** Which keys do what, and the switch for whoever does not want them (WCAG 2.1.4). */
import { Kbd, Stack, Switch, Text } from "@mantine/core";
import { Dialog } from "./Dialog";
import styles from "./KeysDialog.module.css";

type Props = {
  readonly words: {
    readonly title: string;
    readonly list: readonly (readonly [key: string, what: string])[];
    readonly text: string;
    readonly switch: string;
    readonly switchHint: string;
  };
  readonly enabled: boolean;
  readonly onSwitch: (enabled: boolean) => void;
  readonly onClose: () => void;
};

export function KeysDialog({ words, enabled, onSwitch, onClose }: Props) {
  return (
    <Dialog onClose={onClose} title={words.title}>
      <Stack>
        <dl className={styles["keys"]}>
          {words.list.map(([key, what]) => (
            <div key={key}>
              <dt>
                <Kbd>{key}</Kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <Text c="dimmed" size="sm">
          {words.text}
        </Text>
        <Switch
          size="md"
          checked={enabled}
          onChange={(event) => onSwitch(event.currentTarget.checked)}
          label={words.switch}
          description={words.switchHint}
        />
      </Stack>
    </Dialog>
  );
}
