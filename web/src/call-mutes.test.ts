import { expect, it } from "vitest";
import { Mutes } from "./call-mutes";
import type { Muted } from "./call-state";
import type { Notice } from "./protocol.gen";
import { view } from "./test/record";

function muted(seq: number, seat: string): Notice {
  const event = { type: "call:muted", by: "client-2", at: 0, seat, kind: "camera" } as const;
  return { kind: "notice", lane: "shared", seq, event, text: null };
}

it("hears each time that one is muted once, and not what was before this page", () => {
  const heard: Muted[] = [];
  const mutes = new Mutes("client", (one) => void heard.push(one));
  const thread = [muted(4, "client")];
  mutes.follow(view({ thread }));
  expect(heard).toEqual([]);
  const later = [...thread, muted(5, "freelancer"), muted(6, "client")];
  mutes.follow(view({ thread: later }));
  mutes.follow(view({ thread: later }));
  expect(heard).toEqual([{ kind: "camera", by: "client-2" }]);
});
