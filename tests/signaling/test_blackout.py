"""A network that is gone for a while, and comes back, under a call of two Chromiums."""

import asyncio
import os

import pytest
from playwright.async_api import Page

from bench.loss import apart, change
from tests.browser.people import media_deadline
from tests.support.counts import count

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make a network that can be cut"),
]

LONGEST = count(20, full=120)
"""Seconds without a network; from about 18 on a browser gives up until ICE is restarted."""
GIVES_UP_WITHIN = 40.0


async def state(page: Page) -> str:
    """The connection's state, as the browser sees it."""
    told: str = await page.evaluate("pc.connectionState")
    return told


async def flows(*pages: Page) -> None:
    """Wait until every page plays new pictures and sound."""
    before = [await page.evaluate("look()") for page in pages]

    async def stands_still() -> list[str]:
        after = [await page.evaluate("look()") for page in pages]
        return [
            f"{number}: {old} {new}"
            for number, (old, new) in enumerate(zip(before, after, strict=True))
            if new["frames"] < old["frames"] + 10
            or new["samples"] - new["concealed"] < old["samples"] - old["concealed"] + 10_000
        ]

    deadline = media_deadline()
    while trouble := await stands_still():
        assert asyncio.get_running_loop().time() < deadline, trouble
        await asyncio.sleep(0.05)


async def test_after_five_seconds_without_a_network_media_flows_again_by_itself() -> None:
    async with apart() as (line, near, far):
        await near.evaluate("join()")
        await far.evaluate("join()")
        await flows(near, far)

        await change(line, down=True)
        await far.wait_for_timeout(5_000)
        await change(line)

        await flows(near, far)
        assert await state(near) == "connected"
        assert await state(far) == "connected"


async def test_after_a_blackout_too_long_for_the_browser_a_restart_of_ice_is_enough() -> None:
    async with apart() as (line, near, far):
        await near.evaluate("join()")
        await far.evaluate("join()")
        await flows(near, far)

        await change(line, down=True)
        async with asyncio.timeout(GIVES_UP_WITHIN + LONGEST):
            await far.wait_for_timeout(LONGEST * 1_000)
            while await state(far) != "failed":
                await far.wait_for_timeout(100)
        await change(line)
        await far.evaluate("restart()")

        await flows(near, far)
        assert await state(far) == "connected"
