/** Who speaks, by what this browser plays: no word of the server is waited for. */
import { useEffect, useState } from "react";
import { SILENCE, listen } from "../../call-speaker";
import { useCallClient } from "./CallProvider";

const EVERY_MS = 200;

/** The one of these seats to show large; null while nobody has spoken. */
export function useSpeaker(seats: readonly string[]): string | null {
  const client = useCallClient();
  const [speaker, setSpeaker] = useState<string | null>(null);
  const key = seats.join(" ");
  useEffect(() => {
    const among = key === "" ? [] : key.split(" ");
    let state = SILENCE;
    const timer = setInterval(() => {
      const levels = Object.fromEntries(among.map((seat) => [seat, client.levelOf(seat)]));
      state = listen(state, levels, performance.now());
      setSpeaker(state.speaker);
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [client, key]);
  return speaker;
}
