"""Eight people in one call, each in a page of their own: nobody is missing, doubled or misnamed.

Four pages are enough for every run; eight take minutes (`make soak`).
"""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.people import PHONE, WIDE, Crowd, Person, media_deadline, people_with
from tests.browser.site import Site
from tests.browser.test_appearance import SCREENSHOTS
from tests.browser.test_panel import invited, joins, plays, tile
from tests.support.counts import count

pytestmark = [pytest.mark.browser, pytest.mark.timeout(count(300, full=600))]

COLLEAGUES = ("Cora Lind", "Dan Moor", "Eva Stone", "Finn Oak", "Gus Hill")[: count(1, full=5)]
OBSERVER = "Ola Reed"
PICTURES_PER_SECOND = 5

SMALL = """
const open = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
if (open) navigator.mediaDevices.getUserMedia = (wanted) =>
  open(wanted.video ? {...wanted, video: {...wanted.video, width: 320, height: 240}} : wanted);
"""
"""Pictures so small that one machine can be everybody."""

HEARD = """async () => {
  let heard = 0;
  const sound = async () => {
    const found = {};
    (await window.connections.at(-1).getStats()).forEach((each) => {
      if (each.type !== 'inbound-rtp' || each.kind !== 'audio') return;
      found[each.ssrc] = each.totalSamplesReceived - each.concealedSamples;
    });
    return found;
  };
  const before = await sound();
  await new Promise((later) => setTimeout(later, 1000));
  for (const [ssrc, samples] of Object.entries(await sound()))
    heard += samples > (before[ssrc] ?? 0);
  return heard;
}"""
"""How many people's sound is decoded just now."""

SENT = """async () => {
  let sent = 0;
  (await window.connections.at(-1).getStats()).forEach((each) => {
    if (each.type === 'outbound-rtp') sent += each.packetsSent;
  });
  return sent;
}"""


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """People whose cameras are slow."""
    slow = f"--use-fake-device-for-media-stream=fps={PICTURES_PER_SECOND}"
    async with people_with(slow) as crowd:
        yield crowd


@pytest.fixture
async def people(site: Site, crowd: Crowd) -> dict[str, Person]:
    """Everybody by name, the observer last, in an open interview."""
    links = await site.create()
    tomas = await comes(crowd, links["freelancer"])
    await tomas.press("Accept")
    anna = await comes(crowd, links["client"])
    await anna.sees("The interview began.")
    found = {"Anna Berg": anna, "Tomás Rivera": tomas}
    for name in COLLEAGUES:
        found[name] = await comes(crowd, await invited(anna, name))
    found[OBSERVER] = await comes(crowd, await invited(anna, OBSERVER, "Observer"))
    return found


async def comes(crowd: Crowd, link: str) -> Person:
    """Somebody with a small camera picture."""
    person = await crowd.person()
    await person.context.add_init_script(SMALL)
    await person.enter(link)
    return person


async def is_complete(people: dict[str, Person]) -> None:
    """Everybody sees and hears each of the others once, by name, and nobody else."""
    senders = [name for name in people if name != OBSERVER]
    for name, person in people.items():
        others = [other for other in senders if other != name]
        for other in others:
            await plays(person, other, PICTURES_PER_SECOND)
        tiles = person.page.get_by_role("region", name="Call").get_by_role("group")
        await expect(tiles).to_have_count(len(senders))  # one's own among them
        await hears(person, len(others))


async def hears(person: Person, expected: int) -> None:
    """Waits until the sound of so many people is decoded."""
    deadline = media_deadline()
    while (heard := await person.page.evaluate(HEARD)) != expected:
        assert asyncio.get_running_loop().time() < deadline, f"hears {heard}, not {expected}"


async def is_large(person: Person, name: str) -> None:
    """Waits until somebody's tile is the largest of all."""
    deadline = media_deadline()
    tiles = person.page.get_by_role("region", name="Call").get_by_role("group")
    while True:
        boxes = [box for each in await tiles.all() if (box := await each.bounding_box())]
        heights = [box["height"] for box in boxes]
        own = await tile(person, name).bounding_box()
        if own is not None and own["height"] == max(heights) > 1.5 * min(heights):
            return
        assert asyncio.get_running_loop().time() < deadline, f"{name} is not large: {heights}"
        await person.page.wait_for_timeout(100)


async def test_nobody_is_missing_doubled_or_misnamed(people: dict[str, Person]) -> None:
    anna, tomas, *colleagues, observer = people.values()
    cora = colleagues[0]
    await anna.opens_call()
    await anna.press(re.compile("^Call Cora Lind"))
    await tomas.press("Answer with video")
    for person in colleagues:
        await joins(person)
    await observer.press("Watch the call")
    await is_complete(people)
    await photographed(anna)
    for person in (anna, tomas, *colleagues):
        await person.sees(f"Watching and listening: {OBSERVER}")
    await observer.sees("You watch and listen.")
    assert await observer.page.evaluate(SENT) == 0
    assert await observer.asked_devices() == []
    await expect(observer.button("Microphone")).to_have_count(0)

    speaks_alone = [
        person for name, person in people.items() if name not in (OBSERVER, "Cora Lind")
    ]
    for person in speaks_alone:
        await person.press("Microphone")
    await anna.press("Show speaker")
    await is_large(anna, "Cora Lind")
    await anna.press("Show all")
    for person in speaks_alone:
        await person.press("Microphone")

    await tomas.press("Leave")
    await expect(tile(anna, "Tomás Rivera")).to_have_count(0)
    await joins(tomas)
    await is_complete(people)

    await anna.press("What you can do about Cora Lind")
    await anna.page.get_by_role("menuitem", name="Remove from the interview").click()
    await anna.press("Remove")
    await cora.sees("You were removed from this interview")
    assert (await cora.figures())["live"] == 0
    await is_complete({name: person for name, person in people.items() if person is not cora})


async def photographed(person: Person) -> None:
    """Keeps pictures of a full stage."""
    SCREENSHOTS.mkdir(exist_ok=True)
    for name, size in (("phone", PHONE), ("wide", WIDE)):
        await person.page.set_viewport_size(size)
        await person.page.wait_for_timeout(500)  # pictures are fetched in their new size
        await person.page.screenshot(path=SCREENSHOTS / f"crowd-{name}.png")
