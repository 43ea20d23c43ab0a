/** Everybody in the interview by name, what they are, and what may be done about them. */
import { Button } from "@mantine/core";
import { IconEye, IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useView } from "../../room";
import { isClosed } from "../../state";
import { nameOf, presences, roles } from "../../strings/names";
import { panel } from "../../strings/panel";
import { room as words } from "../../strings/room";
import { InviteDialog } from "../panel/InviteDialog";
import { PersonMenu } from "../panel/PersonMenu";
import styles from "./Room.module.css";

export function PeopleList() {
  const { state, view } = useView();
  return (
    <>
      <ul className={styles["peopleList"]}>
        {view.people.map((person) => {
          const self = person.seat === state.at.seat;
          const marks = [roles[person.role]];
          if (person.guest) marks.push(words.guest);
          if (person.removed) marks.push(words.removedPerson);
          else marks.push(self ? words.you : presences[state.presence[person.seat] ?? "offline"]);
          return (
            <li key={person.seat}>
              <span className={styles["listed"]}>
                <bdi>{nameOf(view, person.seat)}</bdi>
                <span className={styles["quiet"]}>
                  {person.role === "observer" && <IconEye size={15} aria-hidden />}{" "}
                  {marks.join(" · ")}
                </span>
              </span>
              <PersonMenu seat={person.seat} />
            </li>
          );
        })}
      </ul>
      <Invite />
    </>
  );
}

/** The client's side may bring people along. */
function Invite() {
  const { state, view } = useView();
  const [open, setOpen] = useState(false);
  if (state.me?.role !== "client" || isClosed(view)) return null;
  return (
    <>
      <Button
        variant="default"
        size="sm"
        mt="sm"
        leftSection={<IconUserPlus size={18} />}
        onClick={() => setOpen(true)}
      >
        {panel.invite.open}
      </Button>
      {open && <InviteDialog onClose={() => setOpen(false)} />}
    </>
  );
}
