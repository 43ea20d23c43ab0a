"""Every page, wide and on a phone, light and dark: photographed, and axe finds nothing serious."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ViewportSize, expect

from tests.browser.people import PHONE, WIDE, Crowd, Person, met
from tests.browser.site import Site
from tests.browser.test_moderation import OFFENCE, claimed, flagged
from tests.support.counts import FULL_COUNTS
from tests.support.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600 if FULL_COUNTS else 300)]

SCREENSHOTS = Path(__file__).parent / "screenshots"
WEB = Path(__file__).parents[2] / "web"
SERIOUS = ("serious", "critical")
LONG = (
    "Three things, please:\n\n- the **calendar**, also for *groups*\n- payments\n"
    "- a `webhook` when a room is booked\n\n> no deposit before arrival\n\n"
    "Details: https://example.org/a/very/long/address/that/does/not/break?anywhere=at-all-"
    + "x"
    * 60
)


@dataclass(frozen=True)
class Look:
    """A way to look at the product."""

    name: str
    size: ViewportSize
    scheme: Literal["light", "dark"]


WIDES = (Look("wide-light", WIDE, "light"), Look("wide-dark", WIDE, "dark"))
PHONES = (Look("phone-light", PHONE, "light"), Look("phone-dark", PHONE, "dark"))
LOOKS = (*WIDES, *PHONES)
Looks = tuple[Look, ...]

SETTLED = """async () => {
  const drawn = () => new Promise(requestAnimationFrame);
  await drawn();
  await drawn();
  const moving = document.getAnimations()
    .filter(({effect}) => effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(moving.map(({finished}) => finished));
}"""
"""Lets a menu, a dialog or a change of colours come to its end."""

CUT = """() => [...document.querySelectorAll('.mantine-Button-label')]
  .filter((label) => label.checkVisibility() && label.clientWidth > 1)
  .filter((label) => label.scrollWidth > label.clientWidth + 1)
  .map((label) => label.textContent)"""
"""What buttons say that does not fit them; a label of one pixel is for screen readers only."""

IN_THE_DARK = """() => {
  document.documentElement.dataset.mantineColorScheme = 'dark';
  return getComputedStyle(document.querySelector('h1')).color;
}"""
"""Changes the colours; gives the one that a heading has in the same moment."""

by_layout = pytest.mark.parametrize("looks", [WIDES, PHONES], ids=["wide", "phone"])


@asynccontextmanager
async def looked_at(person: Person, look: Look) -> AsyncIterator[list[str]]:
    """Collects what axe finds in the photographs taken within; fails at the end with all."""
    found: list[str] = []
    await turn_to(person, look)
    yield found
    assert found == []


async def turn_to(person: Person, look: Look) -> None:
    await person.page.set_viewport_size(look.size)
    await person.page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")


async def photographs(person: Person, looks: Looks, name: str, found: list[str]) -> None:
    """Photographs the same in each of these ways to look at it."""
    for look in looks:
        await turn_to(person, look)
        await photograph(person, look, name, found)


async def photograph(person: Person, look: Look, name: str, found: list[str]) -> None:
    """Keeps a picture and adds axe's serious findings, and words that are cut."""
    # A page that is still opening is `main`, and has its picture, too.
    await expect(person.page.locator("[aria-busy=true]:not(main)")).to_have_count(0)
    await person.page.evaluate(SETTLED)
    SCREENSHOTS.mkdir(exist_ok=True)
    await person.page.screenshot(path=SCREENSHOTS / f"{name}-{look.name}.png")
    results = await Axe().run(person.page)
    for finding in results.response["violations"]:
        if finding["impact"] in SERIOUS:
            where = ", ".join(str(node["target"]) for node in finding["nodes"][:5])
            found.append(f"{name}, {look.name}: {finding['id']}: {finding['help']}: {where}")
    found += [f"{name}, {look.name}: cut: {said}" for said in await person.page.evaluate(CUT)]


@asynccontextmanager
async def gallery() -> AsyncIterator[str]:
    """Serves the client's sources as in development; gives the address of the gallery."""
    beside = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    node = shutil.which("node", path=beside)
    assert node is not None, "There is no Node: `make setup` installs one."
    port = free_port()
    vite = await asyncio.create_subprocess_exec(
        *(node, "node_modules/vite/bin/vite.js", "--port", str(port), "--strictPort"),
        cwd=WEB,
        env=os.environ | {"NO_COLOR": "1"},  # else it colours what is looked for, where CI is set
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert vite.stdout is not None
    try:
        async with asyncio.timeout(30):
            while b"Local:" not in (line := await vite.stdout.readline()):
                assert line or not vite.stdout.at_eof(), "Vite ended."
        yield f"http://127.0.0.1:{port}/gallery.html"
    finally:
        # A Node from PyPI is started by a script, and Vite waits for the page to go.
        os.killpg(vite.pid, signal.SIGKILL)
        await vite.wait()


async def test_every_state_of_the_gallery(crowd: Crowd) -> None:
    """In a soak each of them in each look; else in one of two, in turns."""
    person = await crowd.person()
    async with gallery() as address:
        await person.page.goto(address)
        # The first page of all is put together meanwhile.
        await person.page.get_by_role("heading", name="Gallery").wait_for(timeout=60_000)
        states = await person.page.get_by_role("link").all_inner_texts()
        assert "call-notices" in states
        for number, state in enumerate(states):
            await person.page.goto(f"{address}?state={state}")
            await person.page.locator("#root > :not(style)").first.wait_for()
            tall = state == "call-notices"  # all of them, one below the other
            for look in LOOKS if FULL_COUNTS or tall else LOOKS[number % 2 * 3 :][:1]:
                await photographed_state(person, look, state, tall=tall)
        await person.page.goto("about:blank")  # it would miss the server


async def photographed_state(person: Person, look: Look, state: str, *, tall: bool) -> None:
    size: ViewportSize = {**look.size, "height": 4_200 if look.size == PHONE else 1_500}
    async with looked_at(person, replace(look, size=size if tall else look.size)) as found:
        await photograph(person, look, f"gallery-{state}", found)


async def test_without_motion_the_colours_change_in_one_moment(site: Site, crowd: Crowd) -> None:
    """By a transition, however short, what is inherited would take a frame for each level."""
    person = await crowd.person()
    await turn_to(person, WIDES[0])
    await person.page.goto(f"{site.address}/doctor")
    await person.page.get_by_role("heading", level=1).wait_for()

    colour = await person.page.evaluate(IN_THE_DARK)

    assert colour == "rgb(236, 233, 227)"


async def test_the_way_in(site: Site, crowd: Crowd) -> None:
    links = await site.create(note="A short note.\n\nWith two paragraphs.")
    person = await crowd.person()
    async with looked_at(person, LOOKS[0]) as found:
        for name, address in {
            "start": site.address,
            "lost": f"{site.address}/nowhere",
            "doctor": f"{site.address}/doctor",
            "link": links["freelancer"],
            "desk-link": await site.desk(),
            "not-signed-in": links["client"].partition("#")[0],
        }.items():
            await person.page.goto("about:blank")
            await person.page.goto(address)
            await person.page.locator("main:not([aria-busy]) h1").wait_for()
            await photographs(person, LOOKS, name, found)
        await person.page.goto("about:blank")
        await person.enter(links["freelancer"])
        await person.button("Accept").wait_for()
        await photographs(person, LOOKS, "invited", found)
        await person.press("Decline")
        await photographs(person, LOOKS, "decline", found)


@by_layout
async def test_the_room_and_the_call(both: tuple[Person, Person], looks: Looks) -> None:
    anna, tomas = both
    async with looked_at(anna, looks[0]) as found, looked_at(tomas, looks[0]) as found_too:
        await photographs(anna, looks, "room-empty", found)
        await tomas.write(LONG)
        await anna.write("Yes. \N{SLIGHTLY SMILING FACE} السلام عليكم")
        await tomas.sees("السلام")
        await photographs(anna, looks, "room", found)
        await anna.press("Call")
        await photographs(anna, looks, "call-menu", found)
        await anna.page.get_by_role("menuitem", name="Video call").click()
        await anna.sees("We hear you.")
        await anna.sees("Your network is ready for video.")
        await photographs(anna, looks, "device-check", found)
        await anna.press("Call Tomás Rivera")
        await tomas.sees("Anna Berg is calling")
        await photographs(anna, looks, "call-outgoing", found)
        await photographs(tomas, looks, "call-incoming", found_too)
        await tomas.press("Answer with video")
        await anna.reaches(lambda seen: seen["decoded"] > 30)
        await anna.sees(re.compile(r"hears you, sees you at \d+p"))
        await photographs(anna, looks, "call", found)
        await tomas.press("Camera")
        await tomas.press("Microphone")
        await anna.sees("Tomás Rivera has the camera off")
        await photographs(anna, looks, "call-without-picture", found)
        await photographs(tomas, looks, "call-muted", found_too)
        if looks is PHONES:
            await anna.press("Back to the messages")
            await photographs(anna, looks, "call-tile", found)
            await anna.press("Show the call in full")
        await anna.press("Leave")
        await anna.sees("Ended ·")
        await photographs(anna, looks, "call-over", found)


@by_layout
async def test_the_door_and_the_doctor(site: Site, crowd: Crowd, looks: Looks) -> None:
    anna, tomas = await met(site, crowd, knock=True)
    async with looked_at(anna, looks[0]) as found, looked_at(tomas, looks[0]) as found_too:
        await tomas.press("Knock")
        await tomas.page.get_by_role("dialog").get_by_role("button", name="Knock").click()
        await tomas.sees("You have knocked")
        await photographs(tomas, looks, "knock-waiting", found_too)
        await anna.sees("Tomás Rivera knocks")
        await photographs(anna, looks, "knock-alert", found)
        await anna.press("One moment")
        await photographs(anna, looks, "knock-words", found)
        await anna.press("We are still talking among ourselves.")
        await tomas.sees("We are still talking among ourselves.")
        await photographs(tomas, looks, "knock-held", found_too)
        await anna.sees("you have asked for a moment")
        await photographs(anna, looks, "knock-held-alert", found)
        await anna.press("Let Tomás Rivera in")
        await anna.sees("Your network is ready for video.")
        await photographs(anna, looks, "knock-admitting", found)
        await anna.press("Cancel")
        await anna.press("Not now")
        await anna.press("Please come back in 15 minutes.")
        await tomas.sees("You were not let in this time.")
        await photographs(tomas, looks, "knock-refused", found_too)
        await tomas.page.goto(f"{site.address}/doctor")
        await tomas.press("Check the network")
        await tomas.sees(re.compile(r"Checking, \d+ %"))
        await photographs(tomas, looks, "doctor-running", found_too)
        await tomas.sees("Your network is ready for video.")
        await tomas.page.get_by_text("Details for a helpdesk").click()
        await tomas.press("Check microphone and camera")
        await tomas.press("Play a sound")
        await tomas.sees("Did you hear it?")
        await photographs(tomas, looks, "doctor-devices", found_too)


@by_layout
async def test_the_desk_and_the_end(new_site: Site, crowd: Crowd, looks: Looks) -> None:
    anna, tomas = await met(new_site, crowd)
    mo = await crowd.person(await new_site.desk(), size=looks[0].size)
    async with looked_at(mo, looks[0]) as found, looked_at(tomas, looks[0]) as found_too:
        await mo.sees("Nothing waits for you")
        await photographs(mo, looks, "desk-empty", found)
        await flagged(anna, tomas)
        await mo.sees("Asks to pay or be paid outside the platform")
        await photographs(mo, looks, "desk-queue", found)
        await claimed(mo)
        await photographs(mo, looks, "desk-case", found)
        await mo.page.keyboard.press("4")
        await mo.sees("Is put out at once")
        await photographs(mo, looks, "desk-decision", found)
        await mo.press("Cancel")
        await mo.page.keyboard.press("3")
        await mo.press("Hide the message")
        await mo.sees("The message is hidden, and the reporter told.")
        await photographs(mo, looks, "desk-decided", found)
        await mo.page.keyboard.press("?")
        await photographs(mo, looks, "desk-keys", found)
        await tomas.sees("A moderator hid the message.")
        await photographs(tomas, looks, "outcome", found_too)
        await anna.press("More actions")
        await anna.page.get_by_role("menuitem", name="End the interview").click()
        await (
            anna.page.get_by_role("dialog").get_by_role("button", name="End the interview").click()
        )
        await tomas.sees("It can only be read.")
        await photographs(tomas, looks, "ended", found_too)
        await tomas.page.goto(tomas.page.url.partition("?")[0] + "/transcript")
        await tomas.sees("The budget is small.")
        await tomas.sees_no(OFFENCE)
        await photographs(tomas, looks, "transcript", found_too)


async def test_the_longest_name_makes_no_small_phone_scroll_sideways(
    site: Site, crowd: Crowd
) -> None:
    anna, _tomas = await met(site, crowd, freelancer="Hohenzollern-" * 4 + "Weimar")
    await anna.page.set_viewport_size({"width": 320, "height": 640})
    await anna.page.evaluate(SETTLED)

    beyond = await anna.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert beyond == 0


async def test_a_name_from_right_to_left_and_a_long_one_begin_in_sight(
    site: Site, crowd: Crowd
) -> None:
    names = {
        "client": "محمد عبد الرحمن بن خالد الفارسي",
        "freelancer": "Hohenzollern-" * 4 + "Weimar",
    }
    anna, _tomas = await met(site, crowd, **names)
    own = anna.page.get_by_role("banner").get_by_text(names["client"])
    await expect(own).to_have_css("direction", "rtl")
    await anna.page.set_viewport_size({"width": 320, "height": 640})

    field = await anna.page.get_by_role("textbox", name="Message").bounding_box()

    assert field is not None
    assert field["height"] < 50, "who it goes to takes more than a line"


async def test_a_full_thread_stays_quick_and_readable(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    look = LOOKS[0]
    async with looked_at(tomas, look) as found:
        for number in range(40):
            await anna.write(f"Message {number}: {'word ' * (number % 30)}")
        await tomas.sees("Message 39")
        await photograph(tomas, look, "room-full", found)
