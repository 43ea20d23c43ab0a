/** What the transcript proves, and the signed heads to keep with it. */
import { Anchor, Button } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { cutLanes } from "../../heads";
import { useView } from "../../room";
import { moment } from "../../strings/names";
import { pages } from "../../strings/pages";
import styles from "./Transcript.module.css";

const words = pages.proof;

export function Proof() {
  const { state } = useView();
  const heads = Object.values(state.heads);
  const shared = state.heads["shared"];
  if (shared === undefined) return null;
  const file = new Blob([JSON.stringify(heads, null, 2)], { type: "application/json" });
  return (
    <section className={styles["proof"]} aria-labelledby="proof">
      <h2 id="proof">{words.title}</h2>
      {cutLanes(state.heads, state.cursor).length > 0 && (
        <p role="alert" className={styles["cut"]}>
          {words.cut}
        </p>
      )}
      <p>{words.signed(shared.seq, moment(shared.at))}</p>
      <p>{words.proves}</p>
      <p>{words.limit}</p>
      <p>
        {words.how} <code>parley verify</code>.{" "}
        <Anchor href="/api/signing-key" inherit underline="always">
          {words.key}
        </Anchor>
      </p>
      <Button
        variant="default"
        size="sm"
        leftSection={<IconShieldCheck size={16} />}
        onClick={() => save(file, `interview-${state.at.interview}-heads.json`)}
      >
        {words.save}
      </Button>
    </section>
  );
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
