/** Which page an address means. The only place that takes an address apart or puts one together. */
/** A seat of an interview, as the address names it. */
export type SeatPath = { readonly interview: string; readonly seat: string };

export type Route =
  | { readonly page: "start" }
  | {
      readonly page: "interview";
      readonly at: SeatPath;
      readonly token: string | null;
      /** The seq of a message to show and highlight. */
      readonly message: number | null;
    }
  | { readonly page: "transcript"; readonly at: SeatPath; readonly token: string | null }
  | { readonly page: "desk"; readonly token: string | null }
  | { readonly page: "doctor" }
  | { readonly page: "lost" };

/** Where anybody checks network and devices. */
export const DOCTOR = "/doctor";

const INTERVIEW = /^\/i\/([a-z2-7]{16})\/([a-z][a-z0-9-]{0,30})(\/transcript)?$/;

/** `address` is `location.pathname`, `hash` is `location.hash`, `search` is `location.search`. */
export function route(address: string, hash = "", search = ""): Route {
  const path = address.replace(/(?<=.)\/$/, "");
  if (path === "/" || path === "/index.html") return { page: "start" };
  const token = hash.length > 1 ? hash.slice(1) : null;
  if (path === "/mod") return { page: "desk", token };
  if (path === DOCTOR) return { page: "doctor" };
  const found = INTERVIEW.exec(path);
  if (found === null) return { page: "lost" };
  const [, interview = "", seat = "", transcript] = found;
  const at: SeatPath = { interview, seat };
  if (transcript !== undefined) return { page: "transcript", at, token };
  return { page: "interview", at, token, message: wantedMessage(search) };
}

function wantedMessage(search: string): number | null {
  const wanted = Number(new URLSearchParams(search).get("m"));
  return Number.isSafeInteger(wanted) && wanted > 0 ? wanted : null;
}

/** The address of a seat's own page. */
export function seatPath(at: SeatPath): string {
  return `/i/${at.interview}/${at.seat}`;
}

/** The address that leads to one message and highlights it. */
export function messagePath(at: SeatPath, message: number): string {
  return `${seatPath(at)}?m=${message}`;
}

/** Where a seat downloads its transcript. */
export function transcriptFile(at: SeatPath, format: "json" | "md"): string {
  return `/api/interviews/${at.interview}/${at.seat}/transcript.${format}`;
}
