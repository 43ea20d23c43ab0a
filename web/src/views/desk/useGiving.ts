/** Giving one command from the desk: busy while it runs, and why it was refused. */
import { useState } from "react";
import type { Refused } from "../../protocol.gen";

export function useGiving() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refused | null>(null);
  const give = async (command: () => Promise<Refused | null>): Promise<boolean> => {
    setBusy(true);
    setRefusal(null);
    const refused = await command();
    setBusy(false);
    setRefusal(refused);
    return refused === null;
  };
  return { give, busy, refusal };
}
