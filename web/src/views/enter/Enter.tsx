/** Where a personal link leads: one button, since mail scanners follow links but press no buttons. */
import { Button, Text } from "@mantine/core";
import { IconLogin2 } from "@tabler/icons-react";
import { useState } from "react";
import { redeem } from "../../http";
import type { Refused } from "../../protocol.gen";
import { pages } from "../../strings/pages";
import { Calm } from "../Calm";
import { Refusal } from "../Refusal";

type Props = {
  readonly token: string;
  /** The seat that the address names; null for the moderators' desk. */
  readonly seat: string | null;
  readonly title?: string;
  readonly action?: string;
  /** The seat's key is in this browser now; `path` is where it opens. */
  readonly onEntered: (path: string) => void;
};

export function Enter({ token, seat, title, action, onEntered }: Props) {
  const words = pages.enter;
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refused | null>(null);
  const enter = async (): Promise<void> => {
    setBusy(true);
    setRefusal(null);
    const outcome = await redeem(token);
    if (outcome.ok) {
      onEntered(outcome.value);
      return;
    }
    setBusy(false);
    setRefusal(outcome);
  };
  const heading =
    seat === "client" || seat === "freelancer" ? words.title[seat] : (title ?? words.otherTitle);
  return (
    <Calm
      icon={<IconLogin2 />}
      title={heading}
      actions={
        <Button loading={busy} onClick={() => void enter()} data-autofocus>
          {action ?? words.action}
        </Button>
      }
    >
      <Text>{words.text}</Text>
      {seat !== null && <Text c="dimmed">{words.calm}</Text>}
      <Refusal refusal={refusal} />
    </Calm>
  );
}
