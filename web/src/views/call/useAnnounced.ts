/** What a screen reader says once: whose microphone or camera changed, and that one is connected. */
import { useEffect, useRef, useState } from "react";
import { type Line, wants } from "../../call-state";
import type { Call, InCall, View } from "../../protocol.gen";
import { useInterview } from "../../room";
import { call as words } from "../../strings/call";
import { nameOf } from "../../strings/names";
import { screen as screenWords } from "../../strings/screen";
import { useCall } from "./CallProvider";

export function useAnnounced(call: Call, view: View): string {
  const { at } = useInterview();
  const { line } = useCall();
  const before = useRef<readonly InCall[]>(untold(call.people, at.seat, line));
  const [said, setSaid] = useState("");
  useEffect(() => {
    for (const { seat } of before.current) {
      const gone = seat !== at.seat && call.people.every((person) => person.seat !== seat);
      if (gone) setSaid(words.said.left(nameOf(view, seat)));
    }
    for (const person of call.people) {
      const earlier = before.current.find((other) => other.seat === person.seat);
      if (earlier === undefined) {
        setSaid(words.said.joined(nameOf(view, person.seat)));
        continue;
      }
      const own = person.seat === at.seat;
      const sentence = changed(earlier, person, own ? null : nameOf(view, person.seat));
      if (sentence !== null) setSaid(sentence);
    }
    before.current = call.people;
  }, [call.people, at.seat, view]);
  return said;
}

/**
 * The people as they are known when the stage is drawn first: who is connected by then has not heard
 * of it yet. It is drawn once more after leaving, and then nobody is to hear that.
 */
export function untold(people: readonly InCall[], self: string, line: Line): readonly InCall[] {
  if (!wants(line)) return people;
  return people.map((one) => (one.seat === self ? { ...one, connected: false } : one));
}

/**
 * `who` is null for oneself: that nothing of the own screen is shown any more comes with why. What
 * somebody else turned off is said by the record's own line, with who did it (`news.ts`).
 */
export function changed(before: InCall, now: InCall, who: string | null): string | null {
  if (now.muted.some((kind) => !before.muted.includes(kind))) return null;
  return before.screen === now.screen ? changedOwn(before, now, who) : changedScreen(now, who);
}

function changedScreen({ screen }: InCall, who: string | null): string | null {
  if (who === null && screen === "off") return null;
  return who === null ? screenWords.said.own[screen] : screenWords.said.other[screen](who);
}

function changedOwn(before: InCall, now: InCall, who: string | null): string | null {
  for (const which of ["microphone", "camera"] as const) {
    if (before[which] === now[which]) continue;
    const turned = now[which] ? "on" : "off";
    return who === null ? words.said[which][turned] : words.said.other[which][turned](who);
  }
  if (before.pause !== null && now.pause === null && now.camera) {
    return who === null ? words.said.pictureBack : words.said.other.pictureBack(who);
  }
  if (who === null && !before.connected && now.connected) return words.said.connected;
  return null;
}
