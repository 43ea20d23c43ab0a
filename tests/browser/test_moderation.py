"""A flag in real browsers: from one person's dialog to the desk, and back as an outcome."""

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Person
from tests.browser.site import Site
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

OFFENCE = "Let us settle this by wire transfer, outside of here."


@pytest.fixture
def site(new_site: Site) -> Site:
    """Give the test a desk where nothing waits."""
    return new_site


async def flagged(anna: Person, tomas: Person) -> None:
    """Anna writes something that Tomás shows to the moderators."""
    await anna.write("The budget is small.")
    await anna.write(OFFENCE)
    await tomas.sees(OFFENCE)
    await tomas.message(OFFENCE).hover()
    await tomas.message(OFFENCE).get_by_role("button", name="Actions").click()
    await tomas.page.get_by_role("menuitem", name="Show to the moderators").click()
    dialog = tomas.page.get_by_role("dialog")
    await dialog.get_by_label("Asks to pay or be paid outside the platform").check()
    await dialog.get_by_label("Anything they should know").fill("It happened twice.")
    await dialog.get_by_role("button", name="Show to the moderators").click()
    await tomas.sees("You showed a message to the moderators")


async def claimed(mo: Person) -> None:
    """The moderator takes the only case, by the keyboard."""
    await mo.sees("Asks to pay or be paid outside the platform")
    await mo.page.keyboard.press("j")
    await mo.sees("Claiming shows you the evidence")
    await mo.sees_no("The budget is small.")
    await mo.page.keyboard.press("c")
    await mo.sees("It happened twice.")
    await mo.sees("The budget is small.")


async def test_a_flag_reaches_the_desk_and_its_outcome_the_reporter(
    both: tuple[Person, Person], site: Site, crowd: Crowd
) -> None:
    anna, tomas = both
    mo = await crowd.person(await site.desk())
    await mo.sees("Nothing waits for you")
    await flagged(anna, tomas)
    await claimed(mo)
    await expect(mo.page.locator("[data-flagged=true]")).to_contain_text(OFFENCE)
    await expect(mo.page.get_by_role("main")).not_to_contain_text("Anna")
    await mo.page.keyboard.press("3")
    await mo.sees("The text disappears for both, also from transcripts and downloads.")
    await mo.page.get_by_label("Your explanation").fill("Payment stays on the platform.")
    await mo.press("Hide the message")
    await mo.sees("The message is hidden, and the reporter told.")
    for person in both:
        await person.sees("A moderator hid this message.")
        await person.sees_no(OFFENCE)
    await tomas.sees("A moderator hid the message.")
    await tomas.sees("Payment stays on the platform.")


async def test_who_is_reported_learns_nothing_of_it_and_hidden_texts_leave_the_downloads(
    both: tuple[Person, Person], site: Site, crowd: Crowd
) -> None:
    anna, tomas = both
    frames: list[str] = []
    anna.page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))),
    )
    await anna.page.reload()
    await anna.sees("The interview began.")
    await flagged(anna, tomas)
    mo = await crowd.person(await site.desk())
    await claimed(mo)
    await anna.sees_no("showed a message")
    await mo.page.keyboard.press("3")
    await mo.press("Hide the message")
    await anna.sees("A moderator hid this message.")
    assert frames
    assert not [one for one in frames if "flag" in one or "case" in one or "It happened" in one]
    for person in both:
        await person.page.goto(person.page.url.partition("?")[0] + "/transcript")
        await person.sees("The budget is small.")
        await person.sees_no(OFFENCE)
        for kind in ("JSON", "Markdown"):
            async with person.page.expect_download() as downloading:
                await person.page.get_by_role("link", name=f"Download as {kind}").first.click()
            text = (await (await downloading.value).path()).read_text()
            assert "The budget is small." in text
            assert OFFENCE not in text


async def test_a_moderator_acts_on_the_accused_in_the_call_before_deciding(
    both: tuple[Person, Person], site: Site, crowd: Crowd
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await tomas.reaches(lambda seen: seen["decoded"] > 10)
    await flagged(anna, tomas)
    mo = await crowd.person(await site.desk())
    await claimed(mo)
    await mo.sees("The client who wrote it is in a call now.")
    await mo.press("Switch off what they send")
    await mo.sees("Their microphone, camera and screen are off.")
    for what in ("Microphone", "Camera"):
        await expect(anna.button(what)).to_have_attribute("aria-pressed", "false")
    await tomas.sees("microphone off")
    await mo.press("Take them out of the call")
    await mo.sees("They are out of this call and cannot come back to it.")
    await mo.sees_no("is in a call now")
    for person in both:
        await person.sees("Ended by a moderator")


async def test_a_removed_person_is_out_at_once_and_told_calmly(
    both: tuple[Person, Person], site: Site, crowd: Crowd
) -> None:
    anna, tomas = both
    await flagged(anna, tomas)
    mo = await crowd.person(await site.desk())
    await claimed(mo)
    await mo.page.keyboard.press("4")
    await mo.sees("Is put out at once")
    await mo.press("Remove the person")
    await anna.sees("You were removed from this interview")
    await anna.sees("A moderator removed you from this interview.")
    await tomas.sees("A moderator removed Anna Berg from the interview.")
    await anna.page.reload()
    await anna.sees("A moderator removed you from this interview.")


async def test_two_moderators_never_work_on_one_case(
    both: tuple[Person, Person], site: Site, crowd: Crowd
) -> None:
    anna, tomas = both
    await flagged(anna, tomas)
    mo = await crowd.person(await site.desk("Mo"))
    li = await crowd.person(await site.desk("Li"))
    await li.sees("Asks to pay or be paid outside the platform")
    await li.page.keyboard.press("j")
    await li.sees("Claiming shows you the evidence")
    await claimed(mo)
    await li.sees("Mo is working on this case.")
    await li.sees_no("The budget is small.")
    await mo.page.get_by_label("Add a note").fill("Looks like a pattern.")
    await mo.press("Add")
    await mo.sees("Looks like a pattern.")
    await mo.press("Release")
    await li.press("Claim this case")
    await li.sees("Looks like a pattern.")
    await mo.sees("Li is working on this case.")
    await mo.sees_no("The budget is small.")
