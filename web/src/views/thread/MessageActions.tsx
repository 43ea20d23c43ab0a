/** What can be done with a message: by hover, by keyboard, by a long press. */
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowBackUp,
  IconDots,
  IconFlag,
  IconLink,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import type { Message } from "../../protocol.gen";
import { thread as words } from "../../strings/thread";
import type { ThreadActions } from "./actions";
import styles from "./Thread.module.css";

type Props = {
  readonly message: Message;
  readonly own: boolean;
  readonly active: boolean;
  readonly actions: ThreadActions;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
};

export function MessageActions({ message, own, active, actions, open, onOpen }: Props) {
  const kept = message.state === "kept";
  const changeable = kept && actions.writable;
  return (
    <div className={styles["actions"]} data-open={open || undefined}>
      {changeable && (
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={words.reply}
          tabIndex={active ? 0 : -1}
          onClick={() => actions.reply(message)}
        >
          <IconArrowBackUp size={18} stroke={1.7} />
        </ActionIcon>
      )}
      <Menu opened={open} onChange={onOpen} position="bottom-end" width={230}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={words.actions}
            tabIndex={active ? 0 : -1}
          >
            <IconDots size={18} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {changeable && (
            <Item icon={IconArrowBackUp} label={words.reply} act={() => actions.reply(message)} />
          )}
          {own && changeable && (
            <Item icon={IconPencil} label={words.edit} act={() => actions.edit(message)} />
          )}
          <Item icon={IconLink} label={words.link} act={() => actions.copyLink(message)} />
          {own && changeable && (
            <Item
              icon={IconTrash}
              label={words.remove}
              act={() => actions.remove(message)}
              danger
            />
          )}
          {!own && (
            <Item icon={IconFlag} label={words.flag} act={() => actions.flag(message)} danger />
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

type ItemProps = {
  readonly icon: typeof IconFlag;
  readonly label: string;
  readonly act: () => void;
  readonly danger?: boolean;
};

function Item({ icon: Icon, label, act, danger = false }: ItemProps) {
  return (
    <Menu.Item
      leftSection={<Icon size={18} stroke={1.7} />}
      onClick={act}
      className={styles["menuItem"] ?? ""}
      data-danger={danger || undefined}
    >
      {label}
    </Menu.Item>
  );
}
