/** A seat for a colleague or an observer, then the link that leads to it. */
import { Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";
import { useCommand } from "../../command";
import { NAME_MAX, type View } from "../../protocol.gen";
import { useSession, useView } from "../../room";
import { common } from "../../strings/common";
import { nameIn, otherSide } from "../../strings/names";
import { panel as words } from "../../strings/panel";
import { Dialog } from "../Dialog";
import { Refusal } from "../Refusal";
import { LinkDialog } from "./LinkDialog";

export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const [seat, setSeat] = useState<string | null>(null);
  if (seat !== null) return <LinkDialog seat={seat} onClose={onClose} />;
  return <Form onInvited={setSeat} onClose={onClose} />;
}

const ROLES = ["client", "observer"] as const;
type Invitable = (typeof ROLES)[number];

type FormProps = { readonly onInvited: (seat: string) => void; readonly onClose: () => void };

function Form({ onInvited, onClose }: FormProps) {
  const session = useSession();
  const { state, view } = useView();
  const { run, busy, refusal } = useCommand("person:invite");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Invitable>("client");
  const other = otherSide(view, state.at.seat);
  const invite = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    if (!(await run({ role, name: name.trim() }))) return;
    const seat = lastInvited(session.store.state.view, state.at.seat);
    if (seat === null) onClose();
    else onInvited(seat);
  };
  return (
    <Dialog onClose={onClose} title={words.invite.title}>
      <form onSubmit={(event) => void invite(event)}>
        <Stack>
          <RolePick role={role} onPick={setRole} />
          <TextInput
            label={`${words.invite.name} (${common.optional})`}
            description={words.invite.nameHint}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={NAME_MAX}
            autoComplete="off"
            dir="auto"
          />
          {other !== undefined && (
            <Text size="sm" c="dimmed">
              {words.invite.told(nameIn(view, other.seat))}
            </Text>
          )}
          <Refusal refusal={refusal} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {common.cancel}
            </Button>
            <Button type="submit" loading={busy}>
              {words.invite.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

type PickProps = { readonly role: Invitable; readonly onPick: (role: Invitable) => void };

function RolePick({ role, onPick }: PickProps) {
  return (
    <Radio.Group
      label={words.invite.role}
      value={role}
      onChange={(chosen) => onPick(chosen === "observer" ? "observer" : "client")}
    >
      <Stack gap="sm" mt="xs">
        {ROLES.map((each) => (
          <Radio
            key={each}
            value={each}
            label={words.invite[each]}
            description={words.invite[`${each}Hint`]}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** The seat that this person gave last: what is kept is told before the command is answered. */
function lastInvited(view: View | null, by: string): string | null {
  const last = view?.thread.findLast(
    (item) =>
      item.kind === "notice" && item.event.type === "person:invited" && item.event.by === by,
  );
  if (last?.kind !== "notice" || last.event.type !== "person:invited") return null;
  return last.event.seat;
}
