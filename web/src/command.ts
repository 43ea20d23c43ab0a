/** Giving one command from a view: busy while it runs, the refusal in words, safe to try again. */
import { useCallback, useRef, useState } from "react";
import { UNKNOWN_OUTCOME, newId } from "./connection";
import type { Commands, Refused } from "./protocol.gen";
import { useSession } from "./room";

export type Command<K extends keyof Commands> = {
  /** Resolves to whether it was done; never rejects. */
  readonly run: (payload: Omit<Commands[K], "id">) => Promise<boolean>;
  readonly busy: boolean;
  readonly refusal: Refused | null;
  readonly clear: () => void;
};

export function useCommand<K extends keyof Commands>(name: K): Command<K> {
  const { connection } = useSession();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refused | null>(null);
  // Kept while the outcome is unknown, so that trying again cannot do it twice.
  const id = useRef<string | null>(null);

  const run = useCallback(
    async (payload: Omit<Commands[K], "id">) => {
      setBusy(true);
      setRefusal(null);
      id.current ??= newId();
      const outcome = await connection.command(name, payload, id.current);
      setBusy(false);
      if (outcome.ok || !UNKNOWN_OUTCOME.has(outcome.code)) id.current = null;
      if (!outcome.ok) setRefusal(outcome);
      return outcome.ok;
    },
    [connection, name],
  );
  const clear = useCallback(() => setRefusal(null), []);
  return { run, busy, refusal, clear };
}
