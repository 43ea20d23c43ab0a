/** The top of the room: what this is, how it stands, who is here, what can be done. */
import { ActionIcon, Badge, Menu, useMantineColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import {
  IconArrowsExchange,
  IconBell,
  IconCheck,
  IconDeviceDesktop,
  IconDoorExit,
  IconDots,
  IconFileText,
  IconInfoCircle,
  IconMoon,
  IconSun,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { watches } from "../../call-state";
import { useView } from "../../room";
import { seatPath } from "../../routes";
import { isClosed } from "../../state";
import { phases } from "../../strings/names";
import { room as words } from "../../strings/room";
import { mayNotify } from "../lobby/door";
import { Clocks } from "./Clocks";
import { ConnectionChip } from "./ConnectionChip";
import { Observers, People } from "./People";
import styles from "./Room.module.css";

export type HeaderProps = {
  readonly aboutOpen: boolean;
  readonly onAbout: () => void;
  readonly onFormat: () => void;
  readonly onEnd: () => void;
  /** The button that starts a call. */
  readonly call: ReactNode;
};

export function Header(props: HeaderProps) {
  const { view } = useView();
  return (
    <header className={styles["header"]}>
      <div className={styles["what"]}>
        <div className={styles["titleBox"]}>
          <h1 className={styles["title"]} title={view.title} dir="auto">
            {view.title}
          </h1>
          <Badge
            variant="light"
            color={isClosed(view) ? "gray" : "teal"}
            radius="sm"
            data-phase={view.phase}
          >
            {phases[view.phase]}
          </Badge>
        </div>
        <div className={styles["facts"]}>
          <Observers />
          <Clocks />
        </div>
      </div>
      <ConnectionChip />
      <People />
      <div className={styles["tools"]}>
        {props.call}
        <ActionIcon
          variant="subtle"
          color="gray"
          size={44}
          className={styles["aboutOpen"] ?? ""}
          aria-label={props.aboutOpen ? words.aboutClose : words.aboutOpen}
          aria-expanded={props.aboutOpen}
          onClick={props.onAbout}
        >
          <IconInfoCircle size={22} stroke={1.6} />
        </ActionIcon>
        <More {...props} />
      </div>
    </header>
  );
}

function More({ onAbout, onFormat, onEnd }: HeaderProps) {
  const { state, view } = useView();
  const narrow = useMediaQuery("(max-width: 720px)", false, { getInitialValueInEffect: false });
  const closed = isClosed(view);
  const takesPart = !watches(view, state.at.seat);
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={44} aria-label={words.more}>
          <IconDots size={22} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={styles["menu"] ?? ""}>
        {narrow && (
          <Menu.Item leftSection={<IconInfoCircle size={18} stroke={1.7} />} onClick={onAbout}>
            {words.aboutOpen}
          </Menu.Item>
        )}
        {!closed && takesPart && (
          <Menu.Item leftSection={<IconArrowsExchange size={18} stroke={1.7} />} onClick={onFormat}>
            {words.changeFormat}
          </Menu.Item>
        )}
        <Menu.Item
          component="a"
          href={`${seatPath(state.at)}/transcript`}
          leftSection={<IconFileText size={18} stroke={1.7} />}
        >
          {words.transcript}
        </Menu.Item>
        {!closed && mayNotify("default") && (
          <Menu.Item
            leftSection={<IconBell size={18} stroke={1.7} />}
            onClick={() => void Notification.requestPermission()}
          >
            {words.notify}
          </Menu.Item>
        )}
        <Look />
        {!closed && takesPart && (
          <>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconDoorExit size={18} stroke={1.7} />}
              onClick={onEnd}
              className={styles["danger"] ?? ""}
            >
              {words.end}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

const LOOKS = [
  { look: "auto", icon: IconDeviceDesktop },
  { look: "light", icon: IconSun },
  { look: "dark", icon: IconMoon },
] as const;

function Look() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{words.look}</Menu.Label>
      {LOOKS.map(({ look, icon: Icon }) => (
        <Menu.Item
          key={look}
          leftSection={<Icon size={18} stroke={1.7} />}
          onClick={() => setColorScheme(look)}
          role="menuitemradio"
          aria-checked={colorScheme === look}
          rightSection={colorScheme === look ? <IconCheck size={18} aria-hidden /> : null}
        >
          {words.looks[look]}
        </Menu.Item>
      ))}
    </>
  );
}
