import { describe, expect, it } from "vitest";
import { messagePath, route, seatPath, transcriptFile } from "./routes";

const at = { interview: "k7gq2m5x3n4p6r2t", seat: "client" };

describe("addresses", () => {
  it.each([
    ["/", "", "", { page: "start" }],
    ["/mod", "#abc", "", { page: "desk", token: "abc" }],
    ["/mod", "", "", { page: "desk", token: null }],
    ["/doctor", "", "", { page: "doctor" }],
    ["/doctor/", "", "", { page: "doctor" }],
    [
      "/i/k7gq2m5x3n4p6r2t/client",
      "#tok",
      "",
      { page: "interview", at, token: "tok", message: null },
    ],
    [
      "/i/k7gq2m5x3n4p6r2t/client",
      "",
      "?m=12",
      { page: "interview", at, token: null, message: 12 },
    ],
    [
      "/i/k7gq2m5x3n4p6r2t/client",
      "",
      "?m=-1",
      { page: "interview", at, token: null, message: null },
    ],
    ["/i/k7gq2m5x3n4p6r2t/client/transcript", "", "", { page: "transcript", at, token: null }],
    ["/i/K7GQ2M5X3N4P6R2T/client", "", "", { page: "lost" }],
    ["/i/k7gq2m5x3n4p6r2t/client/else", "", "", { page: "lost" }],
    ["/elsewhere", "", "", { page: "lost" }],
  ])("%s %s %s", (path, hash, search, expected) => {
    expect(route(path, hash, search)).toEqual(expected);
  });

  it("lead back to the page that they were made for", () => {
    const address = new URL(messagePath(at, 7), "http://127.0.0.1");

    expect(route(address.pathname, "", address.search)).toMatchObject({ at, message: 7 });
    expect(route(seatPath(at))).toMatchObject({ page: "interview", at });
    expect(transcriptFile(at, "md")).toBe("/api/interviews/k7gq2m5x3n4p6r2t/client/transcript.md");
  });
});
