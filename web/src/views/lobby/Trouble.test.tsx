import { render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { Devices } from "../../devices";
import { Shell } from "../../shell";
import { call as words } from "../../strings/call";
import { DevicesContext } from "./devices";
import { Trouble } from "./Trouble";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36";

afterEach(() => vi.restoreAllMocks());

it.each([
  ["Firefox", FIREFOX, words.unblock.firefox],
  ["Chrome", CHROME, words.unblock.chrome],
])("says how to unblock a camera in %s, and offers to try again", (_, agent, help) => {
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue(agent);
  render(
    <Shell>
      <DevicesContext value={new Devices()}>
        <Trouble which="camera" source={{ kind: "trouble", trouble: "denied" }} />
      </DevicesContext>
    </Shell>,
  );
  expect(screen.getByRole("alert")).toHaveTextContent(words.trouble.camera.denied);
  expect(screen.getByText(help)).toBeVisible();
  expect(screen.getByRole("button", { name: words.trouble.retry })).toBeVisible();
});
