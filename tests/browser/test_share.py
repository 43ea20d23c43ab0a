"""A shared screen in real browsers: looked at first, seen, heard, frozen, covered, taken back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypedDict

import pytest
from playwright.async_api import Page, expect

from tests.browser.people import (
    PATIENCE_MS,
    PHONE,
    Crowd,
    Person,
    media_deadline,
    met,
    people_with,
)
from tests.browser.site import Site
from tests.browser.test_appearance import LOOKS, looked_at, photograph
from tests.browser.test_call import called
from tests.browser.test_panel import plays

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TITLE = "Plans of the hotel"
SOURCE = f"""<!doctype html><title>{TITLE}</title><body style="background: rgb(200, 0, 0)">
<p>A page that moves and sounds.</p>
<script>
  let n = 0;
  setInterval(() => {{ document.querySelector("p").textContent = "Moved " + (n += 1); }}, 100);
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  tone.connect(sound.destination);
  tone.start();
</script>"""
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"

SEEN = """
async () => {
  const video = document.querySelector('video[aria-label="Anna Berg’s screen"]');
  const seen = {red: 0, green: 0, width: 0, frames: 0, packets: 0, loud: 0};
  if (!video?.srcObject || !video.videoWidth) return seen;
  const pen = new OffscreenCanvas(8, 8).getContext('2d');
  pen.drawImage(video, 0, 0, 8, 8);
  [seen.red, seen.green] = pen.getImageData(4, 6, 1, 1).data;
  seen.width = video.videoWidth;
  for (const connection of window.connections) {
    if (connection.connectionState !== 'connected') continue;
    (await connection.getStats()).forEach(each => {
      if (each.type !== 'inbound-rtp') return;
      if (!video.srcObject.getTrackById(each.trackIdentifier)) return;
      seen.frames += each.framesDecoded ?? 0;
      seen.packets += each.packetsReceived;
      seen.loud += each.totalAudioEnergy ?? 0;
    });
  }
  return seen;
}
"""


class Seen(TypedDict):
    """What a browser shows of Anna's screen."""

    red: int
    green: int
    """Of the picture below its middle, 0 to 255."""
    width: int
    frames: int
    """Decoded in all."""
    packets: int
    """Received in all, of picture and sound."""
    loud: float
    """All energy of its sound (W3C `totalAudioEnergy`)."""


def is_red(seen: Seen) -> bool:
    return seen["red"] > 150 > 100 > seen["green"]


def is_green(seen: Seen) -> bool:
    return seen["green"] > 110 > 100 > seen["red"]


async def look(person: Person) -> Seen:
    seen: Seen = await person.page.evaluate(SEEN)
    return seen


async def until(person: Person, enough: Callable[[Seen], bool]) -> Seen:
    """Waits until they see Anna's screen so."""
    deadline = media_deadline()
    while not enough(seen := await look(person)):
        assert asyncio.get_running_loop().time() < deadline, f"still {seen}"
        await person.page.wait_for_timeout(100)
    return seen


@pytest.fixture
async def sharers() -> AsyncIterator[Crowd]:
    """Give the test people whose browsers share the tab with the plans."""
    async with people_with(AUTOPLAY, shares=TITLE) as crowd:
        yield crowd


@pytest.fixture
async def calling(site: Site, sharers: Crowd) -> tuple[Person, Person]:
    """Anna and Tomás in a call by video."""
    anna, tomas = await met(site, sharers)
    await called(anna, tomas)
    await tomas.reaches(lambda seen: seen["decoded"] > 10)
    return anna, tomas


async def plans(anna: Person) -> Page:
    """The red tab that Anna's browser picks."""
    page = await anna.context.new_page()
    await page.set_content(SOURCE)
    await anna.page.bring_to_front()
    return page


async def turns(page: Page, colour: str) -> None:
    await page.evaluate("colour => { document.body.style.background = colour }", colour)


