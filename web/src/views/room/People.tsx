/** Who sits in the interview, and whether they are here. */
import { Tooltip } from "@mantine/core";
import type { Person, PresenceState } from "../../protocol.gen";
import { useView } from "../../room";
import { nameOf, presences, roles } from "../../strings/names";
import { room as words } from "../../strings/room";
import styles from "./Room.module.css";

export function People() {
  const { state, view } = useView();
  return (
    <ul className={styles["people"]} aria-label={words.people}>
      {view.people.map((person) => (
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
          <span className={styles["whoName"]}>
            <bdi>{name}</bdi>
          </span>
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
