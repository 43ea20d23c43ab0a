"""A long interview in a real browser: what was missed is there, and the page stays quick."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd
from tests.browser.site import running_site
from tests.support.counts import count
from tests.support.long import fill
from tests.support.nodes import SECRET, nodes
from tests.support.valkey import embedded_store, url_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MISSED = count(2000, full=10_000)


async def test_thousands_of_messages_that_were_missed_are_there_and_the_page_goes_on(
    tmp_path: Path, crowd: Crowd
) -> None:
    async with embedded_store() as store, nodes(tmp_path, url_of(store), 1) as (node,):
        settings = {"PARLEY_REDIS_URL": url_of(store), "PARLEY_SECRET": SECRET}
        async with running_site(tmp_path / "data", settings=settings) as site:
            links = await site.create(format="text")
            tomas = await crowd.person(links["freelancer"])
            await tomas.press("Accept")
            anna = await crowd.person(links["client"])
            await anna.write("Before much is said.")
            await tomas.sees("Before much is said.")
            await tomas.context.set_offline(offline=True)
            await tomas.sees("You are offline")
            found = re.search(r"/i/([a-z2-7]{16})/", links["client"])
            assert found is not None
            await fill(node, found[1], MISSED)  # in a burst, which Anna's page bears
            began = asyncio.get_running_loop().time()
            await tomas.context.set_offline(offline=False)

            await expect(tomas.message(f"line {MISSED - 1} ")).to_be_visible(timeout=60_000)
            took = asyncio.get_running_loop().time() - began
            print(f"{MISSED} missed messages were there {took:.1f} s after the network was")
            await anna.sees(f"line {MISSED - 1} ")
            for person, other in ((tomas, anna), (anna, tomas)):
                await person.write("Now I have read it all.")
                await expect(other.message("Now I have read it all.").first).to_be_visible()
            await tomas.press("Show earlier messages")
            await expect(tomas.message(f"line {MISSED - 250} ")).to_have_count(1)
