/** Whether a call will get through from this network: a sentence, and figures for who wants them. */
import { Button } from "@mantine/core";
import { IconNetwork } from "@tabler/icons-react";
import type { Network, VerdictCode } from "../../network";
import { type StepState, lobby, verdicts } from "../../strings/lobby";
import { clock } from "../../strings/names";
import { useNetwork, useNetworkCheck } from "./devices";
import { NetworkDetails } from "./NetworkDetails";
import { Step } from "./Step";

const words = lobby.network;

const STATE: { readonly [K in VerdictCode]: StepState } = {
  ready: "passed",
  relayed: "passed",
  slower: "warning",
  delayed: "warning",
  lossy: "warning",
  poor: "failed",
  text: "failed",
  unknown: "late",
};

export function NetworkStep() {
  const check = useNetworkCheck();
  const network = useNetwork();
  const running = network.kind === "running";
  return (
    <Step
      title={words.title}
      state={network.kind === "done" ? STATE[network.verdict.code] : network.kind}
      said={said(network)}
      {...(running && { progress: network.progress })}
      onSkip={running ? () => check.skip() : undefined}
    >
      {network.kind === "done" && <NetworkDetails done={network} />}
      {!running && (
        <div>
          <Button
            variant="default"
            leftSection={<IconNetwork size={18} aria-hidden />}
            onClick={() => void check.run()}
          >
            {network.kind === "done" ? lobby.again : words.begin}
          </Button>
        </div>
      )}
    </Step>
  );
}

function said(network: Network): string {
  switch (network.kind) {
    case "idle":
      return words.intro;
    case "running":
      return words.running;
    case "skipped":
      return words.skipped;
    case "done":
      return `${verdicts[network.verdict.code](network.verdict)} ${words.checked(clock(network.at))}`;
  }
}
