import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { call } from "./strings/call";
import { connection } from "./strings/connection";
import { thread } from "./strings/thread";

const DOCUMENT = readFileSync(join(import.meta.dirname, "../../docs/failures.md"), "utf8");

/** The cells of the row that begins with `name`, in any table of the document. */
function row(name: string): readonly string[] {
  const line = DOCUMENT.split("\n").find((each) => each.startsWith(`| ${name} |`)) ?? "";
  return line.split("|").map((cell) => cell.trim());
}

describe("docs/failures.md says what this client says", () => {
  it.each([
    ["waits", thread.waitingOffline],
    ["not sent", connection.notConnected],
    ["unknown", connection.noAnswer],
  ])("of what %s", (way, sentence) => {
    expect(row(way)[3]).toBe(sentence);
  });

  it("of a store that is gone", () => {
    expect(DOCUMENT.replaceAll("\n", " ")).toContain(`"${thread.notSaved}"`);
  });

  it("of noise that stays, and of pictures that nobody can see", () => {
    const text = DOCUMENT.replaceAll("\n", " ");
    expect(text).toContain(`"${call.noise.slow}"`);
    expect(text).toContain(`"${call.pause.mine.codec(call.stage.others)}"`);
    expect(text).toContain(`"${call.pause.watching.codec}"`);
  });

  it("of leaving and muting without a connection", () => {
    expect(row("leave a call")[2]).toBe(`at once: ${call.stage.left.owed}`);
    expect(row("switch the microphone")[2]).toBe(`at once: ${call.heard.muted}`);
    expect(row("ring")[2]).toBe(call.button.offline);
  });

  it.each(["denied", "missing", "busy", "unsupported", "unanswered", "broken"] as const)(
    "of devices that are %s",
    (trouble) => {
      const help =
        trouble === "denied"
          ? "how to unblock it, for this very browser"
          : call.trouble.what[trouble];
      const { microphone, camera } = call.trouble;
      expect(row(trouble).slice(2, 5)).toEqual([microphone[trouble], camera[trouble], help]);
    },
  );
});
