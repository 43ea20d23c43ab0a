"""Each action of a person who is cut off says what became of it, as docs/failures.md promises."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import PATIENCE_MS, Crowd, Person
from tests.browser.site import Site
from tests.browser.test_call import called
from tests.support.failures import ACTIONS, cells, sentences

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MESSAGE = "Before the cut."
OTHER = "This, too, was before it."
NOT_SENT = "not sent"


def promised(action: str, *, column: int = 1) -> list[str]:
    """What whoever does this must read; the first column is for those who are cut off."""
    cell = next(row[column] for row in cells("Actions") if row[0] == action)
    return sentences(cell)


async def act_on(person: Person, message: str, item: str) -> None:
    await person.message(message).hover()
    await person.message(message).get_by_role("button", name="Actions").click()
    await person.page.get_by_role("menuitem", name=item).click()


async def more(person: Person, item: str) -> None:
    await person.press("More actions")
    await person.page.get_by_role("menuitem", name=item).click()


async def confirm(person: Person, name: str | re.Pattern[str]) -> None:
    await person.page.get_by_role("dialog").get_by_role("button", name=name).click()


async def send(person: Person) -> Locator:
    await person.write("Written without a server.")
    return person.page.locator("li[data-unsent]")


async def change(person: Person) -> Locator:
    await act_on(person, MESSAGE, "Edit")
    await person.write("Better.")
    return person.message("Better.")


async def delete(person: Person) -> Locator:
    await act_on(person, OTHER, "Delete")
    await confirm(person, "Delete")
    return person.message(OTHER)


async def flag(person: Person) -> None:
    await act_on(person, MESSAGE, "Show to the moderators")
    await person.page.get_by_role("dialog").get_by_role("radio").first.check()
    await confirm(person, "Show to the moderators")


async def propose(person: Person) -> None:
    await more(person, "Propose another format")
    await confirm(person, re.compile("^Propose"))


async def end(person: Person) -> None:
    await more(person, "End the interview")
    await confirm(person, "End the interview")


async def invite(person: Person) -> None:
    await person.press(re.compile("^People: "))
    people = person.page.get_by_role("dialog", name="People")
    await people.get_by_role("button", name="Invite somebody").click()
    await person.page.get_by_role("textbox", name=re.compile("^Name")).fill("Cora Lind")
    await person.press("Invite")


async def accept(person: Person) -> None:
    await person.press("Accept")


async def decline(person: Person) -> None:
    await person.press("Decline")
    await confirm(person, re.compile("^Decline"))


async def mute_other(person: Person) -> None:
    await person.page.get_by_role("group", name="Tomás Rivera").hover()
    await person.press("What you can do about Tomás Rivera")
    await person.page.get_by_role("menuitem", name="Turn their microphone off").click()


async def reach_for_knock(person: Person) -> None:
    await person.button("Knock").hover()


async def knock(person: Person) -> None:
    await confirm(person, "Knock")


async def hold(person: Person) -> None:
    await person.press("One moment")
    await person.press("We are still talking among ourselves.")


async def not_now(person: Person) -> None:
    await person.press("Not now")
    await person.press("Please come back in 15 minutes.")


async def answer(person: Person) -> None:
    await person.press("Answer with video")


async def decline_call(person: Person) -> None:
    await person.press("Decline")


async def let_in(person: Person) -> None:
    await person.press("Let Tomás Rivera in")
    await admit(person)


async def admit(person: Person) -> None:
    await confirm(person, "Let Tomás Rivera in")


async def agree(person: Person) -> None:
    await person.press("Agree")


async def disagree(person: Person) -> None:
    await person.press("Not now")


async def says_who(person: Person) -> None:
    await person.page.get_by_role("textbox", name="Your name").fill("Lena Vogt")
    await person.press("Use this name")


async def remove(person: Person) -> None:
    await person.press(re.compile("^People: "))
    people = person.page.get_by_role("dialog", name="People")
    await people.get_by_role("button", name="What you can do about Cora Lind").click()
    await person.page.get_by_role("menuitem", name="Remove from the interview").click()
    asked = person.page.get_by_role("dialog", name="Remove Cora Lind?")
    await asked.get_by_role("button", name="Remove").click()


async def ring(person: Person) -> None:
    await person.button("Call").hover()


async def silence(person: Person) -> None:
    await person.press("Microphone")


async def darken(person: Person) -> None:
    await person.press("Camera")
    await expect(person.button("Camera")).to_have_attribute("aria-pressed", "false")
    await expect(person.page.get_by_label("Your own picture")).to_have_count(0)


async def share_and_stop(person: Person) -> None:
    await person.press("Share screen")
    await person.press("Share")
    await person.sees("You are sharing")
    await person.button("Stop sharing").first.click()
    await person.sees("Your screen is no longer shared.")


async def leave(person: Person) -> None:
    await person.press("Leave")


Step = Callable[[Person], Awaitable[Locator | None]]
Steps = dict[str, Step]
"""What to do for each action; where to look for the outcome, if not anywhere on the page."""

IN_A_CALL: Steps = {
    "switch off what somebody else sends": mute_other,
    "switch the camera": darken,
    "share a screen, or stop that": share_and_stop,
    "switch the microphone": silence,
    "leave a call": leave,
}
BY_WHO_IS_KNOCKED_AT: Steps = {
    "ask somebody at the door to wait": hold,
    "do not let somebody in": not_now,
    "let somebody in": let_in,
}
BY_WHO_IS_RUNG: Steps = {"answer": answer, "decline a call": decline_call}
BY_WHO_IS_ASKED: Steps = {"agree to a format": agree, "decline a format": disagree}
BY_WHO_IS_INVITED: Steps = {"accept an invitation": accept, "decline an invitation": decline}
BY_ANNA: Steps = {
    "ring": ring,
    "send a message": send,
    "propose another format": propose,
    "end the interview": end,
    "invite somebody": invite,
    "remove somebody": remove,
    "change a message": change,
    "delete a message": delete,
}
BY_WHO_KNOCKS: Steps = {"knock": reach_for_knock}
BY_A_GUEST: Steps = {"say who you are": says_who}
BY_TOMAS: Steps = {"show a message to the moderators": flag}


EVERYTHING = (
    *(IN_A_CALL | BY_ANNA | BY_TOMAS | BY_A_GUEST | BY_WHO_KNOCKS | BY_WHO_IS_KNOCKED_AT),
    *(BY_WHO_IS_INVITED | BY_WHO_IS_RUNG | BY_WHO_IS_ASKED),
)


def test_every_action_is_tried_by_somebody_who_is_cut_off() -> None:
    assert sorted(EVERYTHING) == sorted(ACTIONS)


async def does_all(person: Person, steps: Steps) -> None:
    """Does one after the other, and reads after each what the document says."""
    for action, step in steps.items():
        where = await step(person) or person.page.locator("body")
        for sentence in promised(action):
            shown = where.get_by_text(sentence).filter(visible=True)
            await expect(shown.first).to_be_visible(timeout=PATIENCE_MS)
        if sentences(NOT_SENT) == promised(action):
            await put_away(person)


async def put_away(person: Person) -> None:
    """Closes all dialogs, the topmost first."""
    dialogs = person.page.get_by_role("dialog")
    while left := await dialogs.count():
        await person.page.keyboard.press("Escape")
        await expect(dialogs).not_to_have_count(left)  # one may be leaving by itself


async def test_whoever_is_offline_reads_of_each_action_what_became_of_it(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.write(MESSAGE)
    await tomas.sees(MESSAGE)
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 10)

    for person in both:
        await person.context.set_offline(offline=True)
        await person.sees("You are offline")
    await does_all(tomas, BY_TOMAS)
    await does_all(anna, IN_A_CALL)

    for person in both:
        await person.context.set_offline(offline=False)
    await tomas.sees("Ended ·")


async def test_while_the_server_is_gone_each_action_says_what_became_of_it(
    both: tuple[Person, Person], site: Site
) -> None:
    anna, tomas = both
    await anna.write(MESSAGE)
    await anna.write(OTHER)
    await tomas.sees(OTHER)
    await invite(anna)
    await put_away(anna)

    await site.kill()
    for person in both:
        await person.sees("Reconnecting")
    await does_all(tomas, BY_TOMAS)
    await does_all(anna, BY_ANNA)

    await site.start()
    await tomas.sees("Better.")
    await tomas.sees("Anna Berg deleted this message.")


async def test_whoever_is_invited_reads_that_the_answer_was_not_sent(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create()
    tomas = await crowd.person(links["freelancer"])
    await tomas.button("Accept").wait_for()
    await tomas.context.set_offline(offline=True)
    await tomas.sees("You are offline")
    await does_all(tomas, BY_WHO_IS_INVITED)

    await tomas.context.set_offline(offline=False)
    await accept(tomas)
    await tomas.page.get_by_role("textbox", name="Message").wait_for()


async def test_at_the_door_both_read_that_they_are_cut_off(site: Site, crowd: Crowd) -> None:
    links = await site.create(knock=True)
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await tomas.button("Knock").wait_for()

    await tomas.context.set_offline(offline=True)
    await tomas.sees("You are offline")
    await does_all(tomas, BY_WHO_KNOCKS)

    await tomas.context.set_offline(offline=False)
    await tomas.sees_no("You are offline")
    await tomas.press("Knock")
    await confirm(tomas, "Knock")
    await anna.sees("Tomás Rivera knocks")
    await anna.context.set_offline(offline=True)
    await anna.sees("You are offline")
    await does_all(anna, BY_WHO_IS_KNOCKED_AT)


async def test_whoever_is_rung_reads_that_the_answer_was_not_sent(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await tomas.sees("Anna Berg is calling")

    await tomas.context.set_offline(offline=True)
    await does_all(tomas, BY_WHO_IS_RUNG)


async def test_whoever_is_asked_for_another_format_or_a_name_reads_that_it_was_not_sent(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create(format="audio", freelancer="")
    guest = await crowd.person(links["freelancer"])
    await guest.page.get_by_role("textbox", name="Your name").wait_for()
    await guest.context.set_offline(offline=True)
    await does_all(guest, BY_A_GUEST)
    await guest.context.set_offline(offline=False)
    await guest.sees_no("You are offline")
    await says_who(guest)
    await guest.press("Accept")
    anna = await crowd.person(links["client"])
    await propose(anna)
    await guest.sees("Anna Berg asks to meet by video")

    await guest.context.set_offline(offline=True)
    await guest.sees("You are offline")
    await does_all(guest, BY_WHO_IS_ASKED)
