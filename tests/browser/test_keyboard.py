"""The whole way by the keyboard alone, and what a screen reader says meanwhile: once, to each."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from tests.browser.people import PATIENCE_MS, Crowd, Person
from tests.browser.site import Site
from tests.browser.test_moderation import flagged
from tests.browser.test_panel import invited

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

EARS = """
window.spoken = [];
const LIVE = '[role=log], [role=status], [role=alert]';
const before = new WeakMap();
const textOf = (node) => node.innerText?.trim() ?? '';
const listen = () => {
  for (const region of document.querySelectorAll(LIVE)) {
    const lines = region.role === 'log' ? [...region.children] : [region];
    for (const line of lines) {
      const said = textOf(line);
      if (said !== '' && before.get(line) !== said) window.spoken.push(said);
      before.set(line, said);
    }
  }
};
new MutationObserver(listen).observe(document,
  {subtree: true, childList: true, characterData: true});
"""
"""Keeps what live regions say: of a log each new line, of the others their new text."""

PLACE = """() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const label = one.getAttribute('aria-label') ?? one.labels?.[0]?.innerText ?? one.innerText;
  return (label ?? '').trim().replace(/\\s+/g, ' ');
}"""
"""What has the focus, by name; null: nothing."""

STOPS = 60
"""So many presses of Tab lead around any page of ours."""


@dataclass(frozen=True)
class Listener:
    """Somebody who has a keyboard and a screen reader, and neither pointer nor picture."""

    person: Person

    async def place(self) -> str | None:
        place: str | None = await self.person.page.evaluate(PLACE)
        return place

    async def goes_to(self, name: str) -> None:
        """Presses Tab until what is called so has the focus; it must be seen to have it."""
        passed = []
        for _ in range(STOPS):
            if re.match(name, place := await self.place() or ""):
                return
            passed.append(place)
            await self.keys("Tab")
        pytest.fail(f"{name} cannot be reached by Tab, only {passed}")

    async def keys(self, *keys: str) -> None:
        for key in keys:
            await self.person.page.keyboard.press(key)

    async def presses(self, name: str) -> None:
        await self.goes_to(name)
        await self.keys("Enter")

    async def picks(self, menu: str, item: str) -> None:
        """Opens a menu and takes one of its items."""
        await self.presses(menu)
        wanted = self.person.page.get_by_role("menuitem", name=item)
        await expect(self.person.page.get_by_role("menuitem").first).to_be_focused()
        while not await wanted.evaluate("one => one === document.activeElement"):
            await self.keys("ArrowDown")
        await self.keys("Enter")

    async def types(self, text: str) -> None:
        await self.person.page.keyboard.type(text)

    async def is_at(self, name: str) -> None:
        """Waits until the focus is there by itself."""

        async def elsewhere() -> str:
            place = await self.place()
            return "" if (place or "").startswith(name) else f"at {place!r}, not at {name!r}"

        await _until(elsewhere)

    async def is_somewhere(self) -> None:
        """Waits until something has the focus that was lost for a moment."""

        async def nowhere() -> str:
            return "nothing has the focus" if await self.place() is None else ""

        await _until(nowhere)

    async def hears(self, said: str) -> None:
        """Waits until this was said, and nothing else since the last time."""
        assert await self._heard(said) == [said]

    async def hears_among(self, said: str) -> None:
        """Waits until this was said, once, among other things, which are forgotten then."""
        heard = await self._heard(said)
        assert heard.count(said) == 1, heard

    async def _heard(self, awaited: str) -> list[str]:
        async def unheard() -> str:
            spoken: list[str] = await self.person.page.evaluate("window.spoken")
            return "" if awaited in spoken else f"heard {spoken}, not {awaited!r}"

        await _until(unheard)
        heard: list[str] = await self.person.page.evaluate("window.spoken.splice(0)")
        return heard


async def _until(complaint: Callable[[], Awaitable[str]]) -> None:
    """Waits until there is nothing to complain of; fails with what was still wrong."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_MS / 1000
    while said := await complaint():
        assert asyncio.get_running_loop().time() < deadline, said
        await asyncio.sleep(0.02)