async def shares(anna: Person) -> None:
    """Looks first, then shares."""
    await anna.press("Share screen")
    await anna.sees("Nobody sees this yet. Close what is private.")
    await anna.press("Share")
    await anna.sees("You are sharing a browser tab")


REFUSALS = (
    ("NotAllowedError", "Permission denied", "Nothing is shared: no screen was chosen."),
    (
        "NotAllowedError",
        "Permission denied by system",
        "Your computer does not let this browser record the screen.",
    ),
    ("NotReadableError", "", "This could not be captured."),
    ("NotFoundError", "", "Your browser found nothing that could be shared."),
)
"""A browser's errors, and what is read of them."""


async def test_nobody_sees_a_screen_before_it_is_shared_and_then_its_sound_comes_too(
    calling: tuple[Person, Person],
) -> None:
    anna, tomas = calling
    await plans(anna)
    await anna.press("Share screen")
    await anna.sees("Nobody sees this yet. Close what is private.")
    preview = anna.page.get_by_label("What the others would see")
    await expect(preview).to_have_js_property("videoWidth", 1440)
    await expect(tomas.page.get_by_role("group", name="Anna Berg’s screen")).to_have_count(0)

    await anna.press("Share")

    await tomas.sees("Anna Berg is sharing the screen.")
    seen = await until(tomas, lambda seen: is_red(seen) and seen["loud"] > 0.01)
    assert seen["width"] == 1440
    await anna.sees("with its sound.")
    for name in ("Anna Berg", "Anna Berg’s screen"):
        await plays(tomas, name)


async def test_a_frozen_screen_stands_still_also_for_whoever_comes_then(
    calling: tuple[Person, Person],
) -> None:
    anna, tomas = calling
    page = await plans(anna)
    await shares(anna)
    await until(tomas, is_red)

    await anna.press("Freeze")
    await tomas.sees("Anna Berg has frozen this picture for a moment")
    await turns(page, "rgb(0, 160, 0)")

    frozen = await look(tomas)
    later = await until(tomas, lambda seen: seen["frames"] > frozen["frames"] + 1)
    assert is_red(later)
    await tomas.page.reload()
    assert is_red(await until(tomas, lambda seen: seen["frames"] > 1))
    await anna.press("Go on")
    await until(tomas, is_green)


async def test_a_covered_screen_sends_nothing_until_it_is_uncovered(
    calling: tuple[Person, Person],
) -> None:
    anna, tomas = calling
    page = await plans(anna)
    await shares(anna)
    await until(tomas, is_red)

    await anna.press("Cover")
    await tomas.sees("Anna Berg has covered the screen for a moment")
    await turns(page, "rgb(0, 160, 0)")
    camera = (await tomas.figures())["decoded"]
    await tomas.reaches(lambda seen: seen["decoded"] > camera + 15)
    before = await look(tomas)
    await tomas.reaches(lambda seen: seen["decoded"] > camera + 45)

    assert (await look(tomas))["packets"] == before["packets"]
    await anna.press("Go on")
    await until(tomas, is_green)


async def test_a_screen_is_taken_back_by_a_press_by_closing_it_and_by_a_reload(
    calling: tuple[Person, Person],
) -> None:
    anna, tomas = calling
    page = await plans(anna)
    shown = tomas.page.get_by_role("group", name="Anna Berg’s screen")

    await shares(anna)
    await until(tomas, is_red)
    await anna.page.get_by_label("Your shared screen").get_by_role("button", name="Stop").click()
    await expect(shown).to_have_count(0)
    await tomas.sees("Anna Berg stopped sharing the screen.")

    await shares(anna)
    frames = (await until(tomas, is_red))["frames"]
    await until(tomas, lambda seen: seen["frames"] > frames)
    await page.close()
    await anna.sees("Your screen is no longer shared.")
    await expect(shown).to_have_count(0)

    await plans(anna)
    await shares(anna)
    await until(tomas, is_red)
    await anna.page.reload()
    await anna.sees("Your screen is no longer shared, since this page was loaded anew.")
    await expect(shown).to_have_count(0, timeout=PATIENCE_MS)
    await anna.reaches(lambda seen: seen["decoded"] > 10)


