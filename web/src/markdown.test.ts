import { describe, expect, it } from "vitest";
import { isPlainAddress, parse, parseInline, plain } from "./markdown";

const text = (value: string) => ({ kind: "text", text: value });

describe("a message's marks", () => {
  it.each([
    ["**bold**", [{ kind: "strong", children: [text("bold")] }]],
    ["*slanted*", [{ kind: "em", children: [text("slanted")] }]],
    ["_slanted_", [{ kind: "em", children: [text("slanted")] }]],
    ["snake_case_name", [text("snake_case_name")]],
    ["2 * 3 * 4", [text("2 * 3 * 4")]],
    ["`a **b**`", [{ kind: "code", text: "a **b**" }]],
    ["a\nb", [text("a"), { kind: "break" }, text("b")]],
  ])("%j", (source, expected) => {
    expect(parseInline(source)).toEqual(expected);
  });
});

describe("links", () => {
  it("lead only to http and https", () => {
    for (const source of [
      "[x](javascript:alert(1))",
      "[x](data:text/html,y)",
      "javascript:alert(1)",
    ]) {
      expect(parseInline(source).every((node) => node.kind === "text")).toBe(true);
    }
  });

  it("leave a sentence's own punctuation outside", () => {
    expect(parseInline("See https://example.org/a.")).toEqual([
      text("See "),
      { kind: "link", href: "https://example.org/a", children: [text("https://example.org/a")] },
      text("."),
    ]);
  });

  it.each([
    ["https://example.org", true],
    ["https://example.org:8443/a?b#c", true],
    ["http://[::1]:80/", true],
    ["https://example.org@evil.example/", false],
    ["https://example.org:443@evil.example", false],
    ["https://ex\u0430mple.org/", false],
    ["https://example\u2024org/", false],
    ["https://\u202egro.elpmaxe", false],
    ["https://0x7f.1/", false],
  ])("%s is what a browser opens: %s", (href, honest) => {
    expect(URL.canParse(href) && isPlainAddress(href)).toBe(honest);
  });

  it("keep their label apart from their address", () => {
    expect(parseInline("[shop](https://example.org)")).toEqual([
      { kind: "link", href: "https://example.org", children: [text("shop")] },
    ]);
  });
});

describe("blocks", () => {
  it("are paragraphs, lists, quotes and code", () => {
    const source = "Hello\n\n- one\n- two\n\n3. three\n\n> said\n> again\n\n```js\nx < 1\n```\nend";

    expect(parse(source)).toEqual([
      { kind: "paragraph", children: [text("Hello")] },
      { kind: "list", start: null, items: [[text("one")], [text("two")]] },
      { kind: "list", start: 3, items: [[text("three")]] },
      {
        kind: "quote",
        children: [
          { kind: "paragraph", children: [text("said"), { kind: "break" }, text("again")] },
        ],
      },
      { kind: "code", text: "x < 1" },
      { kind: "paragraph", children: [text("end")] },
    ]);
  });

  it("keep HTML as text", () => {
    expect(parse("<script>alert(1)</script>")).toEqual([
      { kind: "paragraph", children: [text("<script>alert(1)</script>")] },
    ]);
  });

  it("run a fence that was never closed to the end", () => {
    expect(parse("```\na\nb")).toEqual([{ kind: "code", text: "a\nb" }]);
  });
});

describe("hostile texts", () => {
  it.each([
    "*".repeat(4000),
    "_".repeat(4000),
    "`".repeat(4000),
    "[".repeat(4000),
    ">".repeat(4000),
    "> ".repeat(2000),
    "**a".repeat(1333),
    "[a](https://".repeat(330),
    "*a ".repeat(1333),
    "- \n".repeat(1333),
  ])("take no long time: %#", (source) => {
    const before = performance.now();

    parse(source);

    expect(performance.now() - before).toBeLessThan(250);
  });
});

describe("one line without marks", () => {
  it("is what quotes and announcements show", () => {
    expect(plain("**Hello** _you_\n\n- a\n- b\n\n`c` [d](https://example.org)")).toBe(
      "Hello you a b c d",
    );
  });

  it("is cut between letters as people see them", () => {
    expect(plain("👩‍🚀👩‍🚀👩‍🚀", 12)).toBe("👩‍🚀👩‍🚀…");
  });
});
