"""Lines that run from right to left, long words, and the dialogs about people: nothing is cut."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from playwright.async_api import ViewportSize

from tests.browser.people import Crowd, Person
from tests.browser.site import Site
from tests.browser.test_appearance import (
    LOOKS,
    SCREENSHOTS,
    SETTLED,
    Look,
    looked_at,
    photograph,
    turn_to,
)
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WIDE_AND_PHONE = (LOOKS[0], LOOKS[3])
LONG_TITLE = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen, zweite Lieferung"
LONG_WORD = "Bildschirmfreigabeeinstellungen"

TURNED = "document.documentElement.dir = 'rtl'"
LONG_WORDS = """
(word) => {
  for (const each of document.querySelectorAll('[role=toolbar] button > span')) {
    each.textContent = word;
  }
}
"""
AMISS = """
() => {
  const amiss = [];
  const named = (element) => element.getAttribute('aria-label') || element.textContent.trim();
  const bars = [...document.querySelectorAll('header, [role=toolbar]')];
  for (const bar of bars) {
    const covered = bar.matches('header') && document.querySelector('[data-size=full]') !== null;
    if (covered) continue;
    const controls = [...bar.querySelectorAll('h1, button')]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }));
    for (const [index, one] of controls.entries()) {
      const box = one.getBoundingClientRect();
      if (box.left < -1 || box.right > innerWidth + 1) amiss.push(`${named(one)} is outside`);
      if (one.matches('button') && one.scrollWidth > one.clientWidth + 1)
        amiss.push(`${named(one)} is cut`);
      for (const other of controls.slice(index + 1)) {
        const beside = other.getBoundingClientRect();
        const across = Math.min(box.right, beside.right) - Math.max(box.left, beside.left);
        const down = Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top);
        if (across > 1 && down > 1) amiss.push(`${named(one)} lies over ${named(other)}`);
      }
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) amiss.push('the page scrolls sideways');
  return amiss;
}
"""
"""What is outside, cut or covered among the controls of the header and of the call."""


COVERED = """
() => {
  const stage = document.querySelector('section[data-size]');
  const own = stage.querySelector('[role=group][aria-label=You]').getBoundingClientRect();
  const bounds = stage.querySelector('[role=toolbar]').getBoundingClientRect();
  const scene = stage.querySelector('[role=group][aria-label=You]').parentElement;
  const around = scene.getBoundingClientRect();
  if (own.top < around.top || own.bottom > around.bottom) return ['the own picture is cut'];
  const others = [...stage.querySelectorAll('p, bdi, h2, [aria-hidden]:not(svg)')]
    .filter((one) => one.closest('[role=group][aria-label=You], [role=toolbar]') === null)
    .filter((one) => one.textContent.trim() !== '');
  return others.flatMap((one) => {
    const box = one.getBoundingClientRect();
    const said = one.textContent.trim();
    if (box.width === 0) return [`${said} is not drawn`];
    if (box.left < 0 || box.right > innerWidth || box.top < 0 || box.bottom > bounds.top)
      return [`${said} is outside`];
    const across = Math.min(box.right, own.right) - Math.max(box.left, own.left);
    const down = Math.min(box.bottom, own.bottom) - Math.max(box.top, own.top);
    return across > 1 && down > 1 ? [`${said} is covered`] : [];
  });
}
"""
"""What is said on the stage that the own picture covers, or that is cut."""

PHONES = ((320, 568), (360, 640), (390, 844))
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


async def is_whole(person: Person) -> None:
    """Nothing of the header and of the call's controls is outside, cut or covered."""
    assert await person.page.evaluate(AMISS) == []


@asynccontextmanager
async def right_to_left(person: Person, look: Look) -> AsyncIterator[list[str]]:
    async with looked_at(person, look) as found:
        await person.page.evaluate(TURNED)
        yield found


async def test_right_to_left_and_with_long_words_nothing_overlaps_and_nothing_is_cut(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create(title=LONG_TITLE, minutes=5)
    tomas = await crowd.person(links["freelancer"], timezone="Asia/Kolkata")
    await tomas.press("Accept")
    anna = await crowd.person(links["client"], timezone="America/Lima")
    await anna.sees("The interview began.")
    await anna.write("السلام عليكم")
    for look in WIDE_AND_PHONE:
        async with right_to_left(anna, look) as found:
            await photograph(anna, look, "rtl-room", found)
            await is_whole(anna)
    await anna.page.set_viewport_size(LOOKS[0].size)
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 30)
    for look in WIDE_AND_PHONE:
        async with right_to_left(anna, look) as found:
            await photograph(anna, look, "rtl-call", found)
            await is_whole(anna)
    for look in WIDE_AND_PHONE:
        async with right_to_left(anna, look) as found:
            await anna.page.evaluate(LONG_WORDS, LONG_WORD)
            await photograph(anna, look, "rtl-long-words", found)
            await is_whole(anna)


@pytest.mark.parametrize("look", WIDE_AND_PHONE, ids=lambda look: look.name)
async def test_the_dialogs_about_people_are_whole_and_readable(
    both: tuple[Person, Person], look: Look
) -> None:
    anna, _ = both
    page = anna.page
    async with looked_at(anna, look) as found:
        await is_whole(anna)
        await anna.press(re.compile("^People: "))
        people = page.get_by_role("dialog", name="People")
        await people.get_by_role("button", name="Invite somebody").click()
        await page.get_by_role("textbox", name=re.compile("^Name")).fill("Cora Lind")
        await photograph(anna, look, "invite", found)
        await anna.press("Invite")
        made = page.get_by_role("dialog", name="A link for Cora Lind")
        await made.get_by_role("textbox", name="Personal link").wait_for()
        await photograph(anna, look, "invite-link", found)
        await made.get_by_role("button", name="Close").last.click()
        await people.get_by_role("button", name="What you can do about Cora Lind").click()
        await page.get_by_role("menuitem", name="Remove from the interview").click()
        await page.get_by_role("dialog", name="Remove Cora Lind?").wait_for()
        await photograph(anna, look, "remove", found)


async def test_the_own_picture_covers_nothing_that_is_said_on_a_phone(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await anna.sees("Calling Tomás Rivera")
    await nothing_is_covered(anna, "ringing")
    await tomas.press("Answer with voice only")
    await anna.sees("Tomás Rivera has the camera off")
    await anna.sees("Tomás Rivera hears you")
    await nothing_is_covered(anna, "camera-off")


async def nothing_is_covered(anna: Person, what: str) -> None:
    """On phones of each size, upright and turned."""
    for short, long in PHONES:
        for width, height in ((short, long), (long, short)):
            size: ViewportSize = {"width": width, "height": height}
            for scheme in SCHEMES:
                await turn_to(anna, Look(f"{width}-{scheme}", size, scheme))
                await anna.page.evaluate(SETTLED)
                await anna.page.screenshot(path=SCREENSHOTS / f"{what}-{width}-{scheme}.png")
                assert await anna.page.evaluate(COVERED) == [], size
                await is_whole(anna)
