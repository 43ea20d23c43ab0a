"""A call among people who press twice, at the same moment, and everywhere at once."""

import asyncio
import re
from dataclasses import dataclass

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.people import Crowd, Person
from tests.browser.site import Site
from tests.browser.test_call import called
from tests.browser.test_failures import end, mute_other
from tests.browser.test_unanswered import silent

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@dataclass
class Deaf:
    """Somebody whose page may hear nothing of what the server says; the server hears the page."""

    person: Person
    deaf: bool = False

    def connects(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        server.on_message(lambda said: None if self.deaf else page.send(said))


async def prepared(person: Person) -> None:
    """Looks at oneself before a call."""
    await person.opens_call()
    await person.page.get_by_label("Your own picture").wait_for()


async def hear_each_other(*people: Person) -> None:
    for person in people:
        await person.reaches(lambda seen: seen["sound"] > 20 and seen["live"] == 1)
        await expect(person.page.get_by_role("alert").filter(visible=True)).to_have_count(0)


async def in_idle_room(person: Person) -> None:
    """No call, no device and no word of one that failed."""
    await expect(person.page.get_by_role("region", name="Call")).to_have_count(0)
    await expect(person.button("Call")).to_be_enabled()
    assert (await person.figures())["live"] == 0
    await expect(person.page.get_by_role("alert").filter(visible=True)).to_have_count(0)


async def test_both_call_at_once_and_press_everything_twice(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    await asyncio.gather(prepared(anna), prepared(tomas))
    await asyncio.gather(
        anna.button("Call Tomás Rivera").dblclick(),
        tomas.button("Call Anna Berg").dblclick(),
    )
    await hear_each_other(anna, tomas)

    await anna.button("Leave").dblclick()
    for person in both:
        await in_idle_room(person)


async def test_a_ring_taken_back_closes_no_preview_and_who_answers_twice_is_in_the_last_window(
    both: tuple[Person, Person], site: Site
) -> None:
    anna, tomas = both
    await prepared(tomas)
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await anna.button("Cancel").dblclick()
    await in_idle_room(anna)
    await expect(tomas.button("Call Anna Berg")).to_be_enabled()
    await tomas.press("Cancel")

    second = Person(tomas.context, await tomas.context.new_page())
    await second.page.goto(tomas.page.url)
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    for window in (tomas, second):
        await window.button("Answer with video").wait_for()
    with silent(site):
        await tomas.press("Answer with video")
        await second.press("Answer with video")
    await hear_each_other(anna, second)
    await tomas.sees("You are in this call in another window or on another device.")
    assert (await tomas.figures())["live"] == 0


async def test_a_reload_a_hasty_leave_and_an_end_in_the_middle_leave_nobody_stuck(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await tomas.button("Answer with video").wait_for()
    await asyncio.gather(anna.page.reload(), tomas.page.reload())
    await anna.sees("Calling Tomás Rivera")
    await tomas.press("Answer with video")
    await tomas.press("Leave")
    for person in both:
        await in_idle_room(person)

    await called(anna, tomas)
    await hear_each_other(anna, tomas)
    await tomas.press("Microphone")
    await tomas.page.locator("body").focus()
    await tomas.page.keyboard.down("Space")
    await tomas.sees("On while you hold Space")
    await mute_other(anna)
    await tomas.sees("turned your microphone off")
    await tomas.page.keyboard.up("Space")
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await tomas.press("Share screen")
    await tomas.press("Share")
    await tomas.sees("You are sharing")
    await end(anna)
    for person in both:
        await person.sees("Anna Berg ended the interview")
        await person.sees("Nothing was written.")
        await expect(person.page.get_by_role("region", name="Call")).to_have_count(0)
        assert (await person.figures())["live"] == 0
    await tomas.sees_no("You are sharing")


async def test_a_page_loaded_again_as_soon_as_one_rings_or_answers_is_simply_in_the_call(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create()
    tomas, anna = Deaf(await crowd.person()), Deaf(await crowd.person())
    for one, link in ((tomas, links["freelancer"]), (anna, links["client"])):
        await one.person.page.route_web_socket(re.compile("/socket.io/"), one.connects)
        await one.person.enter(link)
    await tomas.person.press("Accept")
    await anna.person.sees("The interview began.")
    second = Person(tomas.person.context, await tomas.person.context.new_page())
    await second.page.goto(tomas.person.page.url)
    await prepared(anna.person)
    await anna.person.press("Camera")

    anna.deaf = True
    await anna.person.press("Call Tomás Rivera")
    await tomas.person.button("Answer with voice only").wait_for()
    anna.deaf = False
    await anna.person.page.reload()
    await anna.person.sees("Calling Tomás Rivera")

    tomas.deaf = True
    await tomas.person.press("Answer with voice only")
    await second.sees("You are in this call in another window or on another device.")
    tomas.deaf = False
    await tomas.person.page.reload()
    await hear_each_other(anna.person, tomas.person)
    for person in (anna.person, tomas.person):
        await expect(person.button("Camera")).to_have_attribute("aria-pressed", "false")
    await second.sees("You are in this call in another window or on another device.")
