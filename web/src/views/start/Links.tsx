/** The two personal links of a new interview, to copy and send. */
import { Button, CopyButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconCheck, IconCopy, IconMailForward } from "@tabler/icons-react";
import type { Created } from "../../http";
import { common } from "../../strings/common";
import { pages } from "../../strings/pages";
import { Calm } from "../Calm";

type Props = { readonly created: Created; readonly onAnother: () => void };

export function Links({ created, onAnother }: Props) {
  const words = pages.created;
  return (
    <Calm
      icon={<IconMailForward />}
      title={words.title}
      actions={
        <>
          <Button component="a" href={created.links.client}>
            {words.open}
          </Button>
          <Button variant="default" onClick={onAnother}>
            {words.another}
          </Button>
        </>
      }
    >
      <Text>{words.lead}</Text>
      <Stack>
        <Link label={words.client} address={created.links.client} />
        <Link label={words.freelancer} address={created.links.freelancer} />
      </Stack>
    </Calm>
  );
}

function Link({ label, address }: { readonly label: string; readonly address: string }) {
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <TextInput
        label={label}
        value={address}
        readOnly
        onFocus={(event) => event.currentTarget.select()}
        style={{ flex: 1 }}
      />
      <CopyButton value={address}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            onClick={copy}
            aria-label={`${common.copy}: ${label}`}
            leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          >
            {copied ? common.copied : common.copy}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
