/** Offers to tell of what happens here while another tab or program is looked at. */
import { Button } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useState } from "react";
import { lobby } from "../../strings/lobby";
import { mayNotify } from "./door";

export function NotifyMe() {
  const [open, setOpen] = useState(() => mayNotify("default"));
  if (!open) return null;
  return (
    <Button
      variant="subtle"
      leftSection={<IconBell size={18} aria-hidden />}
      onClick={() => void Notification.requestPermission().then(() => setOpen(false))}
    >
      {lobby.door.notify}
    </Button>
  );
}
