/** What can be done with a message: by hover, by keyboard, by a long press. */
import { ActionIcon, type ActionIconProps, Menu } from "@mantine/core";
import {
  IconArrowBackUp,
  IconDots,
  IconFlag,
  IconLink,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import type { ComponentProps } from "react";
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
  const tabIndex = active ? 0 : -1;
  const changeable = message.state === "kept" && actions.writable;
  return (
    <div className={styles["actions"]} data-open={open || undefined}>
      {changeable && (
        <Button
          label={words.reply}
          icon={IconArrowBackUp}
          tabIndex={tabIndex}
          onClick={() => actions.reply(message)}
        />
      )}
      <Menu opened={open} onChange={onOpen} position="bottom-end" width={230}>
        <Menu.Target>
          <Button label={words.actions} icon={IconDots} tabIndex={tabIndex} />
        </Menu.Target>
        <Menu.Dropdown>
          <Items message={message} own={own} changeable={changeable} actions={actions} />
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

type ButtonProps = ActionIconProps &
  Omit<ComponentProps<"button">, keyof ActionIconProps> & {
    readonly label: string;
    readonly icon: typeof IconFlag;
  };

/** Passes on what the menu gives to its target. */
function Button({ label, icon: Icon, ...rest }: ButtonProps) {
  return (
    <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} {...rest}>
      <Icon size={18} stroke={1.7} />
    </ActionIcon>
  );
}

type ItemsProps = Pick<Props, "message" | "own" | "actions"> & { readonly changeable: boolean };

function Items({ message, own, changeable, actions }: ItemsProps) {
  return (
    <>
      {changeable && (
        <Item
          icon={IconArrowBackUp}
          label={words.reply}
          act={() => actions.reply(message)}
          focused
        />
      )}
      {own && changeable && (
        <Item icon={IconPencil} label={words.edit} act={() => actions.edit(message)} />
      )}
      {actions.public && (
        <Item
          icon={IconLink}
          label={words.link}
          act={() => actions.copyLink(message)}
          focused={!changeable}
        />
      )}
      {own && changeable && (
        <Item icon={IconTrash} label={words.remove} act={() => actions.remove(message)} danger />
      )}
      {!own && actions.public && (
        <Item icon={IconFlag} label={words.flag} act={() => actions.flag(message)} danger />
      )}
    </>
  );
}

type ItemProps = {
  readonly icon: typeof IconFlag;
  readonly label: string;
  readonly act: () => void;
  readonly danger?: boolean;
  /** Where the keyboard is when the menu opens. */
  readonly focused?: boolean;
};

function Item({ icon: Icon, label, act, danger = false, focused = false }: ItemProps) {
  return (
    <Menu.Item
      leftSection={<Icon size={18} stroke={1.7} />}
      onClick={act}
      className={styles["menuItem"] ?? ""}
      data-danger={danger || undefined}
      data-autofocus={focused || undefined}
    >
      {label}
    </Menu.Item>
  );
}
