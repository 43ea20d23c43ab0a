"""The own microphone: heard by oneself before a call, and opened for a word in it."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.people import Person
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_one_hears_oneself_before_anybody_else_does(both: tuple[Person, Person]) -> None:
    anna, _ = both
    await anna.opens_call("Voice call")
    await anna.press("Hear yourself")
    await anna.sees("Recording. Say something.")
    await anna.sees(re.compile(r"[1-8] s left"))
    await anna.press("Stop and listen")
    await anna.sees("This is how you sound.")
    await anna.sees("If you heard yourself, so will the other side.")
    await anna.press("Call Tomás Rivera")
    await anna.sees("Calling Tomás Rivera")


async def test_space_opens_a_muted_microphone_while_it_is_held_and_writes_elsewhere(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 10)
    await tomas.press("Microphone")
    await tomas.sees("Hold Space to talk")
    await anna.sees("microphone off")
    await tomas.page.keyboard.down("Space")
    await tomas.sees("On while you hold Space")
    await anna.sees_no("microphone off")
    await tomas.page.keyboard.up("Space")
    await anna.sees("microphone off")
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await tomas.page.get_by_role("textbox", name="Message").press_sequentially("a b")
    await expect(tomas.page.get_by_role("textbox", name="Message")).to_have_value("a b")
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
