"""People in real browsers: what they press, and what they must then see."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.browser.site import Site

FAKE_PICKER = "--use-fake-ui-for-media-stream"
ARGUMENTS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    FAKE_PICKER,
    "--disable-background-networking",
)
WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 30_000
"""How long a page may take for what a person would call "at once"; machines of tests are busy."""
MEDIA_WITHIN = 90.0
"""Seconds that sound and pictures may take to follow, on a machine that encodes many of them."""
expect.set_options(timeout=PATIENCE_MS)

WATCH = """{
window.connections = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...given) { super(...given); window.connections.push(this); }
};
window.asked = [];
const devices = navigator.mediaDevices;  // absent on about:blank
if (devices) {
  const real = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wanted) => { window.asked.push(wanted); return real(wanted); };
}}
"""
"""Lets a test look at what the page does with media; it changes nothing of it."""

HIDE = """() => {
Object.defineProperty(document, "hidden", {get: () => true});
window.notices = [];
window.Notification = class extends Notification {
  constructor(...given) { super(...given); window.notices.push(this); }
};
}"""
"""Headless pages are always in front; the notices are the browser's own."""

FIGURES = """
async () => {
  const seen = {decoded: 0, sound: 0, available: 0, live: 0, made: window.connections.length};
  for (const one of window.connections) {
    if (one.connectionState !== 'connected') continue;
    seen.live += 1;
    (await one.getStats()).forEach(each => {
      if (each.type === 'inbound-rtp' && each.kind === 'video') seen.decoded += each.framesDecoded;
      if (each.type === 'inbound-rtp' && each.kind === 'audio') seen.sound += each.packetsReceived;
      if (each.type === 'candidate-pair' && each.nominated)
        seen.available = Math.max(seen.available, each.availableOutgoingBitrate ?? 0);
    });
  }
  return seen;
}
"""


class Figures(TypedDict):
    """What a browser's own statistics say of its live connections."""

    decoded: int
    sound: int
    available: float
    live: int
    made: int
    """How many connections there have been in all."""


def media_deadline() -> float:
    """By when media has followed what was just done, on the running loop's clock."""
    return asyncio.get_running_loop().time() + MEDIA_WITHIN


