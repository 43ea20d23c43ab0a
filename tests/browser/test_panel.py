"""A call for several in real browsers: seen, named, followed, muted, watched, left and joined."""

import asyncio
import re
from dataclasses import dataclass
from typing import TypedDict

import pytest
from playwright.async_api import Locator, expect

from tests.browser.people import PATIENCE_MS, WIDE, Crowd, Person, media_deadline
from tests.browser.test_appearance import LOOKS, looked_at, photograph
from tests.browser.test_call import able, called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

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

SIZES = """async () => {
  const sent = {};
  (await window.connections.at(-1).getStats()).forEach((each) => {
    if (each.type === 'outbound-rtp' && each.rid) sent[each.rid] = each.framesSent ?? 0;
  });
  return sent;
}"""
"""How many frames were sent in each size of the own picture."""

HEARD_ON = """async () => {
  const found = [];
  (await window.connections.at(-1).getStats()).forEach((each) => {
    if (each.type !== 'inbound-rtp' || each.kind !== 'audio' || !each.packetsReceived) return;
    if (each.packetsLost <= each.packetsReceived / 20) found.push(each.ssrc);
  });
  return found;
}"""
"""The streams on which sound comes without gaps."""


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
    deadline = media_deadline()
    while (seen := await played(person, name))["frames"] < begun + least:
        if asyncio.get_running_loop().time() > deadline:
            stage = await person.page.get_by_role("region", name="Call").inner_text()
            raise AssertionError(f"the tile of {name} stays at {seen} on this stage: {stage!r}")
        await person.page.wait_for_timeout(100)
    return seen


async def sizes(person: Person) -> dict[str, int]:
    sent: dict[str, int] = await person.page.evaluate(SIZES)
    return sent


async def sends(person: Person, expected: set[str], *, perhaps: str = "") -> None:
    """Waits until frames go out in these sizes of a picture, in no others than `perhaps` one."""
    before = await sizes(person)
    deadline = media_deadline()
    while True:
        now = await sizes(person)
        new = {size: frames - before.get(size, 0) for size, frames in now.items()}
        if any(new[size] > 5 for size in new.keys() - expected - {perhaps}):
            before = now  # one was not stopped yet
        elif all(new.get(size, 0) > 30 for size in expected):
            return
        assert asyncio.get_running_loop().time() < deadline, f"still {before}, then {now}"
        await person.page.wait_for_timeout(100)


async def heard_on(person: Person) -> int:
    """Waits for the one stream on which sound comes in a call of two."""
    deadline = media_deadline()
    while len(found := await person.page.evaluate(HEARD_ON)) != 1:
        assert asyncio.get_running_loop().time() < deadline, f"sound on {found}"
        await person.page.wait_for_timeout(100)
    return int(found[0])


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
    await person.press("Join now")


async def meet(panel: Panel) -> None:
    """Anna calls, Tomás answers, Cora joins later; all see each other."""
    await panel.anna.opens_call()
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
            await anna.press("Leave")
            await photograph(anna, look, "panel-leave", found)
            await anna.page.get_by_role("menuitem", name="End for everybody").click()
            await photograph(anna, look, "panel-end", found)
            await anna.press("Go on talking")
            await expect(anna.button("Leave")).to_be_focused()
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


async def test_two_become_three_over_the_connections_they_have_and_each_gets_the_size_that_fits(
    both: tuple[Person, Person], crowd: Crowd
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await plays(anna, "Tomás Rivera")
    heard = [await heard_on(person) for person in both]
    made = [(await person.figures())["made"] for person in both]
    for person in both:
        await sends(person, {"f"})

    cora = await crowd.person(await invited(anna, "Cora Lind"))
    await joins(cora)
    await everybody_plays({"Anna Berg": anna, "Tomás Rivera": tomas, "Cora Lind": cora})
    await cora.press("Keep Tomás Rivera large")
    for person in both:
        await sends(person, {"q", "h"}, perhaps="f")  # a busy machine has no room for it
    deadline = media_deadline()
    while not (
        (large := (await played(cora, "Tomás Rivera"))["height"]) >= 360
        and 0 < (small := (await played(cora, "Anna Berg"))["height"]) <= 180
    ):
        assert asyncio.get_running_loop().time() < deadline, f"still {large} and {small}"
        await cora.page.wait_for_timeout(100)

    assert [(await person.figures())["made"] for person in both] == made
    for person, stream in zip(both, heard, strict=True):
        assert stream in await person.page.evaluate(HEARD_ON)


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


async def test_a_number_keeps_somebody_large_but_never_while_one_writes(panel: Panel) -> None:
    anna = panel.anna
    await meet(panel)
    large = anna.button("Keep Cora Lind large")

    await anna.page.keyboard.press("2")
    await expect(large).to_have_attribute("aria-pressed", "true")
    await expect(anna.page.get_by_text("Cora Lind stays large.")).to_have_count(1)
    await anna.page.keyboard.press("0")
    await expect(large).to_have_attribute("aria-pressed", "false")
    writing = anna.page.get_by_role("textbox", name="Message")
    await writing.press_sequentially("2 or 3 days")
    await expect(writing).to_have_value("2 or 3 days")
    await expect(large).to_have_attribute("aria-pressed", "false")

    await anna.press("More")
    await anna.page.get_by_role("menuitem", name="Keys").click()
    await anna.page.get_by_role("switch", name="Use the number keys").click()
    await anna.page.keyboard.press("Escape")
    await expect(anna.button("More")).to_be_focused()
    await anna.page.keyboard.press("2")
    await expect(large).to_have_attribute("aria-pressed", "false")


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


async def test_without_who_had_another_format_the_others_see_each_other_and_are_watched(
    panel: Panel, crowd: Crowd
) -> None:
    anna, tomas, cora = panel.anna, panel.tomas, panel.cora
    ola = await crowd.person(await invited(anna, "Ola Nes", "Observer"))
    await ola.sees("The interview began.")
    await tomas.page.evaluate(f"() => {{ {able('VP9')} }}")
    for person in (cora, ola):
        await person.page.evaluate(f"() => {{ {able('VP8')} }}")
    await anna.opens_call()
    await anna.press("Call Cora Lind and Tomás Rivera")
    await tomas.press("Answer with video")
    await plays(anna, "Tomás Rivera")
    await joins(cora)
    await cora.sees("You are heard, but this browser cannot show your picture to the others")
    await ola.press("Watch the call")
    await ola.sees("You hear this call, but this browser cannot show its pictures.")

    await tomas.press("Leave")
    await plays(anna, "Cora Lind")
    await plays(cora, "Anna Berg")
    await plays(ola, "Anna Berg")
    for person in (cora, ola):
        await person.sees_no("this browser cannot show")
