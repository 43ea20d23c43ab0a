import { describe, expect, it } from "vitest";
import {
  type Ladder,
  type Strain,
  TOP,
  type UplinkFigures,
  pauseOf,
  raised,
  step,
  uplinkOf,
} from "./call-ladder";

const GOOD: Strain = { at: 0, roundTrip: 40, lost: 0, room: 1_000_000, lostThere: 0 };
const MEANT = { meant: true, chosen: false, spared: false, declined: false };

/** The ladder after so many looks, a second apart, at the same strain. */
function after(ladder: Ladder, seconds: number, strain: Partial<Strain>, from = 0): Ladder {
  let next = ladder;
  for (let second = 1; second <= seconds; second += 1) {
    next = step(next, { ...GOOD, ...strain, at: (from + second) * 1000 });
  }
  return next;
}

describe("given picture and sound", () => {
  it.each([
    ["the browser believes that hardly any room is left", { room: 60_000 }, "own"],
    ["much of the own sound is lost on its way", { lost: 0.2 }, "own"],
    ["answers take a second", { roundTrip: 1_000 }, "own"],
    ["the own way is good, but the listener misses much", { lostThere: 0.2 }, "theirs"],
  ] as const)("when %s, then the picture is paused, and says whose it is", (_, strain, why) => {
    expect(after(TOP, 3, strain).rung).toBe("picture");
    expect(pauseOf(after(TOP, 4, strain), MEANT)).toEqual({ held: "picture", why });
  });

  it("when trouble comes and goes, then only what is not made good counts", () => {
    let ladder = TOP;
    for (let at = 0; at < 20; at += 2) {
      ladder = after(after(ladder, 1, { lost: 0.2 }, at), 1, {}, at + 1);
    }
    expect(ladder.rung).toBe("picture");
  });

  it("when a browser does not estimate, then nothing is concluded from it", () => {
    expect(after(TOP, 60, { room: null }).rung).toBe("picture");
  });

  it("when a tenth is lost, which redundancy mends, then the picture stays", () => {
    expect(after(TOP, 60, { lost: 0.1, lostThere: 0.1 }).rung).toBe("picture");
  });
});

describe("given sound alone", () => {
  const sound = after(TOP, 4, { lost: 0.2 });

  it("when the sound cannot be followed for some seconds, then writing takes over", () => {
    expect(after(sound, 5, { lost: 0.5 }, 4).rung).toBe("sound");
    expect(pauseOf(after(sound, 6, { lost: 0.5 }, 4), MEANT)).toEqual({
      held: "sound",
      why: "own",
    });
  });

  it("when it stays as bad as it was, then nothing changes", () => {
    expect(after(sound, 300, { lost: 0.2 }, 4).rung).toBe("sound");
  });

  it("when it has been calm for half a minute, then the picture is tried again", () => {
    expect(after(sound, 30, {}, 4).rung).toBe("sound");
    expect(after(sound, 31, {}, 4).rung).toBe("picture");
  });

  it("when the calm is broken, then it begins again", () => {
    const broken = after(after(sound, 20, {}, 4), 1, { lost: 0.1 }, 24);
    expect(after(broken, 30, {}, 25).rung).toBe("sound");
  });

  it("when the try fails, then the next one waits twice as long", () => {
    const again = after(after(sound, 31, {}, 4), 4, { lost: 0.2 }, 35);
    expect(after(again, 60, {}, 39).rung).toBe("sound");
    expect(after(again, 61, {}, 39).rung).toBe("picture");
  });

  it("when the person asks, then it is tried at once", () => {
    expect(raised(sound, 5_000).rung).toBe("picture");
  });
});

describe("given writing", () => {
  const writing = after(after(TOP, 4, { lost: 0.5 }), 6, { lost: 0.5 }, 4);

  it("when it has been calm for ten seconds, then the sound comes back, and later the picture", () => {
    expect(writing.rung).toBe("writing");
    expect(after(writing, 10, {}, 10).rung).toBe("writing");
    expect(after(writing, 11, {}, 10).rung).toBe("sound");
    expect(after(writing, 32, {}, 10).rung).toBe("picture");
  });
});

