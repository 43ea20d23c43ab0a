"""Background noise in a real browser: taken out of what the others get, and only where wanted."""

import math
import random
import struct
import wave
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.people import PATIENCE_MS, Crowd, Person, met, people_with
from tests.browser.site import Site
from tests.browser.test_call import called

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

RATE = 48_000
LOUDNESS = 3_000
"""Root mean square of the noise, of 32,767."""
LESS_DB = 20
"""By so much at least the filter makes noise quieter, beyond what the browser does by itself."""
SPANS = 15
"""In one of so many spans of 4 s it does: the first, on an idle machine. On one with ten times the
work that it can do sound comes in pieces, and the filter took 14 s to tell the noise apart."""

SENT = """
async () => {
  let [energy, seconds] = [0, 0];
  for (const each of (await window.connections.at(-1).getStats()).values()) {
    if (each.type !== 'media-source' || each.kind !== 'audio') continue;
    [energy, seconds] = [each.totalAudioEnergy, each.totalSamplesDuration];
  }
  return [energy, seconds];
}
"""

SLOW = """
const work = new Blob([`registerProcessor('slow', class extends AudioWorkletProcessor {
  process() {
    const until = Date.now() + 5;
    while (Date.now() < until);
    return true;
  }
});`], {type: 'text/javascript'});
window.AudioContext = class extends AudioContext {
  constructor(options) {
    super(options);
    if (options?.sampleRate !== 48000) return;
    this.audioWorklet.addModule(URL.createObjectURL(work)).then(() => {
      new AudioWorkletNode(this, 'slow').connect(this.destination);
    });
  }
};
"""
"""Takes 5 ms for every 2.7 ms of what is filtered, as a device does that is too slow for it."""


def noise(path: Path) -> Path:
    """Writes ten seconds of a fan: white noise."""
    source = random.Random(1)
    samples = [round(source.gauss(0, LOUDNESS)) for _ in range(10 * RATE)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path


@pytest.fixture
async def noisy(site: Site, tmp_path: Path) -> AsyncIterator[tuple[Person, Person]]:
    """Anna and Tomás in a call; both sit beside a fan."""
    fan = noise(tmp_path / "fan.wav")
    async with people_with(f"--use-file-for-fake-audio-capture={fan}") as crowd:
        anna, tomas = await met(site, crowd)
        await called(anna, tomas, "Voice call")
        await tomas.reaches(lambda seen: seen["sound"] > 50)
        yield anna, tomas


async def sent_db(person: Person, seconds: float = 4) -> float:
    """How loud what they send is, in dB of full scale, over so much of it."""
    energy, since = await person.page.evaluate(SENT)
    now, lasted = energy, since
    while lasted < since + seconds:
        await person.page.wait_for_timeout(200)
        now, lasted = await person.page.evaluate(SENT)
    return 10 * math.log10(max(now - energy, 1e-12) / (lasted - since))


async def becomes(person: Person, enough: Callable[[float], bool]) -> None:
    """Waits until what they send is so loud, in dB of full scale."""
    levels = [await sent_db(person)]
    while not enough(levels[-1]):
        assert len(levels) < SPANS, f"only {levels}"
        levels.append(await sent_db(person))


async def test_noise_is_taken_out_where_one_wants_that(noisy: tuple[Person, Person]) -> None:
    anna, _ = noisy
    await sent_db(anna, 2)  # until the browser's own filters have settled
    before = await sent_db(anna)

    await anna.open_devices()
    await anna.page.get_by_role("switch", name="Remove background noise").check()
    await anna.press("Done")

    await becomes(anna, lambda level: level <= before - LESS_DB)
    await anna.open_devices()
    await anna.page.get_by_role("switch", name="Remove background noise").uncheck()
    await becomes(anna, lambda level: level > before - LESS_DB / 2)


async def test_where_the_device_is_too_slow_for_it_it_is_switched_off_and_said(
    site: Site, crowd: Crowd
) -> None:
    anna, tomas = await met(site, crowd)
    devtools = await anna.context.new_cdp_session(anna.page)
    await devtools.send("Page.setBypassCSP", {"enabled": True})
    await anna.context.add_init_script(SLOW)
    await anna.page.reload()
    await called(anna, tomas, "Voice call")
    await anna.open_devices()
    await anna.page.get_by_role("switch", name="Remove background noise").check()
    await anna.press("Done")

    said = anna.page.get_by_text("This device is too busy to remove background noise")
    await expect(said).to_be_visible(timeout=PATIENCE_MS)

    await anna.open_devices()
    await expect(
        anna.page.get_by_role("switch", name="Remove background noise")
    ).not_to_be_checked()
    sound = (await tomas.figures())["sound"]
    await tomas.reaches(lambda seen: seen["sound"] > sound + 50)
