/** Where a personal link leads: one button, since mail scanners follow links but press no buttons. */
import { Button, Text } from "@mantine/core";
import { IconLogin2 } from "@tabler/icons-react";
import { useState } from "react";
import { redeem } from "../../http";
import type { Refused } from "../../protocol.gen";
import { pages } from "../../strings/pages";
import { Calm } from "../Calm";
import { Refusal } from "../Refusal";
import { Farewell } from "../room/Farewell";

type Props = {
  readonly token: string;
  /** The seat that the address names; `moderator` for the desk. */
  readonly seat: string;
  /** The seat's key is in this browser now; `path` is where it opens. */
  readonly onEntered: (path: string) => void;
};

export function Enter({ token, seat, onEntered }: Props) {
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
  if (refusal !== null && USELESS.has(refusal.code)) {
    const link = { kind: "over", code: refusal.code, message: refusal.message } as const;
    // Without the fragment: the same page, opened by the cookie that the first visit left.
    return <Farewell link={link} seatAt={location.pathname} />;
  }
  const face = FACES.find((known) => known === seat) ?? "client";
  return (
    <Calm
      icon={<IconLogin2 />}
      title={words.title[face]}
      actions={
        <Button loading={busy} onClick={() => void enter()}>
          {words.action[face]}
        </Button>
      }
    >
      <Text>{words.text[face]}</Text>
      {face !== "moderator" && <Text c="dimmed">{words.calm}</Text>}
      <Refusal refusal={refusal} />
    </Calm>
  );
}

const FACES = ["client", "freelancer", "moderator"] as const;

/** After these the same link will not do better at a second try. */
const USELESS = new Set(["link_invalid", "link_used"]);