describe("whose connection it is", () => {
  it("is one's own where much is lost on the own way, and missing there for that", () => {
    const sound = after(TOP, 4, { lost: 0.2 });
    const lossy = { lost: 0.3, lostThere: 0.5 };
    expect(after(sound, 6, lossy)).toMatchObject({ rung: "writing", why: "own" });
  });

  it("is one's own where a look in between found it good, as a look may", () => {
    const three = after(TOP, 3, { lost: 0.25, lostThere: 0.25 });
    expect(after(three, 1, { lost: 0.1, lostThere: 0.25 }, 3)).toMatchObject({
      rung: "sound",
      why: "own",
    });
  });

  it("is theirs again once what was one's own is made good", () => {
    const mended = after(after(TOP, 2, { lost: 0.25 }), 2, {}, 2);
    expect(after(mended, 4, { lostThere: 0.25 }, 4)).toMatchObject({
      rung: "sound",
      why: "theirs",
    });
  });

  it("is one's own where most of what is missing there was lost on the own way", () => {
    const lossy = { lost: 0.14, lostThere: 0.18 };
    expect(after(TOP, 4, lossy)).toMatchObject({ rung: "sound", why: "own" });
  });

  it("is theirs where most of it was lost beyond the own way", () => {
    const sound = after(TOP, 4, { lost: 0.2 });
    const lossy = { lost: 0.16, lostThere: 0.5 };
    expect(after(sound, 6, lossy, 4)).toMatchObject({ rung: "writing", why: "theirs" });
  });

  it("is theirs where the own way is good", () => {
    const sound = after(TOP, 4, { lostThere: 0.2 });
    expect(after(sound, 6, { lostThere: 0.5 })).toMatchObject({ rung: "writing", why: "theirs" });
  });
});

describe("what is held back", () => {
  const sound = after(TOP, 4, { lost: 0.2 });

  it("is nothing where no picture is meant", () => {
    expect(pauseOf(sound, { ...MEANT, meant: false })).toBeNull();
  });

  it("is the picture of whoever chose sound only, and of whom they spare it", () => {
    expect(pauseOf(TOP, { ...MEANT, chosen: true })).toEqual({ held: "picture", why: "chosen" });
    expect(pauseOf(TOP, { ...MEANT, spared: true })).toEqual({ held: "picture", why: "theirs" });
    expect(pauseOf(TOP, MEANT)).toBeNull();
  });
});

type Entry = Omit<UplinkFigures, "id" | "timestamp"> & { readonly timestamp?: number };

/** What is read of a browser's report with these entries. */
function read(...entries: readonly Entry[]) {
  return uplinkOf(
    entries.map((entry, at) => ({ timestamp: 9_000, id: String(at), ...entry })),
    7,
  );
}

it("reads the way to the server from the pair in use and the reports on the own sound", () => {
  const uplink = read(
    { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
    {
      type: "candidate-pair",
      nominated: true,
      currentRoundTripTime: 0.05,
      availableOutgoingBitrate: 300_000,
    },
    { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.9 },
    { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.02 },
    { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0 },
  );
  expect(uplink).toEqual({ at: 7, roundTrip: 50, lost: 0.02, room: 300_000 });
});

it("forgets a report after which no other has come", () => {
  const uplink = read(
    { type: "candidate-pair", nominated: true },
    { type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.5, timestamp: 5_000 },
  );
  expect(uplink.lost).toBe(0);
});

it("judges by the picture where no sound is sent", () => {
  expect(read({ type: "remote-inbound-rtp", kind: "video", fractionLost: 0.3 }).lost).toBe(0.3);
});

it("takes the round trip from the reports where a browser does not tell that of the pair", () => {
  const uplink = read(
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0 },
    { type: "remote-inbound-rtp", kind: "audio", roundTripTime: 1.5 },
  );
  expect(uplink.roundTrip).toBe(1_500);
});
