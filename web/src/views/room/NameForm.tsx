/** A guest says who they are before writing anything. */
import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useCommand } from "../../command";
import { NAME_MAX } from "../../protocol.gen";
import { room as words } from "../../strings/room";
import { Refusal } from "../Refusal";
import styles from "./Room.module.css";

export function NameForm() {
  const { run, busy, refusal } = useCommand("person:name");
  const [name, setName] = useState("");
  const tidy = name.trim();
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (tidy !== "") void run({ name: tidy });
  };
  return (
    <form className={styles["nameForm"]} onSubmit={save}>
      <h2>{words.name.title}</h2>
      <p className={styles["quiet"]}>{words.name.text}</p>
      <div className={styles["nameLine"]}>
        <TextInput
          aria-label={words.name.label}
          placeholder={words.name.label}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={NAME_MAX}
          autoComplete="name"
          dir="auto"
        />
        <Button type="submit" loading={busy} disabled={tidy === ""}>
          {words.name.save}
        </Button>
      </div>
      <Refusal refusal={refusal} />
    </form>
  );
}
