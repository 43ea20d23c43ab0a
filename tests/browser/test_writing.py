"""Writing in real browsers: both see it, cuts lose nothing, an ended interview can only be read."""

import json
import re
from io import BytesIO

import av
import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Person
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_what_one_writes_the_other_reads_and_the_first_learns_that(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.write("When could you **start**?")
    await tomas.sees("When could you start?")
    await tomas.write("On Monday.")
    await anna.sees("On Monday.")
    await expect(anna.message("When could you start?").get_by_label("Read")).to_be_visible()


def grey(picture: bytes) -> bytes:
    """How light each point of a picture is."""
    with av.open(BytesIO(picture), "r") as found:
        return bytes(next(found.decode(video=0)).reformat(format="gray").planes[0])


async def test_no_writing_covers_what_stands_around_it(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    for text in ("Seen by everybody", "Between", "Below"):
        await tomas.write(text)
        await anna.sees(text)
    seen = await anna.message("Seen by everybody").screenshot(animations="disabled")
    await tomas.write("e" + "\u0301" * 300 + " tower")
    await anna.sees(re.compile("tower"))
    now = await anna.message("Seen by everybody").screenshot(animations="disabled")
    assert sum(there < before - 64 for there, before in zip(grey(now), grey(seen), strict=True)) < 5


async def test_what_is_written_without_a_network_goes_out_in_order_once(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.write("Before the cut.")
    await tomas.sees("Before the cut.")
    await anna.context.set_offline(offline=True)
    await anna.sees("You are offline")
    for number in (1, 2, 3):
        await anna.write(f"Written without a network, {number}.")
    await tomas.write("Are you still there?")
    await anna.context.set_offline(offline=False)
    await tomas.sees("Written without a network, 3.")
    await anna.sees("Are you still there?")
    written = await tomas.message("Written without a network, ").all_inner_texts()
    assert [re.findall(r"network, (\d)", one) for one in written] == [["1"], ["2"], ["3"]]


async def test_a_restart_of_the_server_loses_nothing_and_a_reload_keeps_what_is_unsent(
    both: tuple[Person, Person], site: Site
) -> None:
    anna, tomas = both
    await anna.write("Kept before the restart.")
    await tomas.sees("Kept before the restart.")
    await site.stop()
    await anna.sees("Reconnecting")
    await anna.write("Written while the server was away.")
    await site.start()
    await tomas.sees("Written while the server was away.")
    await anna.page.reload()
    await anna.sees("Kept before the restart.")
    await expect(anna.message("Written while the server was away.")).to_have_count(1)


async def test_a_text_interview_asks_for_no_device(site: Site, crowd: Crowd) -> None:
    links = await site.create(format="text")
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.write("Only in writing, please.")
    await tomas.sees("Only in writing, please.")
    await anna.press("Call")
    await anna.sees("You agreed to meet in writing.")
    assert await anna.asked_devices() == []
    assert await tomas.asked_devices() == []


async def test_an_ended_interview_can_only_be_read_and_taken_along(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.write("Thank you, that was all.")
    await tomas.sees("Thank you, that was all.")
    await tomas.press("More actions")
    await tomas.page.get_by_role("menuitem", name="End the interview").click()
    dialog = tomas.page.get_by_role("dialog")
    await dialog.get_by_role("button", name="End the interview").click()
    for person in both:
        await person.sees("It can only be read.")
        await expect(person.page.get_by_role("textbox", name="Message")).to_have_count(0)
    async with anna.page.expect_download() as downloading:
        await anna.page.get_by_role("link", name="Download as JSON").first.click()
    download = await downloading.value
    record = json.loads((await download.path()).read_text())
    assert "Thank you, that was all." in json.dumps(record)
    await anna.page.goto(anna.page.url + "/transcript")
    await anna.sees("Thank you, that was all.")
    await expect(anna.page.get_by_role("heading", level=1)).to_contain_text("Booking page")
