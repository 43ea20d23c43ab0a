"""What a silent server leaves unknown is said so, done once, and leaves nobody stuck."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Person
from tests.browser.site import Site
from tests.browser.test_failures import (
    MESSAGE,
    Step,
    accept,
    admit,
    agree,
    answer,
    confirm,
    decline,
    decline_call,
    disagree,
    end,
    flag,
    hold,
    invite,
    knock,
    mute_other,
    not_now,
    promised,
    propose,
    put_away,
    remove,
    says_who,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ANSWER_MS = 10_000
"""A page waits so long for an answer (`web/src/connection.ts`)."""

IN_FRONT = """(element) => {
  const {left, top, width, height} = element.getBoundingClientRect();
  const front = document.elementFromPoint(left + width / 2, top + height / 2);
  return front !== null && (element.contains(front) || front.contains(element));
}"""
"""Whether the middle of an element is in view, with nothing above it."""


@contextmanager
def silent(site: Site) -> Iterator[None]:
    """The server hears everything, and answers only after this."""
    site.freeze()
    try:
        yield
    finally:
        site.thaw()


async def patient(crowd: Crowd, link: str) -> Person:
    """Somebody new, in whose page time can be made to pass."""
    person = await crowd.person()
    await person.context.clock.install()
    await person.enter(link)
    return person


async def unanswered(site: Site, person: Person, action: str, step: Step) -> None:
    """They do it, wait in vain, read what the document says where they did it, and are back."""
    (sentence,) = promised(action, column=2)
    with silent(site):
        await step(person)
        await person.page.clock.fast_forward(ANSWER_MS)
        shown = person.page.get_by_text(sentence).filter(visible=True).first
        await expect(shown).to_be_visible()
        await person.page.wait_for_function(IN_FRONT, arg=await shown.element_handle())
    await person.sees_no("Reconnecting")


async def knows(person: Person) -> None:
    """What was unknown is so no more."""
    await person.sees_no(promised("ring", column=2)[0])


async def test_an_invitation_is_answered_once_though_nobody_said_so(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create()
    tomas = await patient(crowd, links["freelancer"])
    await tomas.button("Accept").wait_for()
    await unanswered(site, tomas, "accept an invitation", accept)
    await tomas.page.get_by_role("textbox", name="Message").wait_for()
    await knows(tomas)

    links = await site.create(freelancer="")
    await tomas.enter(links["freelancer"])
    await tomas.page.get_by_role("textbox", name="Your name").wait_for()
    await unanswered(site, tomas, "say who you are", says_who)
    await tomas.button("Decline").wait_for()
    await unanswered(site, tomas, "decline an invitation", decline)
    await tomas.sees("The invitation was declined on")
    await knows(tomas)


async def test_a_call_begins_goes_on_and_ends_where_it_was_asked_for(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create()
    tomas = await patient(crowd, links["freelancer"])
    await tomas.press("Accept")
    anna = await patient(crowd, links["client"])
    await anna.sees("The interview began.")
    await anna.press("Call")
    await anna.page.get_by_role("menuitem", name="Video call").click()
    await anna.button("Call Tomás Rivera").wait_for()
    await unanswered(site, anna, "ring", lambda anna: anna.press("Call Tomás Rivera"))
    await anna.sees("Calling Tomás Rivera")
    await knows(anna)

    await tomas.button("Answer with video").wait_for()
    await unanswered(site, tomas, "answer", answer)
    for person in (anna, tomas):
        await person.reaches(lambda seen: seen["decoded"] > 10 and seen["sound"] > 20)
    await knows(tomas)

    await unanswered(site, anna, "switch off what somebody else sends", mute_other)
    await tomas.sees("turned your microphone off")
    await knows(anna)

    second = await tomas.context.new_page()
    await second.goto(tomas.page.url)
    here = second.get_by_role("button", name="Move it here")
    await here.wait_for()
    with silent(site):
        await here.click()
        await tomas.sees("You are in this call in another window or on another device.")
    moved = Person(tomas.context, second)
    await moved.reaches(lambda seen: seen["decoded"] > 10)

    with silent(site):
        await anna.press("Camera")
        await expect(anna.button("Camera")).to_have_attribute("aria-pressed", "false")
    await moved.sees("Anna Berg has the camera off")
    with silent(site):
        await anna.press("Share screen")
        await anna.press("Share")
        await anna.sees("You are sharing")
    await moved.sees("Anna Berg is sharing the screen.")
    with silent(site):
        await anna.button("Stop sharing").first.click()
        await anna.sees("Your screen is no longer shared.")
        await anna.press("Leave")
        await anna.page.clock.fast_forward(ANSWER_MS)
        await anna.sees(promised("leave a call")[-1])
    await moved.sees("Ended ·")
    await anna.sees("Ended ·")


async def test_what_was_agreed_asked_or_closed_is_so_once(site: Site, crowd: Crowd) -> None:
    links = await site.create(format="audio")
    tomas = await patient(crowd, links["freelancer"])
    await tomas.press("Accept")
    anna = await patient(crowd, links["client"])
    await anna.write(MESSAGE)
    await tomas.sees(MESSAGE)
    await unanswered(site, tomas, "show a message to the moderators", flag)
    await put_away(tomas)
    await unanswered(site, anna, "propose another format", propose)
    await confirm(anna, re.compile("^Propose"))
    await anna.sees_no("Nothing changes before they agree.")
    await tomas.sees("asks to meet by")
    await unanswered(site, tomas, "decline a format", disagree)
    await tomas.sees_no("asks to meet by")
    await propose(anna)
    await unanswered(site, tomas, "agree to a format", agree)
    await tomas.sees_no("asks to meet by")
    await knows(tomas)

    await anna.press("Call")
    await anna.page.get_by_role("menuitem", name="Voice call").click()
    await anna.press("Call Tomás Rivera")
    await tomas.button("Decline").wait_for()
    await unanswered(site, tomas, "decline a call", decline_call)
    await anna.sees("Declined")
    await knows(tomas)

    await unanswered(site, anna, "invite somebody", invite)
    await anna.press("Invite")
    await anna.sees("A link for Cora Lind")
    await put_away(anna)
    lines = anna.page.get_by_role("list", name="Messages")
    await expect(lines.get_by_text("Anna Berg invited Cora Lind")).to_have_count(1)
    await unanswered(site, anna, "remove somebody", remove)
    await anna.sees("Anna Berg removed Cora Lind")
    await put_away(anna)
    await unanswered(site, anna, "end the interview", end)
    await confirm(anna, "End the interview")
    await anna.sees_no("End this interview?")
    await anna.sees("Anna Berg ended the interview")


async def test_at_the_door_everybody_comes_in_where_they_knocked(site: Site, crowd: Crowd) -> None:
    links = await site.create(knock=True)
    tomas = await patient(crowd, links["freelancer"])
    await tomas.press("Accept")
    anna = await patient(crowd, links["client"])
    await anna.sees("The interview began.")
    await tomas.press("Knock")
    await tomas.page.get_by_label("Your own picture").wait_for()
    await unanswered(site, tomas, "knock", knock)
    await tomas.sees("You have knocked")
    await knows(tomas)

    await anna.sees("Tomás Rivera knocks")
    await unanswered(site, anna, "ask somebody at the door to wait", hold)
    await tomas.sees("We are still talking among ourselves.")
    await knows(anna)
    await unanswered(site, anna, "do not let somebody in", not_now)
    await tomas.sees("You were not let in this time.")
    await knows(anna)

    await tomas.press("Knock again")
    await tomas.page.get_by_label("Your own picture").wait_for()
    await unanswered(site, tomas, "knock", knock)
    await anna.press("Let Tomás Rivera in")
    await anna.page.get_by_label("Your own picture").wait_for()
    await unanswered(site, anna, "let somebody in", admit)
    for person in (anna, tomas):
        await person.reaches(lambda seen: seen["decoded"] > 10 and seen["sound"] > 20)
        await knows(person)
