/**
 * Where the thread stands: at its end it stays there as it grows, and what is seen counts as read;
 * away from it, what is new is counted and waits.
 */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useSession } from "../../room";

/** So close to the end, in pixels, still counts as being there. */
const NEAR = 48;

type Options = {
  readonly head: number;
  readonly pending: number;
  /** How many notices there are for this reader alone: each is shown as it comes. */
  readonly own: number;
  readonly wanted: { readonly seq: number; readonly nonce: number } | null;
  /** Whether others are told how far it was read. */
  readonly counts: boolean;
};

export function useScroll({ head, pending, own, wanted, counts }: Options) {
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(wanted === null);
  const [newAfter, setNewAfter] = useState<number | null>(null);

  const toEnd = useCallback(() => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  const kept = useRef<number | null>(null);
  const stay = useCallback(() => {
    const element = box.current;
    if (element !== null) kept.current = element.scrollHeight - element.scrollTop;
  }, []);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null || kept.current === null) return;
    element.scrollTop = element.scrollHeight - kept.current;
    kept.current = null;
  });

  const scrolled = useCallback(() => {
    const element = box.current;
    if (element === null) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    setAtEnd(near);
    setNewAfter((before) => (near ? null : (before ?? head)));
  }, [head]);

  // Only when there is more to see: a focus that moves elsewhere scrolls too, and must not be undone.
  const drawn = useRef("");
  useLayoutEffect(() => {
    const now = `${head} ${pending}`;
    if (now === drawn.current) return;
    drawn.current = now;
    if (atEnd) toEnd();
  });

  // What one writes oneself is always shown.
  useLayoutEffect(() => {
    if (pending > 0) toEnd();
  }, [pending, toEnd]);

  const told = useRef(own);
  useLayoutEffect(() => {
    if (own > told.current) toEnd();
    told.current = own;
  }, [own, toEnd]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd) toEnd();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [atEnd, toEnd]);

  useEffect(() => {
    if (wanted === null) return;
    const element = document.getElementById(`m-${wanted.seq}`);
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
    scrolled();
  }, [wanted, scrolled]);

  useReadMarks(head, atEnd && counts);
  return { box, atEnd, newAfter, toEnd, scrolled, stay };
}

/** What is at the end, in front of somebody's eyes, counts as read. */
function useReadMarks(head: number, atEnd: boolean): void {
  const session = useSession();
  useEffect(() => {
    const seen = (): void => {
      if (atEnd && document.visibilityState === "visible" && document.hasFocus()) {
        session.markRead(head);
      }
    };
    seen();
    document.addEventListener("visibilitychange", seen);
    addEventListener("focus", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      removeEventListener("focus", seen);
    };
  }, [session, head, atEnd]);
}
