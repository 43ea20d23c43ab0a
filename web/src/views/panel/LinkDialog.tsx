/** A personal link for somebody whom the own side invited: made when asked for, shown once. */
import { Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Link, Refused } from "../../protocol.gen";
import { useSession, useView } from "../../room";
import { common } from "../../strings/common";
import { nameIn } from "../../strings/names";
import { panel as words } from "../../strings/panel";
import { Dialog } from "../Dialog";
import { LinkField } from "../LinkField";
import { Refusal } from "../Refusal";

type Props = { readonly seat: string; readonly onClose: () => void };

export function LinkDialog({ seat, onClose }: Props) {
  const { view } = useView();
  const made = useLink(seat);
  return (
    <Dialog onClose={onClose} title={words.link.title(nameIn(view, seat))}>
      <Stack>
        {made === null && (
          <div role="status" aria-label={words.link.making}>
            <Skeleton height={44} />
          </div>
        )}
        {made?.ok === true && <LinkField label={words.link.label} address={made.url} />}
        {made?.ok === false && <Refusal refusal={made} />}
        <Text size="sm" c="dimmed">
          {words.link.hint} {words.link.replaces}
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>{common.close}</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Null until the server has answered. */
function useLink(seat: string): Link | Refused | null {
  const { connection } = useSession();
  const [made, setMade] = useState<Link | Refused | null>(null);
  useEffect(() => {
    let shown = true;
    void connection.ask("link:make", { seat }).then((link) => {
      if (shown) setMade(link);
    });
    return () => {
      shown = false;
    };
  }, [connection, seat]);
  return made;
}
