/** Every verdict of the network check, with sample figures. */
import { Devices } from "../devices";
import { type Figures, type Try, type Verdict, waysOf } from "../network";
import { NetworkCheck } from "../network-check";
import { lobby } from "../strings/lobby";
import { Calm } from "../views/Calm";
import { DevicesContext, NetworkContext } from "../views/lobby/devices";
import styles from "../views/lobby/Lobby.module.css";
import { NetworkStep } from "../views/lobby/NetworkStep";
import { START } from "./samples";

const FIGURES: Figures = { setupMs: 183, roundTripMs: 41, loss: 0, jitterMs: 4 };
const DOOR = { transport: "udp", host: "203.0.113.7", port: 8081 } as const;
const URLS = ["turn:talk.example.org:3478?transport=udp", "turns:talk.example.org:5349"];

const TRIES: readonly Try[] = waysOf([{ urls: URLS, username: "", credential: "" }]).map(
  (way): Try =>
    way.kind === "udp"
      ? { way, attempt: { kind: "late" } }
      : { way, attempt: { kind: "passed", figures: FIGURES } },
);

const verdict = (code: Verdict["code"], figures: Figures | null = FIGURES): Verdict => ({
  code,
  figures,
  door: DOOR,
  reason: code === "unknown" ? "The server is too busy for this check. Try again soon." : "",
});

export const VERDICTS: readonly Verdict[] = [
  verdict("ready"),
  verdict("relayed"),
  verdict("slower"),
  verdict("delayed", { ...FIGURES, roundTripMs: 1100 }),
  verdict("lossy", { ...FIGURES, loss: 0.08 }),
  verdict("poor", { ...FIGURES, loss: 0.31 }),
  verdict("text", null),
  verdict("unknown", null),
];

export function Network({ verdict: found }: { readonly verdict: Verdict }) {
  const check = new NetworkCheck({ kind: "done", at: START, verdict: found, tries: TRIES });
  return (
    <DevicesContext value={new Devices()}>
      <NetworkContext value={check}>
        <Calm title={lobby.network.title}>
          <ol className={styles["steps"]}>
            <NetworkStep />
          </ol>
        </Calm>
      </NetworkContext>
    </DevicesContext>
  );
}