@dataclass
class Person:
    """Somebody in a browser of their own."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    async def enter(self, link: str) -> None:
        """Opens a personal link and presses the button there."""
        await self.page.goto(link)
        await self.button(re.compile("^Enter")).click()

    def button(self, name: str | re.Pattern[str], *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    async def press(self, name: str | re.Pattern[str]) -> None:
        await self.button(name).click()

    async def opens_call(self, kind: str = "Video call") -> None:
        """Presses Call and picks a kind of it: the lobby opens."""
        await self.press("Call")
        await self.page.get_by_role("menuitem", name=kind).click()

    async def open_devices(self) -> None:
        """Opens the devices in a call."""
        await self.press("More")
        await self.page.get_by_role("menuitem", name="Devices").click()

    async def write(self, text: str) -> None:
        """Writes a message and sends it."""
        await self.page.get_by_role("textbox", name="Message").fill(text)
        await self.page.get_by_role("textbox", name="Message").press("Enter")

    def message(self, text: str) -> Locator:
        """The message with this text in the thread."""
        return self.page.locator("li[data-seq]").filter(has_text=text)

    async def sees(self, text: str | re.Pattern[str]) -> None:
        shown = self.page.get_by_text(text).filter(visible=True)
        await expect(shown.first).to_be_visible(timeout=PATIENCE_MS)

    async def sees_no(self, text: str) -> None:
        await expect(self.page.get_by_text(text)).to_have_count(0, timeout=PATIENCE_MS)

    async def figures(self) -> Figures:
        seen: Figures = await self.page.evaluate(FIGURES)
        return seen

    async def reaches(self, enough: Callable[[Figures], bool]) -> Figures:
        """Waits until the figures are so; fails with the last ones."""
        deadline = media_deadline()
        while not enough(seen := await self.figures()):
            assert asyncio.get_running_loop().time() < deadline, f"still {seen}"
            await self.page.wait_for_timeout(100)
        return seen

    async def looks_elsewhere(self) -> None:
        """The page is hidden from now on, and may tell by notices of the system."""
        await self.context.grant_permissions(["notifications", "microphone", "camera"])
        await self.page.evaluate(HIDE)

    async def is_notified(self, title: str) -> None:
        """Waits for one notice of the system that says this."""
        await self.page.wait_for_function(
            "title => window.notices.filter(one => one.title === title).length === 1", arg=title
        )

    async def asked_devices(self) -> list[Any]:
        """What the page asked the browser for so far."""
        asked: list[Any] = await self.page.evaluate("window.asked")
        return asked

    def _hear(self, message: ConsoleMessage) -> None:
        # A lost connection, or a page that is not there, is a browser's own complaint and what
        # some tests are about.
        own = "net::ERR_" in message.text or message.location.get("url") == self.page.url
        if message.type == "error" and not own:
            self.complaints.append(message.text)


class Crowd:
    """All people of one test; nobody's page may complain."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.people: list[Person] = []

    async def person(
        self,
        link: str = "",
        *,
        size: ViewportSize = WIDE,
        scheme: Literal["light", "dark"] = "light",
        devices: bool = True,
        scale: float = 1,
        timezone: str | None = None,
    ) -> Person:
        """Somebody new, who enters by `link`.

        `devices`: whether the browser grants them; `scale`: the screen's pixels per CSS pixel.
        """
        context = await self._browser.new_context(
            viewport=size,
            color_scheme=scheme,
            permissions=["microphone", "camera"] if devices else [],
            locale="en-GB",
            device_scale_factor=scale,
            timezone_id=timezone,
        )
        await context.add_init_script(WATCH)
        page = await context.new_page()
        someone = Person(context, page)
        page.on("pageerror", lambda error: someone.complaints.append(str(error)))
        page.on("console", someone._hear)
        self.people.append(someone)
        if link:
            await someone.enter(link)
        return someone

    async def close(self) -> None:
        for someone in self.people:
            await someone.context.close()


async def met(site: Site, crowd: Crowd, **wishes: str | int) -> tuple[Person, Person]:
    """Anna (client) and Tomás (freelancer) in an open interview with these wishes."""
    links = await site.create(**wishes)
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.sees("The interview began.")
    return anna, tomas


def chromium_path() -> str | None:
    """The Chromium of this machine; None: Playwright's own."""
    named = os.environ.get("PARLEY_CHROMIUM")  # set by `make test`
    names = ("chromium", "chromium-browser", "google-chrome")
    return named or next(filter(None, map(shutil.which, names)), None)


@asynccontextmanager
async def chromium(
    *arguments: str, shares: str = "", path: str | Path | None = None
) -> AsyncIterator[Browser]:
    """A real Chromium with fake devices.

    `shares`: the title of the tab, picture and sound, that is picked whenever a page asks for a
    screen; without it, a picture of a screen is made up. `path`: another program that starts one.
    """
    options = [*ARGUMENTS, *arguments]
    if shares:
        options.remove(FAKE_PICKER)
        options.append(f"--auto-select-tab-capture-source-by-title={shares}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path or chromium_path(),
            args=options,
            ignore_default_args=["--mute-audio"] if shares else None,
        )
        yield browser
        await browser.close()


@asynccontextmanager
async def people_with(*arguments: str, shares: str = "") -> AsyncIterator[Crowd]:
    """People in a `chromium` of these arguments; in the end no page may have complained."""
    async with chromium(*arguments, shares=shares) as browser:
        crowd = Crowd(browser)
        yield crowd
        complaints = [one for person in crowd.people for one in person.complaints]
        await crowd.close()
    assert complaints == []