async def listener(crowd: Crowd, link: str) -> Listener:
    """Opens a personal link and enters."""
    person = await crowd.person()
    await person.page.add_init_script(EARS)
    await person.page.goto(link)
    someone = Listener(person)
    await someone.presses("Enter")
    return someone


async def listeners(site: Site, crowd: Crowd, **wishes: str | int) -> tuple[Listener, Listener]:
    """Anna (client) and Tomás (freelancer) in an open interview."""
    links = await site.create(**wishes)
    anna = await listener(crowd, links["client"])
    await anna.is_at("Booking page")
    tomas = await listener(crowd, links["freelancer"])
    await tomas.is_at("Anna Berg invites you")
    await tomas.presses("Accept")
    await tomas.is_at("Booking page")
    for one in (anna, tomas):
        await one.hears_among("The interview began.")
    return anna, tomas


async def test_who_only_listens_writes_changes_deletes_answers_and_flags(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await listeners(site, crowd)
    await tomas.goes_to("Message")
    for _ in range(2):
        await tomas.types("Yes.")
        await tomas.keys("Enter")
        await tomas.hears("Sent.")
        await anna.hears("Tomás Rivera: Yes.")

    await tomas.keys("ArrowUp", "Shift+Tab")
    assert await tomas.place() == "Keep the message as it was"
    await tomas.keys("Enter")
    await tomas.is_at("Message")
    await tomas.keys("ArrowUp")
    await tomas.types(" Gladly.")
    await tomas.keys("Enter")
    await tomas.hears("Your change is saved.")
    await anna.hears("Tomás Rivera changed a message.")

    await tomas.keys("Shift+Tab")
    await tomas.picks("Actions", "Delete")
    await expect(
        tomas.person.page.get_by_role("dialog").get_by_role("button", name="Delete")
    ).to_be_focused()
    await tomas.keys("Enter")
    await tomas.is_at("You deleted this message.")
    await tomas.hears("Your message is deleted.")
    await anna.hears("Tomás Rivera deleted a message.")

    await anna.goes_to("Tomás Rivera deleted")
    await anna.keys("ArrowUp")
    await anna.picks("Actions", "Show to the moderators")
    await anna.goes_to("Asks to pay")
    await anna.keys("Space")
    await anna.presses("Show to the moderators")
    await anna.is_at("Actions")
    await anna.hears_among(
        "You showed a message to the moderators. "
        "They have it. Their answer will appear here; only you see this."
    )


async def test_who_only_listens_rings_declines_answers_switches_and_leaves(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await listeners(site, crowd)
    await anna.picks("Call", "Video call")
    await anna.is_at("Call Tomás Rivera")
    await anna.person.sees("Your network is ready for video.")
    heard = await anna.person.page.evaluate("window.spoken.splice(0)")
    assert not [one for one in heard if "%" in one], heard
    await anna.keys("Enter")
    await anna.is_at("Call")
    await tomas.hears("Anna Berg is calling")
    await tomas.presses("Decline")
    for one in (anna, tomas):
        await one.hears_among("Video call: Declined")
        await one.is_somewhere()

    await anna.picks("Call", "Video call")
    await anna.is_at("Call Tomás Rivera")
    await expect(anna.person.button("Call Tomás Rivera")).to_be_enabled()
    await anna.keys("Enter")
    await tomas.hears("Anna Berg is calling")
    await tomas.presses("Answer with video")
    await tomas.is_at("Call")
    await anna.is_at("Call")
    for one in (anna, tomas):
        await one.hears_among("You are connected.")
    await anna.presses("Microphone")
    await anna.hears("Your microphone is off. Nobody hears you.")
    await tomas.hears("Anna Berg turned the microphone off.")

    await anna.presses("Leave")
    await anna.is_at("Booking page")
    for one in (anna, tomas):
        await expect(one.person.page.get_by_role("log")).to_contain_text("Video call: Ended · ")
        assert "You are connected." not in await one.person.page.evaluate("window.spoken")


async def test_who_only_listens_knocks_is_asked_to_wait_and_let_in(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await listeners(site, crowd, knock=True)
    await tomas.presses("Knock")
    await tomas.is_at("Knock")
    await expect(tomas.person.page.get_by_role("dialog")).to_be_visible()
    await expect(tomas.person.button("Knock").last).to_be_enabled()
    await tomas.keys("Enter")
    await anna.hears("Tomás Rivera knocked.")
    await anna.presses("One moment")
    await anna.presses("I will be with you")
    held = "Anna Berg asked Tomás Rivera for a moment. I will be with you in two minutes."
    await anna.hears(held)
    await tomas.hears_among(held)
    await anna.is_somewhere()

    await anna.presses("Let Tomás Rivera in")
    await expect(anna.person.page.get_by_role("dialog")).to_be_visible()
    await anna.is_at("Let Tomás Rivera in")
    await expect(anna.person.button("Let Tomás Rivera in").last).to_be_enabled()
    await anna.keys("Enter")
    for one in (anna, tomas):
        await one.hears_among("Anna Berg let Tomás Rivera in.")
        await one.is_at("Call")


async def test_a_moderator_who_only_listens_decides_a_case_and_both_sides_hear_of_it(
    new_site: Site, crowd: Crowd
) -> None:
    anna, tomas = await listeners(new_site, crowd)
    mo = await listener(crowd, await new_site.desk())
    await mo.is_at("Moderators")
    await flagged(anna.person, tomas.person)
    await mo.hears("A new case came in: Asks to pay or be paid outside the platform.")
    await mo.keys("j")
    await mo.is_at("serious")
    await mo.presses("Claim this case")
    await mo.person.sees("It happened twice.")
    await mo.is_at("serious")
    await mo.keys("2")
    await mo.is_at("Your explanation")
    await mo.types("Keep it here.")
    await mo.presses("Send the warning")
    await mo.hears("The warning was sent, and the reporter told.")
    await mo.is_somewhere()
    await anna.hears_among("A moderator warns you. Keep it here.")
    await tomas.hears_among(
        "Answer from the moderators: A moderator warned the person who wrote it. Keep it here."
    )


async def test_who_only_listens_talks_by_a_held_key_keeps_somebody_large_and_hears_who_muted_whom(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await listeners(site, crowd)
    cora = await listener(crowd, await invited(anna.person, "Cora Lind"))
    await anna.picks("Call", "Video call")
    await anna.is_at("Call Cora Lind and Tomás Rivera")
    await expect(anna.person.button("Call Cora Lind and Tomás Rivera")).to_be_enabled()
    await anna.keys("Enter")
    await tomas.presses("Answer with video")
    for one in (anna, tomas):
        await one.hears_among("You are connected.")
    await cora.presses("Join the call")
    await cora.is_at("Join now")
    await expect(cora.person.button("Join now")).to_be_enabled()
    await cora.keys("Enter")
    await cora.hears_among("You are connected.")
    await anna.hears_among("Cora Lind joined the call.")

    await anna.presses("Microphone")
    await anna.hears_among("Your microphone is off. Nobody hears you.")
    microphone = anna.person.button("Microphone")
    for _ in range(2):  # as a key that is held repeats itself
        await anna.person.page.keyboard.down("Space")
    await anna.hears_among("Your microphone is on.")
    await expect(microphone).to_have_attribute("aria-pressed", "true")
    await anna.person.page.keyboard.up("Space")
    await anna.hears_among("Your microphone is off. Nobody hears you.")
    await anna.keys("Space")
    await anna.hears_among("Your microphone is on.")
    await expect(microphone).to_have_attribute("aria-pressed", "true")

    await anna.presses("Show speaker")
    await anna.hears_among("Whoever speaks is large.")
    await anna.is_at("Show all")
    await anna.keys("Alt+g")
    await anna.hears_among("All are shown alike.")
    await anna.presses("Keep Tomás Rivera large")
    await anna.hears_among("Tomás Rivera stays large.")
    pinned = anna.person.button("Keep Tomás Rivera large")
    await expect(pinned).to_have_attribute("aria-pressed", "true")
    await anna.keys("0")
    await anna.hears_among("All are shown alike.")
    await expect(pinned).to_have_attribute("aria-pressed", "false")

    await anna.picks("What you can do about Tomás Rivera", "Turn their microphone off")
    await tomas.hears_among(
        "Anna Berg turned your microphone off.\nTurn your microphone on again\nLeave it off"
    )
    for one in (anna, cora):
        await one.hears_among("Anna Berg turned Tomás Rivera’s microphone off.")
