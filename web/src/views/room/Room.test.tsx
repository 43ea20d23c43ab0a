import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fold } from "../../fold";
import type { View } from "../../protocol.gen";
import { SessionContext } from "../../room";
import { Session } from "../../session";
import { Shell } from "../../shell";
import type { Link } from "../../state";
import { NOON, callOf, entry, partOf, said, snapshot, view } from "../../test/record";
import { Room } from "./Room";

const AT = { interview: "abcdefghijklmnop", seat: "client" };

const TALK = [
  said(1, "client", "Did the brief reach you?"),
  said(2, "freelancer", "It did, **thank you**."),
].reduce(fold, view());

/** A real session that is never opened: what it would hear is given to it. */
function room(shown: View, link: Link = { kind: "live" }, message: number | null = null) {
  const session = new Session(AT);
  const shared = shown.thread.at(-1)?.seq ?? 0;
  session.store.dispatch(snapshot({ view: shown, cursor: { shared } }));
  session.store.dispatch({ type: "linked", link });
  render(
    <Shell>
      <SessionContext value={session}>
        <Room message={message} onAnswer={() => undefined} />
      </SessionContext>
    </Shell>,
  );
  return session;
}

function composer(): HTMLElement {
  return screen.getByRole("textbox", { name: "Message" });
}

function type(text: string): void {
  fireEvent.change(composer(), { target: { value: text } });
}

beforeEach(() => localStorage.clear());

describe("writing", () => {
  it("shows what is not sent yet, and says when it will be", () => {
    const session = room(TALK, { kind: "offline" });

    type("  I am in a tunnel  ");
    fireEvent.keyDown(composer(), { key: "Enter" });

    expect(screen.getByText("I am in a tunnel")).toBeVisible();
    expect(screen.getByText("Will be sent when you are back")).toBeVisible();
    expect(session.store.state.outbox[0]?.payload).toEqual({ text: "I am in a tunnel" });
    expect(composer()).toHaveValue("");
  });

  it("sends nothing that is empty or too long, and says by how much", () => {
    const session = room(TALK);

    type("   ");
    fireEvent.keyDown(composer(), { key: "Enter" });
    type("😀".repeat(4003));
    fireEvent.keyDown(composer(), { key: "Enter" });

    expect(session.store.state.outbox).toEqual([]);
    expect(screen.getByText("3 characters too many")).toBeVisible();
  });

  it("begins a new line with Shift, and leaves Enter to whoever composes a letter", () => {
    const session = room(TALK);
    type("に");

    fireEvent.keyDown(composer(), { key: "Enter", shiftKey: true });
    fireEvent.keyDown(composer(), { key: "Enter", isComposing: true });

    expect(session.store.state.outbox).toEqual([]);
  });

  it("keeps a draft for the next visit", () => {
    const first = room(TALK);
    type("half a thou");
    first.close();

    expect(localStorage.getItem("parley:draft:abcdefghijklmnop:client")).toBe("half a thou");
  });

  it("changes one's last message after arrow up, and leaves it with Escape", () => {
    const session = room(TALK);

    fireEvent.keyDown(composer(), { key: "ArrowUp" });
    expect(composer()).toHaveValue("Did the brief reach you?");
    fireEvent.keyDown(composer(), { key: "Escape" });
    expect(composer()).toHaveValue("");

    fireEvent.keyDown(composer(), { key: "ArrowUp" });
    type("Did my brief reach you?");
    fireEvent.keyDown(composer(), { key: "Enter" });
    expect(session.store.state.outbox[0]).toMatchObject({
      name: "message:edit",
      payload: { message: 1, text: "Did my brief reach you?" },
    });
  });
});

