"""The devices of a call: the chosen one is the used one, also after it was unplugged."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.people import Person, met, people_with
from tests.browser.site import Site
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PLUG = """
() => {
  const devices = navigator.mediaDevices;
  const open = devices.getUserMedia.bind(devices);
  const list = devices.enumerateDevices.bind(devices);
  window.gone = new Set();
  devices.enumerateDevices = async () => (await list()).filter(({label}) => !gone.has(label));
  devices.getUserMedia = async (wanted) => {
    const named = (await list()).filter(({label}) => gone.has(label)).map(({deviceId}) => deviceId);
    const exact = [wanted.audio?.deviceId?.exact, wanted.video?.deviceId?.exact];
    if (exact.some(id => named.includes(id))) throw new DOMException('', 'NotFoundError');
    return open(wanted);
  };
}
"""
"""Lets a test unplug devices; real ones of Chromium, which cannot be unplugged, lie behind it."""

UNPLUG = """
(label) => {
  window.gone.add(label);
  for (const {track} of window.connections.at(-1).getSenders()) {
    if (track?.label !== label) continue;
    track.stop();
    track.dispatchEvent(new Event('ended'));
  }
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
}
"""
PLUG_IN = """
(label) => {
  window.gone.delete(label);
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
}
"""
SENT = "() => window.connections.at(-1).getSenders().map(({track}) => track?.label ?? '')"


@pytest.fixture
async def equipped(site: Site) -> AsyncIterator[tuple[Person, Person]]:
    """Anna and Tomás in a call, each with three cameras and microphones."""
    async with people_with("--use-fake-device-for-media-stream=device-count=3") as crowd:
        anna, tomas = await met(site, crowd)
        await called(anna, tomas)
        await tomas.reaches(lambda seen: seen["decoded"] > 10)
        yield anna, tomas


# The second made-up camera of Chromium measures depth, which no call can send: the third is taken.


async def sends(person: Person, label: str) -> None:
    """Waits until a track of the device of this name is sent."""
    await person.page.wait_for_function(f"label => ({SENT})().includes(label)", arg=label)


async def picks(person: Person, which: str, label: str) -> None:
    await person.open_devices()
    await person.page.get_by_role("combobox", name=which).click()
    await person.page.get_by_role("option", name=label).click()


async def test_the_chosen_device_is_the_used_one_also_after_it_was_unplugged(
    equipped: tuple[Person, Person],
) -> None:
    anna, tomas = equipped
    await picks(anna, "Camera", "fake_device_2")
    await sends(anna, "fake_device_2")
    await anna.press("Done")
    frames = (await tomas.figures())["decoded"]
    await tomas.reaches(lambda seen: seen["decoded"] > frames + 10)
    await anna.page.evaluate(PLUG)

    await anna.page.evaluate(UNPLUG, "fake_device_2")
    await anna.sees("fake_device_2 is gone. In use now: fake_device_0.")
    await sends(anna, "fake_device_0")
    frames = (await tomas.figures())["decoded"]
    await tomas.reaches(lambda seen: seen["decoded"] > frames + 10)

    await anna.page.evaluate(PLUG_IN, "fake_device_2")
    await anna.sees("In use now: fake_device_2.")
    await sends(anna, "fake_device_2")


async def test_a_choice_that_cannot_be_had_is_said_and_changes_nothing(
    equipped: tuple[Person, Person],
) -> None:
    anna, _ = equipped
    await anna.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia ="
        " () => Promise.reject(new DOMException('', 'NotReadableError')) }"
    )

    await picks(anna, "Microphone", "Fake Audio Input 2")

    await anna.sees("This microphone could not be started, so the one before stays in use.")
    await sends(anna, "Fake Default Audio Input")
    await expect(anna.page.get_by_role("combobox", name="Microphone")).to_have_value(
        "Fake Default Audio Input"
    )
