/**
 * The server's signed word on how far each lane of the record had come, kept in this browser: with
 * it, a later copy of the record can be checked. Counterpart: `server/heads.py`.
 */
import type { SignedHead } from "./protocol.gen";
import type { SeatPath } from "./routes";

export type Heads = { readonly [lane: string]: SignedHead };

/** The heads with a newer one taken in; an older one changes nothing. */
export function withHead(heads: Heads, head: SignedHead): Heads {
  const known = heads[head.lane];
  return known !== undefined && known.seq > head.seq ? heads : { ...heads, [head.lane]: head };
}

/** Keeps the heads for the next visit. */
export function keepHeads(at: SeatPath, heads: Heads): void {
  try {
    localStorage.setItem(key(at), JSON.stringify(Object.values(heads)));
  } catch {
    // Storage may be full or forbidden: the next visit then has nothing to compare with.
  }
}

/** What an earlier visit kept; nothing if it cannot be read. */
export function keptHeads(at: SeatPath): Heads {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(at)) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isHead).reduce(withHead, {}) : {};
  } catch {
    return {};
  }
}

/** The lanes of which the server once showed more than `cursor` has. */
export function cutLanes(heads: Heads, cursor: { readonly [lane: string]: number }): string[] {
  return Object.values(heads)
    .filter(({ lane, seq }) => seq > (cursor[lane] ?? 0))
    .map(({ lane }) => lane);
}

function key({ interview, seat }: SeatPath): string {
  return `parley:heads:${interview}:${seat}`;
}

function isHead(value: unknown): value is SignedHead {
  if (typeof value !== "object" || value === null) return false;
  const kind = (name: string): string => typeof Object.getOwnPropertyDescriptor(value, name)?.value;
  const texts = ["lane", "hash", "key", "signature"].every((name) => kind(name) === "string");
  return texts && kind("seq") === "number" && kind("at") === "number";
}
