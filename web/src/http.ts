/** The few things asked over HTTP rather than the socket. The only file that asks the server by `fetch`. */
import { refusal } from "./connection";
import type { Format, IceServer, Refused } from "./protocol.gen";
import { connection as words } from "./strings/connection";
import { wellFormed } from "./well-formed";

const ANSWER_MS = 15_000;

export type Asked<T> = { readonly ok: true; readonly value: T } | Refused;

/** What the operator set for everybody. */
export type Config = { readonly name: string; readonly canCreate: boolean };

/** What an interview is created from. Empty names make guests; `startsAt` is ms since 1970. */
export type NewInterview = {
  readonly title: string;
  readonly format: Format;
  readonly client: string;
  readonly freelancer: string;
  readonly note: string;
  readonly startsAt: number | null;
  /** How long it is meant to take; 0: nobody says. */
  readonly minutes: number;
  /** Who is not of the client's side is let into a call before they are in it. */
  readonly knock: boolean;
};

export type Created = {
  readonly interview: string;
  readonly links: { readonly client: string; readonly freelancer: string };
};

export function readConfig(): Promise<Asked<Config>> {
  return ask("/api/config", undefined, (found) =>
    typeof found["name"] === "string" && typeof found["canCreate"] === "boolean"
      ? { name: found["name"], canCreate: found["canCreate"] }
      : null,
  );
}

/** Turns a link's token into this browser's session; the answer is the seat's address. */
export function redeem(token: string): Promise<Asked<string>> {
  return ask("/api/sessions", { token }, (found) =>
    typeof found["path"] === "string" && found["path"].startsWith("/") ? found["path"] : null,
  );
}

export function createInterview(wanted: NewInterview): Promise<Asked<Created>> {
  return ask("/api/interviews", wanted, (found) => {
    const links = fields(found["links"]);
    const { client, freelancer } = { client: links["client"], freelancer: links["freelancer"] };
    return typeof found["interview"] === "string" &&
      typeof client === "string" &&
      typeof freelancer === "string"
      ? { interview: found["interview"], links: { client, freelancer } }
      : null;
  });
}

/** What a browser may try its network with. */
export type Visit = { readonly ticket: string; readonly iceServers: readonly IceServer[] };

export function visitNetwork(): Promise<Asked<Visit>> {
  return ask("/api/network", {}, (found) => {
    const { ticket, iceServers } = { ticket: found["ticket"], iceServers: found["iceServers"] };
    if (typeof ticket !== "string" || !Array.isArray(iceServers)) return null;
    return { ticket, iceServers: iceServers.flatMap(iceServer) };
  });
}

function iceServer(found: unknown): readonly IceServer[] {
  const { urls, username, credential }: { [K in keyof IceServer]?: unknown } = fields(found);
  const isList = Array.isArray(urls) && urls.every((url) => typeof url === "string");
  return isList && typeof username === "string" && typeof credential === "string"
    ? [{ urls, username, credential }]
    : [];
}

/** Two ends of sound that goes to the server and comes back: offers first, then answers. */
export type Loop = { readonly there: string; readonly back: string };

export function openLoop(offers: Loop & { readonly ticket: string }): Promise<Asked<Loop>> {
  return ask("/api/network/loop", offers, (found) => {
    const { there, back } = { there: found["there"], back: found["back"] };
    return typeof there === "string" && typeof back === "string" ? { there, back } : null;
  });
}

type Fields = { readonly [key: string]: unknown };

/** GETs without a body, POSTs with one. `read` gives null for an answer it does not understand. */
async function ask<T>(
  path: string,
  body: object | undefined,
  read: (found: Fields) => T | null,
): Promise<Asked<T>> {
  const request: RequestInit = { signal: AbortSignal.timeout(ANSWER_MS) };
  if (body !== undefined) {
    request.method = "POST";
    request.headers = { "Content-Type": "application/json" };
    request.body = JSON.stringify(wellFormed(body));
  }
  try {
    const response = await fetch(path, request);
    const found = fields(await response.json().catch(() => null));
    if (!response.ok) return refused(found);
    const value = read(found);
    return value === null ? refusal("not_understood", words.notUnderstood) : { ok: true, value };
  } catch {
    return refusal("no_answer", words.unreachable);
  }
}

function refused(found: Fields): Refused {
  const { code, message, retryAfterMs, incident } = {
    code: found["code"],
    message: found["message"],
    retryAfterMs: found["retryAfterMs"],
    incident: found["incident"],
  };
  if (typeof code !== "string" || typeof message !== "string") {
    return refusal("not_understood", words.notUnderstood);
  }
  return {
    ok: false,
    code,
    message,
    retryAfterMs: typeof retryAfterMs === "number" ? retryAfterMs : 0,
    incident: typeof incident === "string" ? incident : "",
  };
}

function fields(found: unknown): Fields {
  return typeof found === "object" && found !== null ? { ...found } : {};
}
