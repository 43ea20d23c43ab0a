/**
 * The keyboard's place is never lost: when what had the focus goes, what stood around it has it.
 *
 * Without this a browser gives it to the page, and who cannot see the page is at its beginning.
 */

/** What is worth being told as the new place: a message, a dialog, a landmark. */
const HOMES =
  "[data-seq], [role=dialog], [role=tabpanel], main, article, aside, nav, header, form, section";
/** Where people go on as soon as it is there, if they have not chosen a place meanwhile. */
const NEXT = "[data-home]";
/** Busy with what it was pressed for, and back in a moment. */
const BUSY = ":disabled[data-loading]";
/** What closes gives the focus back by itself within this time. */
const SETTLED_MS = 60;

/** Watches over the page until the function that it gives is called. */
export function keepFocus(page: Document): () => void {
  let path: readonly HTMLElement[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let given: HTMLElement | undefined;
  const isLost = (): boolean =>
    page.activeElement === page.body && path[0] !== undefined && !isBusy(path[0]);
  const came = ({ target }: FocusEvent): void => {
    if (target instanceof HTMLElement) path = around(target);
  };
  // Known only once whatever takes it away has ended: the person left it, if it is still of use.
  const went = ({ target }: FocusEvent): void =>
    queueMicrotask(() => {
      const left = target instanceof HTMLElement && target.isConnected;
      if (left && !target.matches(":disabled") && page.activeElement === page.body) path = [];
    });
  const mend = (): void => {
    timer = undefined;
    if (isLost()) given = placesFor(page, path).find(takes);
  };
  const watcher = new MutationObserver(() => {
    if (isLost()) timer ??= setTimeout(mend, SETTLED_MS);
    else if (given === page.activeElement) goOn(page, given);
  });
  page.addEventListener("focusin", came);
  page.addEventListener("focusout", went);
  watcher.observe(page, { subtree: true, childList: true, attributeFilter: ["disabled"] });
  return () => {
    clearTimeout(timer);
    watcher.disconnect();
    page.removeEventListener("focusin", came);
    page.removeEventListener("focusout", went);
  };
}

function isBusy(element: HTMLElement): boolean {
  return element.isConnected && element.matches(BUSY);
}

/** The element and what is around it, from within. */
function around(element: HTMLElement): readonly HTMLElement[] {
  const found = [];
  for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) found.push(at);
  return found;
}

/** What had it, should that be of use again; the places around it; and the title of the page. */
function placesFor(page: Document, path: readonly HTMLElement[]): readonly HTMLElement[] {
  const homes = path.filter((one, at) => at === 0 || one.matches(HOMES));
  const [next, titles] = [NEXT, "h1"].map((what) => page.querySelectorAll<HTMLElement>(what));
  return [...homes, ...(next ?? []), ...(titles ?? [])];
}

/** From a place that was only given. */
function goOn(page: Document, given: HTMLElement | undefined): void {
  const next = page.querySelector<HTMLElement>(NEXT);
  if (next !== null && given?.closest(NEXT) === null) takes(next);
}

/** What cannot be focused otherwise can be for as long as it is. */
function takes(one: HTMLElement): boolean {
  const has = (): boolean => one.ownerDocument.activeElement === one;
  one.focus({ preventScroll: true });
  if (has() || one.hasAttribute("tabindex")) return has();
  one.tabIndex = -1;
  one.addEventListener("blur", () => one.removeAttribute("tabindex"), { once: true });
  one.focus({ preventScroll: true });
  return has();
}
