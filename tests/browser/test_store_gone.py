"""The server's store goes away and comes back: people read it, lose nothing, and go on talking."""

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import expect

from server.storage import EmbeddedStore
from tests.browser.people import Figures, Person
from tests.browser.site import Site, running_site
from tests.browser.test_call import called
from tests.browser.test_failures import act_on, confirm
from tests.support.counts import count
from tests.support.valkey import embedded_store, url_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

GONE_S = count(3, full=15)
NOT_SAVED = "Not saved yet: the server cannot reach its store. Still trying."


def went_on(before: int, seen: Figures) -> bool:
    """Whether pictures arrived all the while since there were `before`."""
    return seen["decoded"] > before + 10 * GONE_S


@pytest.fixture
async def store() -> AsyncIterator[EmbeddedStore]:
    """Give the test a store that it can take away."""
    async with embedded_store() as store:
        yield store


@pytest.fixture
async def site(tmp_path: Path, store: EmbeddedStore) -> AsyncIterator[Site]:
    """Give the test an installation on that store."""
    settings = {"PARLEY_REDIS_URL": url_of(store), "PARLEY_SECRET": "the same after a restart"}
    async with running_site(tmp_path / "data", settings=settings) as site:
        yield site


async def test_while_the_store_is_gone_people_read_it_and_talk_and_then_all_is_sent_once(
    both: tuple[Person, Person], store: EmbeddedStore
) -> None:
    anna, tomas = both
    await anna.write("Before the store went.")
    await tomas.sees("Before the store went.")
    await called(anna, tomas)
    for person in both:
        await person.reaches(lambda seen: seen["decoded"] > 10 and seen["sound"] > 50)
    before = {person.page: await person.figures() for person in both}

    await store.stop()
    await anna.page.wait_for_timeout(GONE_S * 1000)
    for number in (1, 2, 3):
        await anna.write(f"Written without a store, {number}.")
    await anna.sees(NOT_SAVED)
    await act_on(tomas, "Before the store went.", "Show to the moderators")
    await tomas.page.get_by_role("dialog").get_by_role("radio").first.check()
    await confirm(tomas, "Show to the moderators")
    await tomas.sees("cannot reach its store just now. Try again in a moment.")
    await tomas.page.keyboard.press("Escape")
    for person in both:
        await person.reaches(partial(went_on, before[person.page]["decoded"]))
        assert (await person.figures())["made"] == before[person.page]["made"]
    await anna.page.reload()
    await expect(anna.page.get_by_text("Opening the interview")).to_be_visible()

    await store.start()
    began = asyncio.get_running_loop().time()
    await tomas.sees("Written without a store, 3.")
    took = asyncio.get_running_loop().time() - began
    print(f"what had waited over a reload was there {took:.1f} s after the store's return")
    for person in both:
        await expect(person.message("Written without a store, 3.")).to_be_visible()
        shown = await person.message("Written without a store, ").all_inner_texts()
        assert [re.findall(r"store, (\d)", one) for one in shown] == [["1"], ["2"], ["3"]]
    await expect(anna.page.locator("li[data-unsent]")).to_have_count(0)
