/**
 * Where each tile of the stage lies: pure, in CSS pixels from the stage's upper left corner.
 *
 * In a grid all are of one size, as large as fits, and the last row is centred. With one in the
 * spotlight the others are a strip below it. Counterpart: `views/call/Tiles.tsx`.
 */

export type Box = { readonly width: number; readonly height: number };
export type Place = Box & { readonly left: number; readonly top: number };

const GAP = 8;
/** A face needs no wider tile, and is cut in a narrower one. */
const WIDEST = 16 / 9;
const NARROWEST = 3 / 4;
/** Tiles of the strip: at least so wide, where there is room, and at most. */
const STRIP_MIN = 92;
const STRIP_MAX = 192;
/** The strip's greatest share of the height. */
const STRIP_SHARE = 0.34;

/** The places of `count` tiles; `large` is the index of the one in the spotlight, if any. */
export function arrange(count: number, box: Box, large: number | null): readonly Place[] {
  if (count <= 1) return count === 0 ? [] : [{ left: 0, top: 0, ...box }];
  return large === null ? grid(count, box) : spotlight(count, box, large);
}

function grid(count: number, box: Box): readonly Place[] {
  const [best] = Array.from({ length: count }, (_, row) => cellFor(count, row + 1, box)).toSorted(
    (one, other) => other.width * other.height - one.width * one.height,
  );
  return best === undefined ? [] : rowsOf(count, best.columns, best, box);
}

/** The largest tile of which `rows` rows hold `count`. */
function cellFor(count: number, rows: number, box: Box): Box & { readonly columns: number } {
  const columns = Math.ceil(count / rows);
  const width = share(box.width, columns);
  const height = share(box.height, rows);
  return {
    columns,
    width: Math.floor(Math.min(width, height * WIDEST)),
    height: Math.floor(Math.min(height, width / NARROWEST)),
  };
}

/** What each of `parts` gets of a length, with gaps between them. */
function share(length: number, parts: number): number {
  return Math.max(0, (length - GAP * (parts - 1)) / parts);
}

/** Centred rows of equal tiles. */
function rowsOf(count: number, columns: number, cell: Box, box: Box): readonly Place[] {
  const rows = Math.ceil(count / columns);
  const top = (box.height - rows * cell.height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (box.width - inRow * cell.width - (inRow - 1) * GAP) / 2;
    return {
      width: cell.width,
      height: cell.height,
      left: Math.round(left + (index % columns) * (cell.width + GAP)),
      top: Math.round(top + row * (cell.height + GAP)),
    };
  });
}

function spotlight(count: number, box: Box, large: number): readonly Place[] {
  const others = count - 1;
  const inARow = Math.max(1, Math.floor((box.width + GAP) / (STRIP_MIN + GAP)));
  const rows = Math.ceil(others / inARow);
  const columns = Math.ceil(others / rows);
  const width = Math.min(share(box.width, columns), STRIP_MAX);
  const height = Math.min(width / (4 / 3), share(box.height * STRIP_SHARE, rows));
  const cell = { width: Math.floor(width), height: Math.floor(height) };
  const strip = rows * (cell.height + GAP);
  const lower = { width: box.width, height: strip - GAP };
  const places = rowsOf(others, columns, cell, lower).map((place) => ({
    ...place,
    top: place.top + box.height - lower.height,
  }));
  const main = { left: 0, top: 0, width: box.width, height: box.height - strip };
  return places.toSpliced(large, 0, main);
}
