/**
 * Everything that one open moderators' desk knows, as one type, and the one reducer that changes it.
 *
 *     {
 *       link: { kind: "live" },
 *       you: "moderator:Mo",
 *       clockAhead: -120,                          // server's clock minus ours, ms
 *       cases: [{ interview: "abc…", case: 3, reason: "scam", status: "open", ... }],
 *       selected: "abc…/3",
 *       detail: { summary: {...}, flagged: 12, evidence: [...], notes: [], ... },  // own cases only
 *       news: { count: 1, summary: {...} },        // how many cases came in, and the latest
 *     }
 *
 * Counterparts: `desk.ts` (who dispatches), `server/moderation/desk.py` (who tells).
 */
import type { CaseChanged, CaseDetail, CaseSummary, FlagReason, Queue } from "./protocol.gen";
import type { Link } from "./state";

/** An interview and the seq of a flag in it. */
export type CaseKey = `${string}/${number}`;

export type DeskState = {
  readonly link: Link;
  readonly you: string;
  readonly clockAhead: number;
  /** Null until the queue has arrived. */
  readonly cases: readonly CaseSummary[] | null;
  readonly selected: CaseKey | null;
  readonly detail: CaseDetail | null;
  readonly news: { readonly count: number; readonly summary: CaseSummary } | null;
};

export type DeskChange =
  | { readonly type: "linked"; readonly link: Link }
  /** `ourTime` is our clock when the queue came. */
  | (Queue & { readonly ourTime: number })
  | CaseChanged
  | { readonly type: "selected"; readonly key: CaseKey | null }
  | { readonly type: "looked"; readonly detail: CaseDetail };

export const EMPTY_DESK: DeskState = {
  link: { kind: "connecting" },
  you: "",
  clockAhead: 0,
  cases: null,
  selected: null,
  detail: null,
  news: null,
};

export function keyOf({ interview, case: seq }: CaseSummary): CaseKey {
  return `${interview}/${seq}`;
}

export function reduceDesk(state: DeskState, change: DeskChange): DeskState {
  switch (change.type) {
    case "linked":
      return state.link.kind === "over" ? state : { ...state, link: change.link };
    case "desk:queue": {
      const { you, now, cases } = change;
      return checked({ ...state, you, cases, clockAhead: now - change.ourTime });
    }
    case "desk:case":
      return checked(withCase(state, change.summary));
    case "selected":
      return { ...state, selected: change.key, detail: null };
    case "looked": {
      const summary = keyOf(change.detail.summary);
      return summary === state.selected ? { ...state, detail: change.detail } : state;
    }
  }
}

function withCase(state: DeskState, summary: CaseSummary): DeskState {
  const cases = state.cases ?? [];
  const at = cases.findIndex((known) => keyOf(known) === keyOf(summary));
  if (at >= 0) return { ...state, cases: cases.with(at, summary) };
  const news = { count: (state.news?.count ?? 0) + 1, summary };
  return { ...state, cases: [...cases, summary], news };
}

/** Evidence does not stay on the screen of somebody who may not see it any more. */
function checked(state: DeskState): DeskState {
  const selected = selectedCase(state);
  if (selected === null) return { ...state, selected: null, detail: null };
  return isMine(selected, state.you) ? state : { ...state, detail: null };
}

export function selectedCase({ cases, selected }: DeskState): CaseSummary | null {
  return cases?.find((one) => keyOf(one) === selected) ?? null;
}

/** Claimed or decided by this moderator, who alone sees its evidence. */
export function isMine(summary: CaseSummary, you: string): boolean {
  return summary.status !== "open" && summary.claimedBy === you;
}

/** How urgent a reason is by itself: 3 hurts people or robs them now, 1 can wait. */
export type Severity = 1 | 2 | 3;

const SEVERITY: { readonly [K in FlagReason]: Severity } = {
  harassment: 3,
  scam: 3,
  payment_outside: 2,
  offensive: 2,
  confidentiality: 2,
  other: 1,
};

export function severityOf(reason: FlagReason): Severity {
  return SEVERITY[reason];
}

export type Group = "mine" | "open" | "taken" | "decided";

export type Grouped = { readonly group: Group; readonly cases: readonly CaseSummary[] };

/** The queue in the order of work: own cases, open ones by urgency and age, others', decided. */
export function grouped(cases: readonly CaseSummary[], you: string): readonly Grouped[] {
  const groups: { readonly [K in Group]: CaseSummary[] } = {
    mine: [],
    open: [],
    taken: [],
    decided: [],
  };
  for (const one of cases) groups[groupOf(one, you)].push(one);
  groups.open.sort(
    (a, b) => severityOf(b.reason) - severityOf(a.reason) || a.at - b.at || a.case - b.case,
  );
  for (const group of [groups.mine, groups.taken]) group.sort((a, b) => a.at - b.at);
  groups.decided.sort((a, b) => b.at - a.at);
  return (["mine", "open", "taken", "decided"] as const)
    .map((group) => ({ group, cases: groups[group] }))
    .filter(({ cases: found }) => found.length > 0);
}

function groupOf({ status, claimedBy }: CaseSummary, you: string): Group {
  switch (status) {
    case "open":
      return "open";
    case "claimed":
      return claimedBy === you ? "mine" : "taken";
    case "decided":
      return "decided";
  }
}

/** The case `step` lines further down the queue as it is shown; stays within its ends. */
export function neighbour(state: DeskState, step: 1 | -1): CaseKey | null {
  const keys = grouped(state.cases ?? [], state.you).flatMap(({ cases }) => cases.map(keyOf));
  if (keys.length === 0) return null;
  const at = state.selected === null ? -1 : keys.indexOf(state.selected);
  if (at < 0) return (step > 0 ? keys[0] : keys.at(-1)) ?? null;
  return keys[Math.min(keys.length - 1, Math.max(0, at + step))] ?? null;
}
