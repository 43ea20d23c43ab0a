"""The lobby holds nobody up: what does not answer is said to be late, and can be skipped."""

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Person
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

UNANSWERED = "() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}) }"
"""A browser whose question about devices nobody answers."""


@pytest.fixture
async def anna(site: Site, crowd: Crowd) -> Person:
    """Anna (client), whose clock the test may set forward; Tomás is there."""
    links = await site.create()
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person()
    await anna.page.clock.install()
    await anna.enter(links["client"])
    await anna.sees("The interview began.")
    return anna


async def prepares(anna: Person) -> None:
    await anna.opens_call()


async def test_who_does_not_find_the_browsers_question_goes_on_without(anna: Person) -> None:
    await anna.page.evaluate(UNANSWERED)
    await prepares(anna)
    await anna.sees("Your browser is asking you")
    await expect(anna.button("Call Tomás Rivera")).to_be_disabled()

    await anna.page.clock.fast_forward("00:07")
    await anna.sees("Still no answer.")
    await anna.press("Skip: Microphone")

    await anna.sees("Going on without a microphone")
    await anna.press("Go on without a microphone")
    await anna.sees("Calling Tomás Rivera")


async def test_steps_that_nobody_answers_say_so_and_stand_in_nobodys_way(anna: Person) -> None:
    await prepares(anna)
    await anna.press("Skip: Network")
    await anna.sees("Skipped. A call finds its own way in any case.")
    await anna.press("Play a sound")
    await anna.sees("Did you hear it?")

    await anna.page.clock.fast_forward("00:21")

    await anna.sees("You have not said whether you heard it.")
    await anna.press("Skip: How you sound")
    await anna.press("Call Tomás Rivera")
    await anna.sees("Calling Tomás Rivera")
