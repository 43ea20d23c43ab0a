"""What lies above the page: Escape closes the topmost alone, and what opened it has the focus."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import PHONE, Crowd, Person
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def opens(opener: Locator) -> None:
    await expect(opener).to_be_enabled()  # a list of devices is not, before they are known
    await opener.focus()
    await opener.press("Enter")


async def leaves(person: Person, opener: Locator, *, still_open: int) -> None:
    """Presses Escape once; what opened the topmost layer is of use again."""
    dialogs = person.page.get_by_role("dialog")
    await expect(dialogs).to_have_count(still_open + 1)
    await person.page.keyboard.press("Escape")
    await expect(dialogs).to_have_count(still_open)
    await expect(opener).to_be_focused()


async def test_escape_leaves_a_dialog_for_the_people_it_was_opened_from_and_then_those(
    site: Site, crowd: Crowd
) -> None:
    anna = await crowd.person((await site.create())["client"])
    people = anna.button(re.compile("^People: "))
    await opens(people)
    invite = anna.page.get_by_role("dialog", name="People").get_by_role("button", name="Invite")
    for _ in range(2):  # the drawer stays what it was
        await opens(invite)
        await leaves(anna, invite, still_open=1)
    await leaves(anna, people, still_open=0)


async def test_escape_leaves_a_menu_for_the_drawer_that_it_hangs_in(
    site: Site, crowd: Crowd
) -> None:
    anna = await crowd.person((await site.create())["client"])
    people = anna.button(re.compile("^People: "))
    await opens(people)
    drawer = anna.page.get_by_role("dialog", name="People")
    await opens(drawer.get_by_role("button", name="Invite"))
    await anna.page.get_by_role("textbox", name=re.compile("^Name")).fill("Cora Lind")
    await anna.press("Invite")
    made = anna.page.get_by_role("dialog", name="A link for Cora Lind")
    await expect(made).to_be_visible()
    await anna.page.keyboard.press("Escape")
    await expect(made).to_have_count(0)
    actions = drawer.get_by_role("button", name="Cora Lind")
    await opens(actions)
    await expect(anna.page.get_by_role("menuitem").first).to_be_focused()

    await anna.page.keyboard.press("Escape")
    await expect(anna.page.get_by_role("menu")).to_have_count(0)
    await expect(actions).to_be_focused()
    await opens(actions)
    await anna.page.get_by_role("menuitem", name="Remove").press("Enter")
    await leaves(anna, actions, still_open=1)
    await leaves(anna, people, still_open=0)


async def test_escape_leads_back_to_the_menu_that_a_sheet_was_opened_from_on_a_phone(
    site: Site, crowd: Crowd
) -> None:
    anna = await crowd.person((await site.create())["client"], size=PHONE)
    more = anna.button("More actions")
    await opens(more)
    await anna.page.get_by_role("menuitem", name="Show about").press("Enter")
    another = anna.button("Propose another format")
    await opens(another)
    await leaves(anna, another, still_open=1)
    await leaves(anna, more, still_open=0)


async def test_escape_leaves_a_list_for_the_dialog_that_it_hangs_in(
    both: tuple[Person, Person],
) -> None:
    anna, _ = both
    call = anna.button("Call")
    await opens(call)
    await anna.page.get_by_role("menuitem", name="Video call").press("Enter")
    microphone = anna.page.get_by_role("combobox", name="Microphone")
    await opens(microphone)
    await expect(anna.page.get_by_role("option").first).to_be_visible()
    await anna.page.keyboard.press("Escape")
    await expect(anna.page.get_by_role("listbox")).to_be_hidden()
    await expect(microphone).to_be_focused()
    await leaves(anna, call, still_open=0)