describe("reading", () => {
  it("shows what comes in a burst, however many frames it has", async () => {
    const { store } = room(TALK);

    for (let seq = 3; seq < 203; seq += 1) {
      const entries = [said(seq, "freelancer", `Line ${seq}`)];
      store.dispatch({ type: "entries", entries });
      // As between two frames of a socket. The order of these is what is tested.
      // oxlint-disable-next-line no-await-in-loop
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    }

    expect(await screen.findByText("Line 202")).toBeVisible();
  });

  it("draws the end of a long thread, and more of it when asked", async () => {
    const session = room(TALK);
    const long = Array.from({ length: 1000 }, (_, at) => said(at + 3, "freelancer", `Line ${at}`));

    session.store.dispatch({ type: "entries", entries: long });

    expect(await screen.findByText("Line 999")).toBeVisible();
    expect(screen.getAllByText(/^Line \d+$/)).toHaveLength(200);
    const earlier = screen.getByRole("button", { name: "Show earlier messages" });
    fireEvent.click(earlier);
    expect(screen.getAllByText(/^Line \d+$/)).toHaveLength(400);
    expect(document.activeElement).toHaveTextContent("Line 800");
    for (let step = 0; step < 4; step += 1) fireEvent.click(earlier);
    expect(screen.getByText("Line 0")).toBeVisible();
    expect(earlier).not.toBeInTheDocument();
  });

  it("draws a message that is looked for, wherever it stands", () => {
    const long = Array.from({ length: 500 }, (_, at) => said(at + 3, "freelancer", `Line ${at}`));

    room(long.reduce(fold, TALK), { kind: "live" }, 13);

    expect(screen.getByText("Line 10")).toBeVisible();
  });

  it("outlasts a long burst that somebody reads as it comes, the mouse over it", async () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    const failed = vi.fn<(event: ErrorEvent) => void>();
    addEventListener("error", failed);
    const { store } = room(TALK);

    for (let seq = 3; seq < 123; seq += 1) {
      store.dispatch({ type: "entries", entries: [said(seq, "freelancer", `Line ${seq}`)] });
      const line = screen.queryByText(`Line ${seq - 1}`);
      line?.dispatchEvent(new MouseEvent("pointerover", { bubbles: true }));
      // oxlint-disable-next-line no-await-in-loop
      await new Promise((later) => setTimeout(later, 0));
    }

    expect(await screen.findByText("Line 122")).toBeVisible();
    expect(failed).not.toHaveBeenCalled();
    removeEventListener("error", failed);
    await waitFor(() => expect(store.state.read).toBe(122));
  });

  it("draws marks as elements and never as HTML", () => {
    room([said(3, "freelancer", "<b>no</b> **yes**")].reduce(fold, TALK));

    expect(screen.getByText("yes").tagName).toBe("STRONG");
    expect(screen.getByText(/<b>no<\/b>/)).toBeVisible();
  });

  it("shows what was deleted and hidden as no more than that", () => {
    const events = [
      entry(3, { type: "message:deleted", by: "client", at: NOON, message: 1 }),
      entry(4, { type: "message:hidden", by: "moderator", at: NOON, message: 2 }),
    ];
    room(events.reduce(fold, TALK));

    expect(screen.getByText("You deleted this message.")).toBeVisible();
    expect(screen.getByText("A moderator hid this message.")).toBeVisible();
    expect(screen.queryByText(/thank you/)).toBeNull();
  });

  it("keeps the invitation as it was sent, and says who agreed to what later", () => {
    const seats = view().people.map(({ seat, role, name }) => ({ seat, role, name }));
    const invitation = {
      type: "interview:created",
      by: "operator",
      at: NOON,
      title: "Landing page",
      format: "text",
      minutes: 30,
      seats,
    } as const;
    const agreed = {
      type: "format:changed",
      by: "freelancer",
      at: NOON,
      format: "video",
    } as const;
    room([entry(1, invitation), entry(2, agreed)].reduce(fold, view()));

    expect(screen.getByText(/^Text\. Messages only.* 30 minutes planned\.$/)).toBeVisible();
    expect(screen.getByText("Ben agreed to meet by video.", { exact: false })).toBeVisible();
  });

  it("says who was invited, also before they have a name", () => {
    const invite = { type: "person:invited", by: "client", at: NOON, role: "observer" } as const;
    const invited = [
      entry(1, { ...invite, seat: "observer", name: "Ola" }),
      entry(2, { ...invite, seat: "observer-2", name: "" }),
    ];
    room(invited.reduce(fold, view()));

    expect(screen.getByText(/^Ada invited Ola as observer\./)).toBeVisible();
    expect(screen.getByText(/^Ada invited an observer, who will say/)).toBeVisible();
  });

  it("marks the message that the address names, and says when there is none", () => {
    room(TALK, { kind: "live" }, 2);
    expect(document.getElementById("m-2")).toHaveAttribute("data-highlighted");

    room(TALK, { kind: "live" }, 99);
    expect(screen.getByText("That message is not in this interview.")).toBeInTheDocument();
  });

  it("moves among messages by the arrow keys, one of them in the order of Tab", () => {
    room(TALK);
    const [first, second] = [document.getElementById("m-1"), document.getElementById("m-2")];
    expect(second).toHaveAttribute("tabindex", "0");
    second?.focus();

    if (second !== null) fireEvent.keyDown(second, { key: "ArrowUp" });

    expect(first).toHaveFocus();
    expect(first).toHaveAttribute("tabindex", "0");
    expect(second).toHaveAttribute("tabindex", "-1");
  });
});

