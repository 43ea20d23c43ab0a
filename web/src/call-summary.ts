/** What a call in the thread amounts to: who, when, how long, and why it ended. Pure. */
import type { CallEnd, CallRang, Format, Message, Notice } from "./protocol.gen";

export type CallSummary = {
  /** The seq of its `call:rang`. */
  readonly call: number;
  readonly by: string;
  /** The most that was agreed while it went on. */
  readonly media: Format;
  readonly rangAt: number;
  /** When it was first answered; null while it rings, and for a call that nobody answered. */
  readonly answeredAt: number | null;
  readonly endedAt: number | null;
  readonly endedBy: string | null;
  readonly end: CallEnd | null;
  /** What whoever declined gave as a reason. */
  readonly reason: string | null;
  /** Seats whose media was connected at some time, in the order in which they came. */
  readonly joined: readonly string[];
  /** Length of the conversation; null if there was none, or it is not over. */
  readonly lastedMs: number | null;
};

/** All that the thread says of the call that began to ring at `call`; null if none did. */
export function summarizeCall(
  thread: readonly (Message | Notice)[],
  call: number,
): CallSummary | null {
  const start = thread.findIndex((item) => item.seq === call);
  let summary: CallSummary | null = null;
  for (const item of start < 0 ? [] : thread.slice(start)) {
    if (item.kind === "message") continue;
    const { event } = item;
    if (event.type === "call:rang") {
      if (summary !== null) break;
      summary = rang(call, event);
    } else if (summary !== null) {
      summary = after(summary, item);
      if (summary.end !== null) break;
    }
  }
  return summary;
}

/** Whether a notice is a part of a call's course that its one card already tells. */
export function isWithinCall(notice: Notice): boolean {
  return ["call:accepted", "call:joined", "call:left", "call:departed", "call:ended"].includes(
    notice.event.type,
  );
}

function rang(call: number, event: CallRang): CallSummary {
  return {
    call,
    by: event.by,
    media: event.media,
    rangAt: event.at,
    answeredAt: event.open === true ? event.at : null,
    endedAt: null,
    endedBy: null,
    end: null,
    reason: null,
    joined: [],
    lastedMs: null,
  };
}

function after(summary: CallSummary, { event, text }: Notice): CallSummary {
  switch (event.type) {
    case "call:accepted":
      return { ...summary, answeredAt: summary.answeredAt ?? event.at };
    case "format:changed":
      return event.format === "video" ? { ...summary, media: "video" } : summary;
    case "call:joined":
      return summary.joined.includes(event.seat)
        ? summary
        : { ...summary, joined: [...summary.joined, event.seat] };
    case "call:ended":
      return {
        ...summary,
        endedAt: event.at,
        endedBy: event.by,
        end: event.reason,
        reason: text,
        lastedMs: summary.answeredAt === null ? null : event.at - summary.answeredAt,
      };
    default:
      return summary;
  }
}
