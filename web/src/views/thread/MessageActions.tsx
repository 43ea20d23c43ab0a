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
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Message } from "../../protocol.gen";
import { thread as words } from "../../strings/thread";
import type { ThreadActions } from "./actions";
import styles from "./Thread.module.css";

/** As long as phones take for a long press of their own. */
const LONG_PRESS_MS = 480;

type Props = {
  readonly message: Message;
  readonly own: boolean;
  readonly active: boolean;
  readonly actions: ThreadActions;
};

export function MessageActions({ message, own, active, actions }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useLongPress(box, () => setOpen(true));
  const kept = message.state === "kept";
  const changeable = kept && actions.writable;
  return (
    <div ref={box} className={styles["actions"]} data-open={open || undefined}>
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
      <Menu opened={open} onChange={setOpen} position="bottom-end" width={230}>
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

/** A finger that rests on the line that holds `box`. A mouse has hover instead. */
function useLongPress(box: RefObject<HTMLElement | null>, pressed: () => void): void {
  const act = useRef(pressed);
  useEffect(() => {
    act.current = pressed;
  });
  useEffect(() => {
    const line = box.current?.parentElement;
    if (line === null || line === undefined) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const down = (event: PointerEvent): void => {
      if (event.pointerType === "mouse") return;
      timer = setTimeout(() => act.current(), LONG_PRESS_MS);
    };
    const stop = (): void => clearTimeout(timer);
    const ends = ["pointerup", "pointercancel", "pointermove", "scroll"] as const;
    line.addEventListener("pointerdown", down);
    for (const name of ends) line.addEventListener(name, stop);
    return () => {
      stop();
      line.removeEventListener("pointerdown", down);
      for (const name of ends) line.removeEventListener(name, stop);
    };
  }, [box]);
}