describe("what stands in the composer's place", () => {
  it("is the way to the transcript once it is over", () => {
    room({ ...TALK, phase: "ended", closedAt: NOON });

    expect(screen.queryByRole("textbox", { name: "Message" })).toBeNull();
    expect(screen.getByText(/It can only be read/)).toBeVisible();
    expect(
      screen
        .getAllByRole("link", { name: "Download as JSON" })
        .map((link) => link.getAttribute("href")),
    ).toContain("/api/interviews/abcdefghijklmnop/client/transcript.json");
  });

  it("is a guest's name before anything else", () => {
    const people = TALK.people.map((person) => ({ ...person, name: "", guest: true }));
    room({ ...TALK, people });

    expect(screen.getByRole("heading", { name: "Who are you?" })).toBeVisible();
    expect(screen.queryByRole("textbox", { name: "Message" })).toBeNull();
  });
});

describe("a call that one is in elsewhere", () => {
  it.each([
    { seats: ["client", "freelancer"], offers: "End the call" },
    { seats: ["client", "client-2", "freelancer"], offers: "Leave" },
  ])("offers to $offers where there are $seats", async ({ seats, offers }) => {
    room({ ...TALK, call: callOf(seats.map((seat) => partOf(seat))) });

    expect(await screen.findByText(/^You are in this call in another window/)).toBeVisible();
    expect(screen.getByRole("button", { name: offers })).toBeVisible();
  });
});

describe("the connection", () => {
  it("is not spoken of while all is well", () => {
    room(TALK);

    expect(screen.queryByText("Reconnecting")).toBeNull();
    expect(screen.queryByText("You are offline")).toBeNull();
  });

  it("is named honestly when it is gone", () => {
    room(TALK, { kind: "reconnecting" });

    expect(screen.getByText("Reconnecting")).toBeVisible();
  });
});

describe("showing a message to the moderators", () => {
  it("needs a reason, and shows exactly what they would get", async () => {
    room(TALK);
    const message = document.getElementById("m-2");
    if (message === null) throw new Error("the message is not drawn");
    fireEvent.pointerEnter(message);
    fireEvent.click(within(message).getByRole("button", { name: "Actions" }));
    fireEvent.click(await screen.findByRole("menuitem", { name: "Show to the moderators" }));

    const dialog = await screen.findByRole("dialog");
    const send = within(dialog).getByRole("button", { name: "Show to the moderators" });
    expect(send).toBeDisabled();
    expect(within(dialog).getByRole("group", { name: "Preview" })).toHaveTextContent(
      "Did the brief reach you?",
    );

    fireEvent.click(within(dialog).getByRole("radio", { name: /scam/ }));
    expect(send).toBeEnabled();
    fireEvent.click(send);

    expect(await within(dialog).findByRole("alert")).toHaveTextContent("You are not connected");
  });
});
