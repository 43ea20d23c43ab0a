/**
 * The Markdown subset of messages, as a tree: paragraphs, lists, quotes, code, bold, italic, links.
 *
 * Anything else is plain text; there is no HTML. Counterpart: `views/thread/Markdown.tsx`, which
 * draws the tree as elements. Parsing is linear in the text, whatever the text is.
 */

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "strong" | "em"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "break" };

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | { readonly kind: "list"; readonly start: number | null; readonly items: readonly Inline[][] };

/** Quotes within quotes beyond this depth are drawn flat. */
const DEPTH_MAX = 4;

export function parse(text: string, depth = 0): readonly Block[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const [block, next] = blockAt(lines, at, depth);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return blocks;
}

type Taken = readonly [block: Block | null, next: number];

const FENCE = /^```[\w+-]*\s*$/;
const BULLET = /^\s{0,3}[-*+]\s+(.*)$/;
const NUMBER = /^\s{0,3}(\d{1,9})[.)]\s+(.*)$/;
const QUOTE = /^\s{0,3}>\s?(.*)$/;

function blockAt(lines: readonly string[], at: number, depth: number): Taken {
  const line = lines[at] ?? "";
  if (line.trim() === "") return [null, at + 1];
  if (FENCE.test(line)) return codeAt(lines, at);
  if (QUOTE.test(line) && depth < DEPTH_MAX) return quoteAt(lines, at, depth);
  if (BULLET.test(line)) return listAt(lines, at, BULLET, null);
  const number = NUMBER.exec(line);
  if (number !== null) return listAt(lines, at, NUMBER, Number(number[1]));
  return paragraphAt(lines, at, depth);
}

function codeAt(lines: readonly string[], at: number): Taken {
  const end = lines.findIndex((line, index) => index > at && /^```\s*$/.test(line));
  // An open fence runs to the end: a message is often sent before the fence is closed.
  const last = end === -1 ? lines.length : end;
  return [{ kind: "code", text: lines.slice(at + 1, last).join("\n") }, last + 1];
}

function quoteAt(lines: readonly string[], at: number, depth: number): Taken {
  const end = runEnd(lines, at, (line) => QUOTE.test(line));
  const inner = lines.slice(at, end).map((line) => QUOTE.exec(line)?.[1] ?? "");
  return [{ kind: "quote", children: parse(inner.join("\n"), depth + 1) }, end];
}

function listAt(lines: readonly string[], at: number, item: RegExp, start: number | null): Taken {
  const end = runEnd(lines, at, (line) => item.test(line));
  const items = lines.slice(at, end).map((line) => parseInline(item.exec(line)?.at(-1) ?? ""));
  return [{ kind: "list", start, items }, end];
}

function paragraphAt(lines: readonly string[], at: number, depth: number): Taken {
  const starts = (line: string): boolean =>
    line.trim() === "" ||
    FENCE.test(line) ||
    BULLET.test(line) ||
    NUMBER.test(line) ||
    (QUOTE.test(line) && depth < DEPTH_MAX);
  const end = Math.max(
    at + 1,
    runEnd(lines, at + 1, (line) => !starts(line)),
  );
  return [{ kind: "paragraph", children: parseInline(lines.slice(at, end).join("\n")) }, end];
}

function runEnd(lines: readonly string[], at: number, fits: (line: string) => boolean): number {
  let end = at;
  while (end < lines.length && fits(lines[end] ?? "")) end += 1;
  return end;
}

/**
 * What may stand inside a line, in order of precedence. Every repetition is bounded or excludes its
 * own end, so that no text makes the expression go back and forth.
 */
const TOKEN = new RegExp(
  [
    /`(?<code>[^`\n]+)`/u,
    /\[(?<label>[^\][\n]{1,300})\]\((?<target>https?:\/\/[^\s()]{1,2000})\)/u,
    /(?<url>https?:\/\/[^\s<>"]{1,2000})/u,
    /\*\*(?<strong>[^\s*](?:[^*\n]{0,1000}[^\s*])?)\*\*/u,
    /(?<![\p{L}\p{N}])_(?<under>[^\s_](?:[^_\n]{0,1000}[^\s_])?)_(?![\p{L}\p{N}])/u,
    /\*(?<em>[^\s*](?:[^*\n]{0,1000}[^\s*])?)\*/u,
    /(?<break>\n)/u,
  ]
    .map((pattern) => pattern.source)
    .join("|"),
  "gu",
);

export function parseInline(text: string): Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index) });
    found.push(...token(match.groups ?? {}));
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at) });
  return found;
}

function token(groups: { readonly [name: string]: string | undefined }): readonly Inline[] {
  const { code, label, target, url, strong, under, em } = groups;
  if (code !== undefined) return [{ kind: "code", text: code }];
  if (label !== undefined && target !== undefined) return [link(target, label)];
  if (url !== undefined) return bareLink(url);
  if (strong !== undefined) return [{ kind: "strong", children: parseInline(strong) }];
  const emphasis = under ?? em;
  if (emphasis !== undefined) return [{ kind: "em", children: parseInline(emphasis) }];
  return [{ kind: "break" }];
}

/** A sentence's own full stop or bracket after an address does not belong to it. */
function bareLink(url: string): readonly Inline[] {
  const tail = /[.,;:!?)\]}'*_]+$/.exec(url)?.[0] ?? "";
  const address = url.slice(0, url.length - tail.length);
  const rest: Inline[] = tail === "" ? [] : [{ kind: "text", text: tail }];
  return [link(address, address), ...rest];
}

function link(href: string, label: string): Inline {
  const text: Inline = { kind: "text", text: label };
  return URL.canParse(href) ? { kind: "link", href, children: [text] } : text;
}

/** Whether an address shows where it leads: no other name before an `@`, no look-alike letters. */
export function isPlainAddress(href: string): boolean {
  return href.startsWith(new URL(href).origin);
}

/** The text in one line without marks, for quotes, titles and announcements. */
export function plain(text: string, longest = 140): string {
  const flat = parse(text).map(blockText).join(" ").replaceAll(/\s+/g, " ").trim();
  return shortened(flat, longest);
}

/** By grapheme, so that no emoji and no letter with its accent is cut in two. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  let short = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (short.length + segment.length >= longest) break;
    short += segment;
  }
  return `${short.trimEnd()}…`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return inlineText(block.children);
    case "code":
      return block.text;
    case "quote":
      return block.children.map(blockText).join(" ");
    case "list":
      return block.items.map(inlineText).join(" ");
  }
}

function inlineText(children: readonly Inline[]): string {
  return children
    .map((child) => {
      switch (child.kind) {
        case "text":
        case "code":
          return child.text;
        case "strong":
        case "em":
        case "link":
          return inlineText(child.children);
        case "break":
          return " ";
      }
    })
    .join("");
}
