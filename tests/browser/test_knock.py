"""Knocking in real browsers: who waits knows how it stands, and who is asked cannot miss it."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Person
from tests.browser.site import Site
from tests.browser.test_panel import invited

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
async def both(site: Site, crowd: Crowd) -> tuple[Person, Person]:
    """Anna (client) and Tomás (freelancer) where people knock."""
    links = await site.create(knock=True)
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.sees("The interview began.")
    return anna, tomas


async def knocks(tomas: Person) -> None:
    """Looks at himself, and knocks."""
    await tomas.press("Knock")
    dialog = tomas.page.get_by_role("dialog")
    await expect(dialog.get_by_label("Your own picture")).to_be_visible()
    await dialog.get_by_role("button", name="Knock").click()
    await tomas.sees("You have knocked")


async def lets_in_and_begins(anna: Person) -> None:
    """Lets him in, which begins the call, after a look at herself."""
    await anna.press("Let Tomás Rivera in")
    await anna.page.get_by_role("dialog").get_by_role("button", name="Let Tomás Rivera in").click()


async def test_who_knocks_waits_reads_a_word_and_is_let_in(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    await knocks(tomas)
    await tomas.sees(re.compile(r"Waiting since \d"))
    await tomas.sees("The other side has been told.")
    await anna.sees("Tomás Rivera knocks")
    await expect(anna.page).to_have_title("Tomás Rivera knocks")
    await tomas.write("I am ready.")
    await anna.sees("I am ready.")

    await anna.press("One moment")
    await anna.page.get_by_role("textbox", name="Your own word").fill("I fetch my notes.")
    await anna.press("Send this and let them wait")
    await tomas.sees("I fetch my notes.")
    await tomas.sees("One moment, please")
    await anna.sees(re.compile("you have asked for a moment"))

    await lets_in_and_begins(anna)
    for person in both:
        await person.reaches(lambda seen: seen["decoded"] > 10 and seen["sound"] > 20)
    await tomas.sees_no("You have knocked")


async def test_nothing_of_who_waits_goes_out_and_the_devices_are_given_back(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.opens_call()
    await anna.press("Open the call")
    await knocks(tomas)

    await anna.sees("Tomás Rivera knocks")
    assert (await tomas.figures())["live"] == 0
    await anna.press("Let Tomás Rivera in")

    for person in both:
        await person.reaches(lambda seen: seen["decoded"] > 10)


async def test_a_reload_keeps_the_place_and_what_was_switched_off(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await tomas.press("Knock")
    dialog = tomas.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Camera").click()
    await dialog.get_by_role("button", name="Knock").click()
    await tomas.sees("You have knocked")
    await tomas.page.reload()
    await tomas.sees("You have knocked")

    await lets_in_and_begins(anna)

    await anna.sees("Tomás Rivera has the camera off")
    await anna.reaches(lambda seen: seen["sound"] > 20)
    await expect(tomas.button("Camera")).to_have_attribute("aria-pressed", "false")


async def test_not_now_comes_with_a_word_and_one_may_knock_again(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await knocks(tomas)
    await anna.press("Not now")
    await anna.press("Please come back in 15 minutes.")
    await tomas.sees("You were not let in this time.")
    await tomas.sees("Please come back in 15 minutes.")
    await expect(anna.button("Let Tomás Rivera in")).to_have_count(0)

    await tomas.press("Knock again")
    await tomas.page.get_by_role("dialog").get_by_role("button", name="Knock").click()

    await anna.sees("Tomás Rivera knocks")
    await tomas.press("Wait no longer")
    await expect(anna.button("Let Tomás Rivera in")).to_have_count(0)
    await expect(tomas.button("Knock")).to_be_visible()


async def test_who_waits_reads_that_nobody_is_there_yet(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    address = anna.page.url
    await anna.page.goto("about:blank")
    await knocks(tomas)
    await tomas.sees("Anna Berg is not here at the moment")

    await anna.page.goto(address)

    await anna.sees("Tomás Rivera knocks")
    await tomas.sees("The other side has been told.")


async def test_several_who_knock_at_once_are_all_announced_and_let_in_one_by_one(
    both: tuple[Person, Person], crowd: Crowd
) -> None:
    anna, tomas = both
    ola = await crowd.person(await invited(anna, "Ola Reed", "Observer"))
    await anna.looks_elsewhere()
    await ola.press("Knock")
    await ola.sees("You have knocked")
    await anna.is_notified("Ola Reed knocks")
    await knocks(tomas)
    await anna.is_notified("2 people knock")
    await expect(anna.page).to_have_title("2 people knock")

    await lets_in_and_begins(anna)
    await tomas.reaches(lambda seen: seen["decoded"] > 10)
    await anna.sees("Ola Reed knocks")
    assert (await ola.figures())["live"] == 0
    await anna.press("Let Ola Reed in")

    await ola.sees("You watch and listen.")
    await ola.reaches(lambda seen: seen["decoded"] > 10)
    assert await ola.asked_devices() == []
    await expect(anna.page.get_by_text("knocks")).to_have_count(0)


async def test_a_client_asks_for_knocking_when_inviting(site: Site, crowd: Crowd) -> None:
    anna = await crowd.person()
    await anna.page.goto(site.address)
    await anna.page.get_by_label("Title").fill("Booking page")
    await anna.page.get_by_text("Video", exact=True).click()
    await anna.page.get_by_label("Freelancer’s name").fill("Tomás Rivera")
    await anna.page.get_by_label("People knock before they come into a call").check()
    await anna.press("Create the interview")
    link = await anna.page.get_by_label("For the freelancer", exact=True).input_value()

    tomas = await crowd.person(link)
    await tomas.press("Accept")

    await expect(tomas.button("Knock")).to_be_visible()
