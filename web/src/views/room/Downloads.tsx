/** The ways to take the transcript along. */
import { Button, Group } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useSession } from "../../room";
import { transcriptFile } from "../../routes";
import { room as words } from "../../strings/room";

export function Downloads() {
  const { at } = useSession();
  return (
    <Group gap="xs">
      <Button
        component="a"
        href={transcriptFile(at, "md")}
        download
        variant="default"
        size="sm"
        leftSection={<IconDownload size={16} />}
      >
        {words.closed.markdown}
      </Button>
      <Button
        component="a"
        href={transcriptFile(at, "json")}
        download
        variant="default"
        size="sm"
        leftSection={<IconDownload size={16} />}
      >
        {words.closed.json}
      </Button>
    </Group>
  );
}
