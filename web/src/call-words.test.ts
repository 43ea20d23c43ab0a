import { describe, expect, it } from "vitest";
import { loudness, troubleOf } from "./call-devices";
import { ownersIn } from "./call-peer";
import { initialCall, reduceCall } from "./call-state";
import { initials } from "./views/call/Avatar";
import { browserOf } from "./views/lobby/browser";
import { clockFace } from "./views/call/StageBar";
import type { Pause } from "./protocol.gen";
import { partOf } from "./test/record";
import { allOf, noticeOf, pauseNotice } from "./views/call/StageNotice";
import { changed } from "./views/call/useAnnounced";
import { talksFrom } from "./views/call/usePushToTalk";

describe("whose media a line carries", () => {
  it("is said by the answer's mid and msid", () => {
    const sdp = [
      "v=0",
      "m=audio 9 UDP/TLS/RTP/SAVPF 111",
      "a=mid:0",
      "a=msid:freelancer freelancer-audio-0",
      "m=video 9 UDP/TLS/RTP/SAVPF 96",
      "a=mid:1",
      "a=msid:vacant-0 vacant-0-video-1",
      "m=video 0 UDP/TLS/RTP/SAVPF 96",
      "a=mid:2",
      "",
    ].join("\r\n");
    expect([...ownersIn(sdp)]).toEqual([
      ["0", "freelancer"],
      ["1", "vacant-0"],
    ]);
  });
});

