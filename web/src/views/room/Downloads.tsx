/** The ways to take the transcript along: buttons, for a row of them. */
import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useSession } from "../../room";
import { transcriptFile } from "../../routes";
import { room as words } from "../../strings/room";

const FILES = [
  ["md", words.closed.markdown],
  ["json", words.closed.json],
] as const;

export function Downloads() {
  const { at } = useSession();
  return (
    <>
      {FILES.map(([kind, label]) => (
        <Button
          key={kind}
          component="a"
          href={transcriptFile(at, kind)}
          download
          variant="default"
          size="sm"
          leftSection={<IconDownload size={16} />}
        >
          {label}
        </Button>
      ))}
    </>
  );
}
