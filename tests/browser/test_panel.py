"""A call for several in real browsers: seen, named, followed, muted, watched, left and joined."""

import asyncio
import re
from dataclasses import dataclass
from typing import TypedDict

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import PATIENCE_MS, WIDE, Crowd, Person
from tests.browser.test_appearance import LOOKS, looked_at, photograph

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TILE = """
(element) => {
  const video = element.querySelector('video');
  const stream = video.srcObject;
  return {
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    height: video.videoHeight,
    streams: stream === null ? 0 : 1,
    tracks: stream === null ? [] : stream.getTracks().map(({id}) => id).toSorted(),
  };
}
"""
"""What one tile plays: frames that were really decoded and drawn, and from which tracks."""


class Tile(TypedDict):
    """See `TILE`."""

    frames: int
    height: int
    streams: int
    tracks: list[str]


@dataclass
class Panel:
    """Anna and her colleague Cora of the client's side, and Tomás."""

    anna: Person
    tomas: Person
    cora: Person

    @property
    def names(self) -> dict[str, Person]:
        return {"Anna Berg": self.anna, "Tomás Rivera": self.tomas, "Cora Lind": self.cora}


def tile(person: Person, name: str) -> Locator:
    """The tile of somebody on the stage of a person."""
    stage = person.page.get_by_role("region", name="Call")
    return stage.get_by_role("group", name=name, exact=True)


async def played(person: Person, name: str) -> Tile:
    seen: Tile = await tile(person, name).evaluate(TILE)
    return seen


async def plays(person: Person, name: str, least: int = 10) -> Tile:
    """Waits until somebody's tile draws frames that come anew."""
    await expect(tile(person, name)).to_be_visible(timeout=PATIENCE_MS)
    begun = (await played(person, name))["frames"]
    deadline = asyncio.get_running_loop().time() + 20
    while (seen := await played(person, name))["frames"] < begun + least:
        assert asyncio.get_running_loop().time() < deadline, f"the tile of {name} stays at {seen}"
        await person.page.wait_for_timeout(100)
    return seen


async def everybody_plays(people: dict[str, Person]) -> None:
    """Each sees each other one, by name, from tracks of their own."""
    for name, person in people.items():
        others = [other for other in people if other != name]
        tracks = [track for other in others for track in (await plays(person, other))["tracks"]]
        assert len(tracks) == 2 * len(others) == len(set(tracks))
        tiles = person.page.get_by_role("region", name="Call").get_by_role("group")
        await expect(tiles).to_have_count(len(others) + 1)  # and one's own


async def invited(person: Person, name: str, role: str = "Interviewer") -> str:
    """The link that somebody of the client's side gets for one more person."""
    await person.press(re.compile("^People: "))
    people = person.page.get_by_role("dialog", name="People")
    await people.get_by_role("button", name="Invite somebody").click()
    await person.page.get_by_role("radio", name=role).check()
    await person.page.get_by_role("textbox", name=re.compile("^Name")).fill(name)
    await person.press("Invite")
    link = await person.page.get_by_role("textbox", name="Personal link").input_value()
    made = person.page.get_by_role("dialog", name=f"A link for {name}")
    await made.get_by_role("button", name="Close").last.click()
    await people.get_by_role("button", name="Close").click()
    return link


async def joins(person: Person) -> None:
    """Comes into a call that goes on."""
    await person.press("Join the call")
    await person.press("Answer now")


async def meet(panel: Panel) -> None:
    """Anna calls, Tomás answers, Cora joins later; all see each other."""
    await panel.anna.press("Call")
    await panel.anna.page.get_by_role("menuitem", name="Video call").click()
    await panel.anna.press("Call Cora Lind and Tomás Rivera")
    await panel.tomas.press("Answer with video")
    await plays(panel.anna, "Tomás Rivera")
    await joins(panel.cora)
    await everybody_plays(panel.names)


@pytest.fixture
async def panel(both: tuple[Person, Person], crowd: Crowd) -> Panel:
    anna, tomas = both
    cora = await crowd.person(await invited(anna, "Cora Lind"))
    await cora.sees("The interview began.")
    return Panel(anna, tomas, cora)


