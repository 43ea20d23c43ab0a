import { describe, expect, it } from "vitest";
import {
  type Attempt,
  type Door,
  type Figures,
  type Try,
  doorsIn,
  narrowed,
  progressOf,
  verdictOf,
  waysOf,
} from "./network";
import { verdicts, wayName } from "./strings/lobby";

const GOOD: Figures = { setupMs: 80, roundTripMs: 30, loss: 0, jitterMs: 3 };
const works = (figures: Partial<Figures> = {}): Attempt => ({
  kind: "passed",
  figures: { ...GOOD, ...figures },
});
const late: Attempt = { kind: "late" };
const URLS = [
  "turn:talk.example.org:3478?transport=udp",
  "turn:talk.example.org:3478?transport=tcp",
  "turns:talk.example.org:5349?transport=tcp",
];
const WAYS = waysOf([{ urls: URLS, username: "u", credential: "c" }]);
const DOOR: Door = { transport: "udp", host: "203.0.113.7", port: 8081 };

/** Attempts by UDP, by TCP, and by the relay over UDP, TCP and TLS. */
function tried(...attempts: readonly Attempt[]): readonly Try[] {
  return attempts.flatMap((attempt, at) => {
    const way = WAYS[at];
    return way === undefined ? [] : [{ way, attempt }];
  });
}

function sentence(...attempts: readonly Attempt[]): string {
  const verdict = verdictOf(tried(...attempts), [DOOR]);
  return verdicts[verdict.code](verdict);
}

describe("the verdict", () => {
  it("is ready where UDP works, whatever else does not", () => {
    expect(sentence(works(), late, late)).toBe("Your network is ready for video.");
  });

  it("names the relay where only it is reached by UDP", () => {
    expect(sentence(late, works(), works())).toBe(
      "Your network blocks the direct way; we go through a relay. Video works.",
    );
  });

  it.each([
    ["TCP", [late, works()]],
    ["a relay over TLS", [late, late, late, late, works()]],
  ])("names a slower way where only %s works", (_, attempts) => {
    expect(sentence(...attempts)).toBe(
      "Your network blocks UDP; we use a slower way in. Video works.",
    );
  });

  it("judges by the way that a call would take", () => {
    const found = verdictOf(tried(late, works({ loss: 0.4 }), works({ roundTripMs: 90 })), []);
    expect(found.figures?.roundTripMs).toBe(90);
  });

  it.each([
    [{ roundTripMs: 900 }, "What you say arrives 500 ms late."],
    [{ roundTripMs: 2400 }, "What you say arrives 1.2 s late."],
    [{ loss: 0.08 }, "Your network loses 8 of 100 packets. Voice works;"],
    [{ loss: 0.3 }, "Your network loses 30 of 100 packets: voices will break up."],
  ])("tells of %j", (figures, begins) => {
    expect(sentence(works(figures)).startsWith(begins)).toBe(true);
  });

  it("is text where nothing works, and says what to open", () => {
    expect(sentence(late, { kind: "failed" }, late)).toBe(
      "Only text will work from this network: sound and picture do not get through. Ask your " +
        "network’s administrator to allow UDP port 8081 to 203.0.113.7, or try another network, " +
        "such as a phone’s.",
    );
  });

  it("does not blame the network for what the server refused", () => {
    const refused: Attempt = { kind: "refused", message: "The server is too busy." };
    expect(sentence(refused, refused)).toContain("could not find out");
  });
});

it("counts a way that has ended as done, and others by how far they are", () => {
  expect(progressOf([])).toBe(0);
  expect(progressOf(tried(late, { kind: "running", progress: 0.5 }))).toBe(0.75);
});

it("names each way for people who run networks", () => {
  expect(WAYS.map(wayName)).toEqual([
    "UDP, directly",
    "TCP, directly",
    `Relay by UDP, ${URLS[0]}`,
    `Relay by TCP, ${URLS[1]}`,
    `Relay by TLS, ${URLS[2]}`,
  ]);
});

describe("an answer", () => {
  const candidate = (number: number, transport: string, more = "") =>
    `a=candidate:${number} 1 ${transport} 2130706431 203.0.113.7 8081 typ host${more}\r\n`;
  const sdp = ["v=0\r\n", candidate(1, "udp"), candidate(2, "tcp", " tcptype passive")].join("");

  it("says where the server is", () => {
    expect(doorsIn(sdp)).toEqual([DOOR, { ...DOOR, transport: "tcp" }]);
  });

  it("is narrowed to one way in, and otherwise unchanged", () => {
    expect(narrowed(sdp, { kind: "udp" })).toBe(`v=0\r\n${candidate(1, "udp")}`);
    expect(doorsIn(narrowed(sdp, { kind: "tcp" }))).toEqual([{ ...DOOR, transport: "tcp" }]);
    expect(doorsIn(narrowed(sdp, WAYS[3] ?? { kind: "tcp" }))).toEqual([DOOR]);
  });
});