async def test_a_shared_screen_looks_well_to_both(calling: tuple[Person, Person]) -> None:
    anna, tomas = calling
    await plans(anna)
    for look_ in (LOOKS[0], LOOKS[-1]):
        async with looked_at(anna, look_) as mine, looked_at(tomas, look_) as theirs:
            await anna.press("Share screen")
            await anna.sees("Nobody sees this yet.")
            preview = anna.page.get_by_label("What the others would see")
            await expect(preview).to_have_js_property("readyState", 4)
            await photograph(anna, look_, "share-look", mine)
            await anna.press("Share")
            await until(tomas, is_red)
            await photograph(anna, look_, "share", mine)
            await photograph(tomas, look_, "share-seen", theirs)
            await tomas.press("Actual size")
            await photograph(tomas, look_, "share-actual", theirs)
            await tomas.press("Fit")
            await anna.press("Freeze")
            await tomas.sees("Anna Berg has frozen this picture for a moment")
            await photograph(anna, look_, "share-frozen", mine)
            await photograph(tomas, look_, "share-frozen-seen", theirs)
            await anna.press("Go on")
            await anna.press("Cover")
            await tomas.sees("Anna Berg has covered the screen for a moment")
            await photograph(anna, look_, "share-covered", mine)
            await photograph(tomas, look_, "share-covered-seen", theirs)
            await anna.page.get_by_label("Your shared screen").get_by_text("Stop").click()


async def test_what_was_chosen_need_not_be_shared_and_why_nothing_can_be_is_said(
    calling: tuple[Person, Person],
) -> None:
    anna, tomas = calling
    page = await plans(anna)
    await anna.press("Share screen")
    await anna.press("Cancel")
    await expect(anna.button("Share screen")).to_be_visible()

    await anna.press("Share screen")
    await anna.sees("Nobody sees this yet.")
    await page.close()

    await anna.sees("What you had chosen was closed. Nothing was shared.")
    await expect(tomas.page.get_by_role("group", name="Anna Berg’s screen")).to_have_count(0)

    for name, message, sentence in REFUSALS:
        await anna.page.evaluate(
            "([message, name]) => { navigator.mediaDevices.getDisplayMedia ="
            " () => Promise.reject(new DOMException(message, name)) }",
            [message, name],
        )
        await anna.press("Share screen")
        await anna.sees(sentence)


async def test_a_call_that_goes_on_by_voice_shows_no_screen_any_more(
    calling: tuple[Person, Person],
) -> None:
    anna, tomas = calling
    await plans(anna)
    await shares(anna)
    await until(tomas, is_red)

    await tomas.press("More actions")
    await tomas.page.get_by_role("menuitem", name="Propose another format").click()
    await tomas.page.get_by_role("radio", name="Audio").check()
    await tomas.press("Propose audio")
    await anna.press("Agree")

    await anna.sees("The call goes on by voice, so your screen is no longer shared.")
    await expect(tomas.page.get_by_role("group", name="Anna Berg’s screen")).to_have_count(0)
    await expect(anna.button("Share screen")).to_have_count(0)


async def test_a_phone_that_cannot_share_has_no_button_for_it(site: Site, crowd: Crowd) -> None:
    links = await site.create()
    tomas = await crowd.person(size=PHONE)
    await tomas.context.add_init_script("delete MediaDevices.prototype.getDisplayMedia")
    await tomas.enter(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await called(anna, tomas)
    await expect(tomas.button("Camera")).to_be_visible()
    await expect(tomas.button("Share screen")).to_have_count(0)
    await expect(anna.button("Share screen")).to_be_visible()
