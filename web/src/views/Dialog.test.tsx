import { Menu } from "@mantine/core";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { Shell } from "../shell";
import { Dialog } from "./Dialog";

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <Shell>
      <button type="button" onClick={() => setOpen(true)}>
        By a button
      </button>
      <Menu>
        <Menu.Target>
          <button type="button">More</button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen(true)}>By a menu</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open && (
        <Dialog onClose={() => setOpen(false)} title="Sure?" withCloseButton={false}>
          <button type="button" onClick={() => setOpen(false)}>
            Done
          </button>
        </Dialog>
      )}
    </Shell>
  );
}

function press(element: HTMLElement): void {
  element.focus();
  fireEvent.click(element);
}

it("gives the focus back to the button that opened it", async () => {
  render(<Page />);
  const opener = screen.getByText("By a button");
  press(opener);

  press(await screen.findByText("Done"));

  await waitFor(() => expect(opener).toHaveFocus());
});

it("gives the focus back to what opens the menu that it was chosen from", async () => {
  render(<Page />);
  const opener = screen.getByText("More");
  press(opener);
  press(await screen.findByText("By a menu"));

  press(await screen.findByText("Done"));

  await waitFor(() => expect(opener).toHaveFocus());
});
