/** The two personal links of a new interview, to copy and send. */
import { Button, Stack, Text } from "@mantine/core";
import { IconMailForward } from "@tabler/icons-react";
import type { Created } from "../../http";
import { pages } from "../../strings/pages";
import { Calm } from "../Calm";
import { LinkField } from "../LinkField";

type Props = { readonly created: Created; readonly onAnother: () => void };

export function Links({ created, onAnother }: Props) {
  const words = pages.created;
  return (
    <Calm
      icon={<IconMailForward />}
      title={words.title}
      actions={
        <>
          {/* In a window of its own: the freelancer's link is shown here and nowhere else. */}
          <Button component="a" href={created.links.client} target="_blank" rel="noopener">
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
        <LinkField label={words.client} address={created.links.client} />
        <LinkField label={words.freelancer} address={created.links.freelancer} />
      </Stack>
    </Calm>
  );
}
