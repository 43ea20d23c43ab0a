/** The way to `/doctor`, from pages of their own. */
import { Anchor } from "@mantine/core";
import { DOCTOR } from "../../routes";
import { lobby } from "../../strings/lobby";

export function ToDoctor() {
  return (
    <Anchor href={DOCTOR} inherit>
      {lobby.doctor.link}
    </Anchor>
  );
}
