/** Giving one command from a view: busy while it runs, the refusal in words, safe to try again. */
import { useCallback, useState } from "react";
import { Attempts } from "./attempts";
import type { Commands, Refused } from "./protocol.gen";
import { useSession } from "./room";

export type Command<K extends keyof Commands> = {
  /** Resolves to whether it was done; never rejects. */
  readonly run: (payload: Omit<Commands[K], "id">) => Promise<boolean>;
  readonly busy: boolean;
  readonly refusal: Refused | null;
};

export function useCommand<K extends keyof Commands>(name: K): Command<K> {
  const { connection } = useSession();
  const [attempts] = useState(() => new Attempts(connection));
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refused | null>(null);

  const run = useCallback(
    async (payload: Omit<Commands[K], "id">) => {
      setBusy(true);
      setRefusal(null);
      const outcome = await attempts.give(name, payload);
      setBusy(false);
      if (!outcome.ok) setRefusal(outcome);
      return outcome.ok;
    },
    [attempts, name],
  );
  return { run, busy, refusal };
}
