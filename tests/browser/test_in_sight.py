"""What concerns somebody comes into their sight, wherever they are in the page just then."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import PHONE, Crowd, Person, met
from tests.browser.site import Site
from tests.browser.test_call import called
from tests.browser.test_moderation import flagged
from tests.browser.test_panel import invited

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

WELL_IN_SIGHT = 0.9


def read_by_others(person: Person, text: str) -> Locator:
    """The tick that says so, at a message of this person's."""
    return person.message(text).get_by_label("Read")


async def on_the_phone(site: Site, crowd: Crowd) -> tuple[Person, Person]:
    """Anna at a desk calls Tomás, whose phone shows nothing but the call."""
    links = await site.create(format="audio")
    tomas = await crowd.person(links["freelancer"], size=PHONE)
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await called(anna, tomas, "Voice call")
    await tomas.sees("Back to the messages")
    return anna, tomas


async def test_a_message_behind_the_call_is_announced_and_counts_as_read_once_it_is_seen(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await on_the_phone(site, crowd)
    await anna.write("Do you see this?")
    await expect(anna.message("Do you see this?").get_by_label("Delivered")).to_be_visible()
    await tomas.press("Messages: 1 new")
    await tomas.sees("Do you see this?")
    await expect(read_by_others(anna, "Do you see this?")).to_be_visible()


async def test_a_proposal_is_answered_without_leaving_the_call_on_a_phone(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await on_the_phone(site, crowd)
    await anna.press("More actions")
    await anna.page.get_by_role("menuitem", name="Propose another format").click()
    await anna.page.get_by_role("radio", name="Video").check()
    await anna.press("Propose video")
    stage = tomas.page.get_by_role("region", name="Call")
    await expect(stage.get_by_text("Anna Berg asks to meet by video")).to_be_visible()
    await stage.get_by_role("button", name="Agree").click()
    await expect(stage.get_by_role("button", name="Camera")).to_be_visible()
    await anna.sees("Tomás Rivera agreed to meet by video.")


async def test_whoever_is_muted_while_reading_on_a_phone_can_still_go_back_to_the_call(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await on_the_phone(site, crowd)
    await tomas.press("Back to the messages")
    await anna.press("What you can do about Tomás Rivera")
    await anna.page.get_by_role("menuitem", name=re.compile("Turn their microphone off")).click()
    await expect(tomas.page.get_by_role("alert")).to_contain_text("microphone off")
    await tomas.press("Show the call in full")
    await tomas.press("Turn your microphone on again")


async def test_what_the_moderators_say_to_one_person_comes_into_sight(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await met(site, crowd)
    for number in range(12):
        await anna.write(f"Before it, {number}.")
    await tomas.sees("Before it, 11.")
    await flagged(anna, tomas)
    receipt = tomas.page.get_by_role("listitem").filter(has_text="You showed a message")
    await expect(receipt).to_be_in_viewport(ratio=WELL_IN_SIGHT)


async def test_who_reads_the_thread_of_their_side_is_told_of_news_in_the_common_one(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await met(site, crowd)
    await invited(anna, "Cora Lind")
    await anna.page.get_by_role("tab", name="Your side").click()
    await tomas.write("A question to all of you.")
    await anna.page.get_by_role("tab", name="Everybody 1 new").click()
    await anna.sees("A question to all of you.")
    await expect(anna.page.get_by_role("tab", name="Everybody", exact=True)).to_be_visible()


async def test_only_the_other_side_is_asked_to_answer_a_proposal(site: Site, crowd: Crowd) -> None:
    anna, tomas = await met(site, crowd)
    cora = await crowd.person(await invited(anna, "Cora Lind"))
    olga = await crowd.person(await invited(anna, "Olga Kern", "Observer"))
    await anna.press("Propose another format")
    await anna.page.get_by_role("radio", name="Audio").check()
    await anna.press("Propose audio")
    for person in (cora, olga, tomas):
        await person.sees("Anna Berg asks to meet by audio")
    await expect(tomas.button("Agree")).to_be_visible()
    for person in (cora, olga):
        await expect(person.button("Agree")).to_have_count(0)
    await expect(cora.button("Take back")).to_be_visible()


async def test_what_the_interview_is_about_can_be_read_during_a_call(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await anna.press("Show about this interview")
    about = anna.page.get_by_role("dialog", name="About")
    await expect(about.get_by_text("Who can read this")).to_be_visible()


async def test_who_opens_their_own_link_still_has_the_one_for_the_freelancer(
    site: Site, crowd: Crowd
) -> None:
    anna = await crowd.person()
    await anna.page.goto(site.address)
    await anna.page.get_by_role("textbox", name="Title").fill("Booking page")
    await anna.press("Create the interview")
    async with anna.context.expect_page() as opening:
        await anna.page.get_by_role("link", name="Open as the client").click()
    await expect(
        (await opening.value).get_by_role("button", name=re.compile("^Enter"))
    ).to_be_visible()
    link = anna.page.get_by_role("textbox", name="For the freelancer")
    await expect(link).to_have_value(re.compile("/freelancer#"))
