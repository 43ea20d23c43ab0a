"""Both local times in the header, and the planned time that is left."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd
from tests.browser.site import Site
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_each_sees_both_clocks_and_what_is_left_of_the_planned_time(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create(minutes=5)
    tomas = await crowd.person(links["freelancer"], timezone="Asia/Kolkata")
    await tomas.press("Accept")
    anna = await crowd.person(links["client"], timezone="America/Lima")
    header = anna.page.get_by_role("banner")
    times = header.get_by_role("time")
    await expect(times).to_have_count(2)
    assert len({await times.nth(each).inner_text() for each in range(2)}) == 2
    await expect(header.get_by_text("5 minutes left")).to_have_count(0)
    await called(anna, tomas)
    for person in (anna, tomas):
        await expect(person.page.get_by_role("banner")).to_contain_text("5 minutes left")
        await person.sees(re.compile("5 minutes of the planned time are left"))
    await anna.page.reload()
    await expect(header).to_contain_text("5 minutes left")
