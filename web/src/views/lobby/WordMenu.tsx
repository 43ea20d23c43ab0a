/** An answer that may come with a word: one of ours, one of their own, or none. */
import { Button, Popover, TextInput } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { NOTE_MAX } from "../../protocol.gen";
import { lobby } from "../../strings/lobby";
import styles from "./Door.module.css";

type Props = {
  readonly label: string;
  readonly icon: ReactNode;
  readonly presets: readonly string[];
  /** What sends one's own word. */
  readonly send: string;
  readonly busy: boolean;
  /** Empty: without a word. */
  readonly onPick: (text: string) => void;
};

export function WordMenu({ label, icon, presets, send, busy, onPick }: Props) {
  const [opened, setOpened] = useState(false);
  const [own, setOwn] = useState("");
  const pick = (text: string): void => {
    setOpened(false);
    setOwn("");
    onPick(text);
  };
  return (
    <Popover position="bottom-end" width={320} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={icon}
          rightSection={<IconChevronDown size={16} aria-hidden />}
          loading={busy}
          onClick={() => setOpened(!opened)}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles["words"] ?? ""} aria-label={label}>
        {[...presets, ""].map((one) => (
          <button key={one} type="button" className={styles["option"]} onClick={() => pick(one)}>
            {one === "" ? lobby.door.wordless : one}
          </button>
        ))}
        <form
          className={styles["own"]}
          onSubmit={(event) => {
            event.preventDefault();
            pick(own.trim());
          }}
        >
          <TextInput
            label={lobby.door.ownWord}
            value={own}
            maxLength={NOTE_MAX}
            onChange={(event) => setOwn(event.currentTarget.value)}
            dir="auto"
          />
          <Button type="submit" variant="default" fullWidth disabled={own.trim() === ""}>
            {send}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
