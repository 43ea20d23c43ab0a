"""Takes the README's picture, docs/picture.png: `python -m tests.browser.picture`.

Two people live a short interview in the product as it is now: one at a desk, one on a phone.
"""

import asyncio
import tempfile
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, expect

from tests.browser.people import Crowd, Person, chromium
from tests.browser.site import running_site

PICTURE = Path(__file__).parents[2] / "docs" / "picture.png"
ROOM: ViewportSize = {"width": 900, "height": 820}
PHONE: ViewportSize = {"width": 360, "height": 720}
SHEET: ViewportSize = {"width": 1380, "height": 892}
SCALE = 1.5
"""Pixels per CSS pixel. Every part is taken and shown at the same scale, which keeps text crisp."""
TALK_S = 24
"""How long the two talk; the card of the call shows it."""

COMPOSITION = """<!doctype html>
<style>
  body {{ margin: 0; background: #dfe9e7; }}
  img {{ position: absolute; display: block; }}
  #room {{ left: 36px; top: 36px; border-radius: 12px; box-shadow: 0 0 0 1px #c3d0cd; }}
  #phone {{
    left: 968px; top: 78px; border: 8px solid #0d0d0c; border-radius: 36px;
    box-shadow: 0 0 0 1px #3a3a37;
  }}
</style>
<img id="room" width="{room[width]}" src="data:image/png;base64,{desk}">
<img id="phone" width="{phone[width]}" src="data:image/png;base64,{pocket}">
"""


def late_morning() -> str:
    """A time zone in which it is eleven o'clock: interviews are seldom held at night."""
    return f"Etc/GMT{datetime.now(UTC).hour - 11:+d}"  # POSIX: a plus is west of Greenwich


async def talk(anna: Person, tomas: Person) -> None:
    """The two meet in a call, as long as its card shall say."""
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await tomas.press("Answer with video")
    for person in (anna, tomas):
        await person.reaches(lambda seen: seen["decoded"] > 10)
    await anna.page.wait_for_timeout(TALK_S * 1000)
    await tomas.press("Leave")
    await anna.sees("Ended ·")


async def exchange(anna: Person, tomas: Person) -> None:
    """What the two say, until everything is read and nobody is busy."""
    await anna.write("Thank you for making time. When could you **start**?")
    await tomas.sees("When could you start?")
    await tomas.write("On Monday. I built a calendar like yours for a guesthouse last year.")
    await anna.sees("a guesthouse last year.")
    await talk(anna, tomas)
    await tomas.write("As agreed:\n\n- the calendar first, in two weeks\n- then payments")
    await anna.sees("then payments")
    last = "That works for me. You get photos of the rooms tonight."
    await anna.write(last)
    await expect(anna.message(last).get_by_label("Read")).to_be_visible()
    await tomas.page.mouse.move(0, 0)
    await anna.page.mouse.move(0, 0)


async def photograph(person: Person) -> str:
    """The page as it is now, in base64."""
    await person.page.emulate_media(reduced_motion="reduce")
    await person.page.evaluate("document.activeElement?.blur()")
    return b64encode(await person.page.screenshot(animations="disabled")).decode()


async def compose(browser: Browser, desk: str, pocket: str) -> None:
    """Writes the picture: the room at the desk, and the phone beside it."""
    page = await browser.new_page(viewport=SHEET, device_scale_factor=SCALE)
    await page.set_content(COMPOSITION.format(room=ROOM, phone=PHONE, desk=desk, pocket=pocket))
    await page.screenshot(path=PICTURE)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running_site(Path(folder) / "data") as site, chromium() as browser:
            crowd = Crowd(browser)
            links = await site.create()
            where = late_morning()
            tomas = await crowd.person(
                links["freelancer"], size=PHONE, scheme="dark", scale=SCALE, timezone=where
            )
            await tomas.press("Accept")
            anna = await crowd.person(links["client"], size=ROOM, scale=SCALE, timezone=where)
            await anna.sees("The interview began.")
            await exchange(anna, tomas)
            await compose(browser, await photograph(anna), await photograph(tomas))
            await crowd.close()
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    asyncio.run(main())