async def test_three_see_each_other_by_name_one_leaves_and_comes_back(panel: Panel) -> None:
    anna, tomas, cora = panel.anna, panel.tomas, panel.cora
    await meet(panel)
    await expect(tile(anna, "Tomás Rivera")).to_have_attribute("data-speaks", "true")
    for look in LOOKS:
        async with looked_at(anna, look) as found:
            await expect(tile(anna, "Cora Lind")).to_be_in_viewport(ratio=1)
            await photograph(anna, look, "panel-grid", found)
            await anna.press("Show speaker")
            await photograph(anna, look, "panel-speaker", found)
            await anna.press("Show all")
    await anna.page.set_viewport_size(WIDE)
    await cora.press("Leave")
    await cora.page.get_by_role("menuitem", name="Leave").click()
    await expect(tile(anna, "Cora Lind")).to_have_count(0)
    await plays(anna, "Tomás Rivera")
    await plays(tomas, "Anna Berg")
    await joins(cora)
    await everybody_plays(panel.names)
    await anna.press("Leave")
    await anna.page.get_by_role("menuitem", name="End for everybody").click()
    await anna.press("End the call")
    for person in panel.names.values():
        await person.sees("Ended ·")
        assert (await person.figures())["live"] == 0


async def test_a_small_tile_gets_a_small_picture_and_a_large_one_a_large_one(
    panel: Panel,
) -> None:
    anna = panel.anna
    await meet(panel)
    await anna.press("Keep Tomás Rivera large")
    deadline = asyncio.get_running_loop().time() + 30
    while not (
        (large := (await played(anna, "Tomás Rivera"))["height"]) >= 360
        and 0 < (small := (await played(anna, "Cora Lind"))["height"]) <= 180
    ):
        assert asyncio.get_running_loop().time() < deadline, f"still {large} and {small}"
        await anna.page.wait_for_timeout(100)


async def test_one_is_muted_and_switches_on_again_another_is_removed_and_both_read_by_whom(
    panel: Panel,
) -> None:
    anna, tomas = panel.anna, panel.tomas
    await meet(panel)
    await tile(anna, "Tomás Rivera").hover()
    await anna.press("What you can do about Tomás Rivera")
    await anna.page.get_by_role("menuitem", name="Turn their microphone off").click()
    await tomas.sees("Anna Berg turned your microphone off.")
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await expect(tile(anna, "Tomás Rivera")).to_contain_text("microphone off")
    await tomas.press("Turn your microphone on again")
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "true")
    await expect(tile(anna, "Tomás Rivera")).not_to_contain_text("microphone off")
    await anna.press("What you can do about Cora Lind")
    await anna.page.get_by_role("menuitem", name="Remove from the interview").click()
    await anna.page.get_by_role("textbox", name=re.compile("^Reason")).fill("Another talk.")
    await anna.press("Remove")
    await expect(tile(panel.tomas, "Cora Lind")).to_have_count(0)
    await tomas.sees("Anna Berg removed Cora Lind from the interview.")
    await panel.cora.sees("You were removed from this interview")
    assert (await panel.cora.figures())["live"] == 0
    await plays(panel.tomas, "Anna Berg")


async def test_an_observer_watches_asks_for_no_device_and_everybody_knows(
    panel: Panel, crowd: Crowd
) -> None:
    await meet(panel)
    eva = await crowd.person(await invited(panel.anna, "Eva Stone", "Observer"))
    for person in panel.names.values():
        await person.sees("Eva Stone observes")
    await eva.press("Watch the call")
    for name in panel.names:
        await plays(eva, name)
    for person in panel.names.values():
        await person.sees("Watching and listening: Eva Stone")
        await expect(tile(person, "Eva Stone")).to_have_count(0)
    await eva.sees("You watch and listen.")
    assert await eva.asked_devices() == []
    await expect(eva.button("Microphone")).to_have_count(0)


async def test_what_a_side_writes_to_itself_has_a_thread_of_its_own(panel: Panel) -> None:
    anna, tomas, cora = panel.anna, panel.tomas, panel.cora
    await cora.page.get_by_role("tab", name=re.compile("^Your side")).click()
    await cora.sees("Only your side reads this: you and Anna Berg. Tomás Rivera cannot see it")
    await cora.page.get_by_role("textbox", name="Message to your side only").fill("A good one?")
    await cora.page.keyboard.press("Enter")
    await expect(cora.message("A good one?")).to_be_visible()
    own = anna.page.get_by_role("tab", name=re.compile("^Your side"))
    await expect(own).to_contain_text("1 new")
    await anna.write("To everybody")
    await own.click()
    await anna.sees("A good one?")
    await anna.sees_no("To everybody")
    for look in LOOKS:
        async with looked_at(anna, look) as found:
            await photograph(anna, look, "side", found)
            await anna.press(re.compile("^People: "))
            await photograph(anna, look, "people", found)
            await anna.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(own).not_to_contain_text("new")
    await expect(tomas.page.get_by_role("tab")).to_have_count(0)
    await tomas.sees("To everybody")
    await tomas.sees_no("A good one?")
    await cora.page.get_by_role("tab", name="Everybody").click()
    await cora.sees("To everybody")
    await cora.sees_no("A good one?")