describe("trouble with devices", () => {
  it.each([
    ["NotAllowedError", "denied"],
    ["SecurityError", "denied"],
    ["NotFoundError", "missing"],
    ["OverconstrainedError", "missing"],
    ["NotReadableError", "busy"],
    ["TypeError", "broken"],
  ])("%s means %s", (name, trouble) => {
    expect(troubleOf(name)).toBe(trouble);
  });

  it("is explained for the browser at hand", () => {
    const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";
    expect(browserOf(chrome)).toBe("chrome");
    expect(browserOf(`${chrome} Edg/140.0`)).toBe("edge");
    expect(browserOf("Mozilla/5.0 (X11; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("firefox");
    expect(browserOf("Mozilla/5.0 (Macintosh) Version/19.0 Safari/605.1.15")).toBe("safari");
    expect(browserOf("Mozilla/5.0 (Macintosh) Version/19.0 Safari/605.1.15", 5)).toBe("ios");
    expect(browserOf("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile")).toBe("android");
  });
});

it("follows the ear: silence is nothing, full scale is all, speech lies between", () => {
  expect(loudness(0)).toBe(0);
  expect(loudness(1)).toBe(1);
  expect(loudness(0.05)).toBeGreaterThan(0.4);
});

it("takes letters as people see them for initials", () => {
  expect(initials("Tomás Rivera")).toBe("TR");
  expect(initials("ada")).toBe("A");
  expect(initials("👩‍🔬 Lab")).toBe("👩‍🔬L");
  expect(initials("Maria da Silva e Souza")).toBe("MS");
  expect(initials("")).toBe("");
});

it("tells the length of a call as a clock does", () => {
  expect(clockFace(0)).toBe("0:00");
  expect(clockFace(247_900)).toBe("4:07");
  expect(clockFace(3_729_000)).toBe("1:02:09");
});

const BEN = partOf("freelancer");

describe("what is wrong with a call", () => {
  const idle = initialCall({ microphone: "", camera: "", speaker: "", quiet: false });
  const fine = reduceCall(idle, { type: "line", line: { kind: "connected" } });

  it("is nothing while all is well", () => {
    expect(noticeOf(fine, BEN, "Ben")).toBeNull();
  });

  it("is told with a way out when it failed", () => {
    const failed = reduceCall(fine, {
      type: "line",
      line: { kind: "failed", code: "calls_full", message: "This server is full." },
    });
    expect(noticeOf(failed, BEN, "Ben")).toMatchObject({
      text: "This server is full.",
      retry: true,
    });
  });

  it("is first what hinders most", () => {
    const health = { hearing: "stalled", seeing: "stalled", heard: "stalled", weak: true } as const;
    const bad = reduceCall(fine, { type: "health", health });
    expect(noticeOf(bad, { ...BEN, connected: false }, "Ben")?.title).toContain("Waiting for Ben");
    expect(noticeOf(bad, BEN, "Ben")?.title).toContain("No sound arrives from Ben");
  });

  it("is told to who only watches and can see nothing, without a word of being heard", () => {
    const pause = { held: "picture", why: "codec" } as const;
    const unseeing = reduceCall(fine, { type: "pause", pause });
    expect(noticeOf(unseeing, BEN, "Ben", true)?.title).toBe(
      "You hear this call, but this browser cannot show its pictures.",
    );
  });
});

describe("what is held back", () => {
  const said = (mine: Pause | null, theirs: Pause | null) =>
    pauseNotice(mine, theirs, "Ben")?.title;

  it.each([
    [{ held: "picture", why: "own" }, null, "Your picture is paused: your connection is slow."],
    [{ held: "picture", why: "theirs" }, null, "Your picture is paused: Ben’s connection is slow."],
    [{ held: "sound", why: "own" }, null, "Your connection is too slow for sound."],
    [null, { held: "picture", why: "own" }, "Ben’s picture is paused: their connection is slow."],
    [null, { held: "picture", why: "theirs" }, "Ben’s picture is paused: your connection is slow."],
    [null, { held: "sound", why: "own" }, "Ben’s connection is too slow for sound."],
    [
      { held: "picture", why: "theirs" },
      { held: "picture", why: "chosen" },
      "Ben chose sound only, so no pictures are sent, either way.",
    ],
    [
      { held: "picture", why: "chosen" },
      { held: "picture", why: "theirs" },
      "Sound only, as you chose: no pictures are sent, either way.",
    ],
  ] satisfies [Pause | null, Pause | null, string][])(
    "of mine %o and of theirs %o is told as “%s”",
    (mine, theirs, sentence) => expect(said(mine, theirs)).toContain(sentence),
  );

  it("is nothing while nothing is", () => {
    expect(said(null, null)).toBeUndefined();
  });

  it("is said of several as of one only where all of them chose it", () => {
    const chosen = { ...BEN, pause: { held: "picture", why: "chosen" } as const };
    const both = pauseNotice(
      { held: "picture", why: "theirs" },
      allOf([chosen, chosen])?.pause ?? null,
      "the others",
    );
    expect(both?.title).toBe("the others chose sound only, so no pictures are sent, either way.");
    expect(allOf([chosen, BEN])?.pause).toBeNull();
    expect(allOf([chosen, { ...BEN, connected: false }])?.pause).toEqual(chosen.pause);
    expect(allOf([{ ...BEN, connected: false }])).toBeUndefined();
  });

  it("names whose connection it is, of several too", () => {
    const sentence = pauseNotice({ held: "picture", why: "theirs" }, null, "the others")?.title;
    expect(sentence).toContain("paused: the others’ connection is slow");
  });

  it("is announced when it is over", () => {
    const paused = { ...BEN, pause: { held: "picture", why: "own" } as const };
    expect(changed(paused, BEN, "Ben")).toBe("Ben’s picture is back.");
  });
});

describe("what is announced", () => {
  const before = BEN;

  it("names who switched what", () => {
    expect(changed(before, { ...before, microphone: false }, "Ben")).toBe(
      "Ben turned the microphone off.",
    );
    expect(changed(before, { ...before, camera: false }, null)).toBe(
      "Your camera is off. Nobody sees you.",
    );
  });

  it("is nothing when nothing changed", () => {
    expect(changed(before, { ...before }, "Ben")).toBeNull();
  });
});

describe("Space as the key to talk", () => {
  function element(html: string): Element {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const found = parsed.querySelector("[data-here]");
    if (found === null) throw new Error("nothing is here");
    return found;
  }

  it.each([
    ["<p data-here>Read</p>", true],
    ["<textarea data-here></textarea>", false],
    ["<button><b data-here>Send</b></button>", false],
    ["<div role='dialog'><p data-here>Read</p></div>", false],
    ["<div tabindex='0' data-here>A message</div>", false],
    ["<button data-talks><b data-here>Microphone</b></button>", false],
  ])("in %s: %s", (html, talks) => {
    expect(talksFrom(element(html), null, false)).toBe(talks);
  });

  it.each([
    ["<p data-here>Read</p>", false],
    ["<button data-here>Send</button>", false],
    ["<button data-talks><b data-here>Microphone</b></button>", true],
  ])("held for long in %s: %s", (html, talks) => {
    expect(talksFrom(element(html), null, true)).toBe(talks);
  });

  it("talks again from the button that a pointer pressed", () => {
    const button = element("<button data-here>Microphone</button>");
    expect(talksFrom(button, button, false)).toBe(true);
  });
});
