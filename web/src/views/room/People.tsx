/** Who sits in the interview, and whether they are here. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconEye, IconUsers } from "@tabler/icons-react";
import { useState } from "react";
import type { Person, PresenceState } from "../../protocol.gen";
import { useView } from "../../room";
import { nameOf, namesIn, observersIn, presences, roles } from "../../strings/names";
import { panel } from "../../strings/panel";
import { room as words } from "../../strings/room";
import { Sheet } from "../Dialog";
import { PeopleList } from "./PeopleList";
import styles from "./People.module.css";

/** So many have their names in the header; of more there are faces only. */
const NAMED = 3;

export function People() {
  const { state, view } = useView();
  const [open, setOpen] = useState(false);
  const here = view.people.filter(({ removed }) => !removed);
  const many = here.length > NAMED;
  return (
    <>
      <ul className={styles["people"]} aria-label={words.people} data-many={many || undefined}>
        {(many ? here : view.people).map((person) => (
          <li key={person.seat} data-self={person.seat === state.at.seat || undefined}>
            <Face
              person={person}
              name={nameOf(view, person.seat)}
              self={person.seat === state.at.seat}
              presence={state.presence[person.seat] ?? "offline"}
            />
          </li>
        ))}
      </ul>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={44}
        className={styles["peopleOpen"] ?? ""}
        aria-label={panel.people(here.length)}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        <IconUsers size={22} stroke={1.6} />
      </ActionIcon>
      <Sheet opened={open} onClose={() => setOpen(false)} title={words.people}>
        <PeopleList />
      </Sheet>
    </>
  );
}

/** Everybody is told who only watches. */
export function Observers() {
  const { view } = useView();
  const seats = observersIn(view);
  if (seats.length === 0) return null;
  return (
    <Tooltip label={panel.observesHint} multiline w={260}>
      <span className={styles["observers"]} tabIndex={0}>
        <IconEye size={16} aria-hidden />
        <span>{panel.observes(namesIn(view, seats))}</span>
      </span>
    </Tooltip>
  );
}

type FaceProps = {
  readonly person: Person;
  readonly name: string;
  readonly self: boolean;
  readonly presence: PresenceState;
};

function Face({ person, name, self, presence }: FaceProps) {
  const marks = [self ? words.you : roles[person.role]];
  if (person.guest) marks.push(words.guest);
  if (person.removed) marks.push(words.removedPerson);
  const here = self ? "online" : presence;
  return (
    <Tooltip label={person.guest ? words.guestHint : `${name}, ${presences[here]}`} openDelay={500}>
      <span className={styles["person"]} data-removed={person.removed || undefined}>
        <span className={styles["face"]} aria-hidden>
          <bdi>{initial(name)}</bdi>
          <span className={styles["dot"]} data-presence={here} />
        </span>
        <span className={styles["who"]}>
          <bdi className={styles["whoName"]}>{name}</bdi>
          <span className={styles["whoRole"]}>
            {marks.join(" · ")}
            {!self && <span className="sr-only">, {presences[here]}</span>}
          </span>
        </span>
      </span>
    </Tooltip>
  );
}

/** The first letter as a reader would name it: one grapheme, also of an emoji. */
function initial(name: string): string {
  for (const { segment } of new Intl.Segmenter().segment(name.trim())) {
    return segment.toLocaleUpperCase();
  }
  return "?";
}
