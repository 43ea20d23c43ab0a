/** The figures of a network check, to read and to copy; nothing secret is among them. */
import { Button, CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { Figures, Network, Try } from "../../network";
import { common } from "../../strings/common";
import { lobby, verdicts, wayName } from "../../strings/lobby";
import styles from "./Lobby.module.css";

const words = lobby.network;
const COLUMNS = [words.way, words.result, words.setup, words.roundTrip, words.loss, words.jitter];

type Done = Extract<Network, { kind: "done" }>;

export function NetworkDetails({ done }: { readonly done: Done }) {
  return (
    <details className={styles["details"]}>
      <summary>{words.details}</summary>
      <div className={styles["sheet"]} tabIndex={0} role="group" aria-label={words.details}>
        <table>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {done.tries.map((one) => (
              <tr key={wayName(one.way)}>
                {cells(one).map((cell, column) => (
                  <td key={COLUMNS[column]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CopyButton value={reportOf(done)}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            onClick={copy}
          >
            {copied ? common.copied : words.copy}
          </Button>
        )}
      </CopyButton>
    </details>
  );
}

/** One row, in the order of `COLUMNS`. */
function cells({ way, attempt }: Try): readonly string[] {
  const result = attempt.kind === "refused" ? attempt.message : words.attempt[attempt.kind];
  const figures = attempt.kind === "passed" ? figuresOf(attempt.figures) : ["", "", "", ""];
  return [wayName(way), result, ...figures];
}

function figuresOf({ setupMs, roundTripMs, loss, jitterMs }: Figures): readonly string[] {
  const { milliseconds, share } = words;
  return [milliseconds(setupMs), milliseconds(roundTripMs), share(loss), milliseconds(jitterMs)];
}

/** The same as plain text, with what a helpdesk asks first: when, where, which browser. */
function reportOf(done: Done): string {
  const rows = done.tries.map((one) => {
    const [way = "", result = "", ...figures] = cells(one);
    const named = figures.map((figure, column) => `${COLUMNS[column + 2]} ${figure}`);
    return [`${way}: ${result}`, ...(one.attempt.kind === "passed" ? named : [])].join(", ");
  });
  return [
    verdicts[done.verdict.code](done.verdict),
    `${new Date(done.at).toISOString()}, ${location.host}`,
    navigator.userAgent,
    ...rows,
  ].join("\n");
}
