/** Which tiles the stage has, and which of them is large: pure. Counterpart: `Tiles.tsx`. */
import type { Place } from "../../call-layout";
import type { Call, InCall } from "../../protocol.gen";

/** How several people are shown: all alike, or whoever speaks large. */
export type StageView = "grid" | "speaker";

export type TileOf = {
  /** The seat; of a screen, as its stream is named. */
  readonly id: string;
  readonly person: InCall;
  readonly kind: "camera" | "screen";
};

/** Everybody else's pictures, in the order in which people came, then the shared screens. */
export function tilesOf(call: Call, self: string, observers: readonly string[]): readonly TileOf[] {
  const others = call.people.filter(({ seat }) => seat !== self && !observers.includes(seat));
  return [
    ...others.map((person) => ({ id: person.seat, person, kind: "camera" as const })),
    ...others
      .filter(({ screen, connected }) => screen !== "off" && connected)
      .map((person) => ({ id: screenOf(person.seat), person, kind: "screen" as const })),
  ];
}

/** The stream of somebody's shared screen (docs/calls.md, "Who is on which line"). */
function screenOf(seat: string): string {
  return `${seat}.1`;
}

export type Wish = {
  readonly view: StageView;
  readonly pinned: string | null;
  readonly speaker: string | null;
  /** There is room for one only. */
  readonly single: boolean;
};

/** The index of the tile in the spotlight: what was pinned, a shared screen, whoever speaks. */
export function largeOf(tiles: readonly TileOf[], wish: Wish): number | null {
  const at = (id: string | null) => tiles.findIndex((tile) => tile.id === id);
  const pinned = at(wish.pinned);
  if (pinned >= 0) return pinned;
  const screen = tiles.findLastIndex(({ kind }) => kind === "screen");
  if (screen >= 0) return screen;
  if (wish.view === "grid" && !wish.single) return null;
  return tiles.length === 0 ? null : Math.max(0, at(wish.speaker));
}

/** Pictures of cameras are this wide to their height, as far as one can know. */
const ASPECT = 16 / 9;

/** How high a picture is drawn in its place, in CSS pixels: `cover` fills it, and is cut. */
export function drawnHeight({ width, height }: Place, cover: boolean): number {
  const whole = Math.round(width / ASPECT);
  return cover ? Math.max(height, whole) : Math.min(height, whole);
}
