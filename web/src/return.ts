/**
 * When this page comes back: to the front, out of the browser's cache, out of sleep, or in another
 * network. What was connected before may be gone then without a word. Counterparts:
 * `connection.ts` and `call.ts`, which look.
 */

const BEAT_MS = 2_000;
/** A timer of a page in front that comes so late has slept, with its machine. */
const SLEPT_MS = 6_000;

/** Calls `returned` at each return; gives how to stop. */
export function onReturn(returned: () => void): () => void {
  const seen = (): void => {
    if (document.visibilityState === "visible") returned();
  };
  const shown = (event: PageTransitionEvent): void => {
    if (event.persisted) returned();
  };
  let beat = Date.now();
  const timer = setInterval(() => {
    const late = Date.now() - beat - BEAT_MS;
    beat = Date.now();
    // Browsers slow the timers of hidden pages down.
    if (late > SLEPT_MS) seen();
  }, BEAT_MS);
  const network = networkOf(navigator);
  document.addEventListener("visibilitychange", seen);
  addEventListener("pageshow", shown);
  network?.addEventListener("change", returned);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", seen);
    removeEventListener("pageshow", shown);
    network?.removeEventListener("change", returned);
  };
}

/** What tells of another network, where the browser has it (W3C "Network Information API"). */
function networkOf(of: Navigator & { readonly connection?: EventTarget }): EventTarget | undefined {
  return of.connection;
}
