import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepFocus } from "./focus";

let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  document.body.innerHTML = `
    <h1>Landing page</h1>
    <main>
      <section data-home><button id="leave">Leave</button></section>
      <ol><li data-seq="1" tabindex="0"><button id="actions">Actions</button></li></ol>
      <input id="field" />
    </main>`;
  stop = keepFocus(document);
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

function find(what: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(what);
  if (found === null) throw new Error(`no ${what}`);
  return found;
}

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(100);
}

it("gives the place of what is gone to the nearest thing around it", async () => {
  find("#actions").focus();

  find("#actions").remove();
  await settled();
  expect(document.activeElement).toBe(find("[data-seq]"));
  find("ol").remove();

  await settled();
  expect(document.activeElement).toBe(find("main"));
});

it("goes to the title where all of it is gone, and from there to what comes next", async () => {
  const next = find("section");
  find("#field").focus();

  find("main").remove();
  await settled();
  expect(document.activeElement).toBe(find("h1"));
  document.body.append(next);

  await settled();
  expect(document.activeElement).toBe(next);
});

it("takes nobody along who chose a place meanwhile", async () => {
  const next = find("section");
  next.remove();
  find("#actions").focus();
  find("ol").remove();
  await settled();
  find("#field").focus();

  document.body.append(next);
  await settled();

  expect(document.activeElement).toBe(find("#field"));
});

it("gives it back to a button that was busy, and lets nobody have it meanwhile", async () => {
  const button = find("#leave");
  button.focus();
  button.dataset["loading"] = "true";
  button.setAttribute("disabled", "");
  button.blur();

  await settled();
  expect(document.activeElement).toBe(document.body);
  button.removeAttribute("disabled");

  await settled();
  expect(document.activeElement).toBe(button);
});

it("knows that a busy button is gone with its page", async () => {
  const button = find("#leave");
  button.focus();
  button.dataset["loading"] = "true";
  button.setAttribute("disabled", "");
  button.blur();

  find("main").remove();
  await settled();

  expect(document.activeElement).toBe(find("h1"));
});

it("leaves alone who went elsewhere", async () => {
  find("#actions").focus();
  find("#field").focus();
  find("#actions").remove();
  await settled();
  expect(document.activeElement).toBe(find("#field"));

  find("#field").blur();
  find("ol").remove();
  await settled();

  expect(document.activeElement).toBe(document.body);
});

it("leaves no trace on what had it for a while", async () => {
  find("#leave").focus();
  find("#leave").remove();
  await settled();
  expect(document.activeElement).toBe(find("section"));

  find("#field").focus();

  expect(find("section").hasAttribute("tabindex")).toBe(false);
});
