"""A call over a line that fails: it comes back by itself, as everybody meant it to be."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.line import NEAR_ADDRESS, Line, chromium_in, inside, line
from tests.browser.people import Crowd, Figures, Person
from tests.browser.site import running_site
from tests.browser.test_call import called
from tests.support.counts import FULL_COUNTS, count

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may make networks"),
]

OUTAGES = (5, 20, 40, 120) if FULL_COUNTS else (5,)
"""Seconds. After ten of them the server, too, says that somebody lost the connection."""
LOSSY_MS = 60_000
"""Where 45 % is lost each way, TCP brings nearly every word within 20 s, and some only later."""
NARROW_KBIT = 400
"""Each way: less than half of what a browser sends to somebody near."""
FOLLOWED = 130
"""Pictures, beside the twenty that `over_one_connection` asks for: some ten seconds of them."""
DRAFT = "I was about to say"
SILENT = """() => window.connections.at(-1).getSenders()
  .every(({track}) => track?.kind !== 'audio' || !track.enabled)"""
RETURNED = """async ({kind, figure, enough}) => {
  const all = () => Promise.all(window.connections.map(async (one) => {
    let sum = 0;
    (await one.getStats()).forEach((each) => {
      if (each.type !== 'inbound-rtp' || each.kind !== kind) return;
      sum += (each[figure] ?? 0) - (kind === 'audio' ? each.concealedSamples ?? 0 : 0);
    });
    return sum;
  }));
  const before = await all();
  const begun = performance.now();
  for (;;) {
    const now = await all();
    if (now.some((sum, which) => sum - (before[which] ?? 0) > enough))
      return performance.now() - begun;
    await new Promise((later) => setTimeout(later, 50));
  }
}"""
"""Milliseconds until more than `enough` was decoded anew, over whichever connection."""
HEARD_AGAIN = """() => document.body.innerText.includes('Your picture is paused')"""


@dataclass
class Apart:
    """Anna beside the server and Tomás at the far end of the line, in a call; he is muted."""

    line: Line
    anna: Person
    tomas: Person


@pytest.fixture
async def apart(tmp_path: Path) -> AsyncIterator[Apart]:
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        between = await enter(line())
        at = inside(between.near)
        site = await enter(running_site(tmp_path / "data", inside=at, host=NEAR_ADDRESS))
        crowds = [
            Crowd(await enter(chromium_in(place, site, tmp_path)))
            for place in (between.near, between.far)
        ]
        links = await site.invite()
        tomas = await crowds[1].person(links["freelancer"])
        await tomas.press("Accept")
        anna = await crowds[0].person(links["client"])
        await anna.sees("The interview began.")
        await called(anna, tomas)
        for person in (anna, tomas):
            await person.reaches(lambda seen: seen["decoded"] > 10 and seen["sound"] > 50)
        await tomas.press("Microphone")
        await anna.sees("microphone off")
        yield Apart(between, anna, tomas)
        for crowd in crowds:
            await crowd.close()


def over_one_connection(before: int, seen: Figures) -> bool:
    """Whether pictures go on arriving since there were `before`, and come once."""
    return seen["live"] == 1 and seen["decoded"] > before + 20


async def reads_that_he_is_gone(anna: Person) -> None:
    """The server says so after ten seconds of silence."""
    shown = anna.page.get_by_text("Waiting for Tomás Rivera to connect")
    await expect(shown).to_be_visible(timeout=20_000)


async def meet_again(apart: Apart) -> None:
    """Both see each other anew, over one connection each, and Tomás is muted as before."""
    for person in (apart.anna, apart.tomas):
        before = (await person.figures())["decoded"]
        await person.reaches(partial(over_one_connection, before))
    assert await apart.tomas.page.evaluate(SILENT)
    await expect(apart.tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await apart.anna.sees("microphone off")


async def tell_the_return(apart: Apart, seconds: int) -> None:
    """Prints how long after the network's return Tomás hears again, and Anna sees."""
    heard, seen = await asyncio.gather(
        apart.tomas.page.evaluate(
            RETURNED, {"kind": "audio", "figure": "totalSamplesReceived", "enough": 4_800}
        ),
        apart.anna.page.evaluate(
            RETURNED, {"kind": "video", "figure": "framesDecoded", "enough": 3}
        ),
    )
    print(
        f"{seconds} s without network: sound is back after {heard / 1000:.1f} s,"
        f" the picture after {seen / 1000:.1f} s"
    )


@pytest.mark.parametrize("seconds", OUTAGES)
async def test_after_some_seconds_without_network_the_call_goes_on_and_nothing_is_lost(
    apart: Apart, seconds: int
) -> None:
    anna, tomas = apart.anna, apart.tomas
    composer = tomas.page.get_by_role("textbox", name="Message")
    await tomas.write("Can you hear me?")
    await anna.sees("Can you hear me?")

    await apart.line.become(down=True)
    await tomas.write("Now I am out.")
    await composer.fill(DRAFT)
    await tomas.page.wait_for_timeout(seconds * 1000)
    if seconds > 10:
        await tomas.sees("Connecting again")
        await reads_that_he_is_gone(anna)
    await apart.line.become()

    await tell_the_return(apart, seconds)
    await meet_again(apart)
    await anna.sees("Now I am out.")
    await expect(anna.message("Now I am out.")).to_have_count(1)
    await expect(composer).to_have_value(DRAFT)


async def test_in_another_network_the_call_goes_on(apart: Apart) -> None:
    await apart.line.move_far("10.77.0.9")
    await meet_again(apart)


async def test_a_narrow_line_makes_the_pictures_smaller_and_stops_none(apart: Apart) -> None:
    await apart.line.become(kbit=NARROW_KBIT, delay=20)

    for person in (apart.tomas, apart.anna):
        before = (await person.figures())["decoded"]
        await person.reaches(partial(over_one_connection, before + FOLLOWED))


async def test_a_bad_line_costs_the_picture_then_the_sound_and_both_read_why(
    apart: Apart,
) -> None:
    anna, tomas = apart.anna, apart.tomas
    await apart.line.become(loss=25)
    await tomas.sees("Your picture is paused: your connection is slow. Your sound goes on.")
    await anna.sees("Tomás Rivera’s picture is paused: their connection is slow.")
    await expect(anna.button("Camera")).to_have_attribute("aria-pressed", "true")

    await apart.line.become(loss=45)
    unheard = tomas.page.get_by_text("Your connection is too slow for sound.").first
    await expect(unheard).to_be_visible(timeout=30_000)
    write = anna.page.get_by_text("Write to each other for now.").first
    await expect(write).to_be_visible(timeout=LOSSY_MS)
    await anna.write("I can read you.")
    await expect(tomas.page.get_by_text("I can read you.").first).to_be_visible(timeout=LOSSY_MS)
    await expect(unheard).to_be_visible()

    await apart.line.become()
    await tomas.page.wait_for_function(HEARD_AGAIN)
    await tomas.press("Try video again")
    await meet_again(apart)


def signalled(processes: list[int], how: signal.Signals) -> None:
    """A browser's processes come and go: some may have ended by now."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, how)


async def test_a_browser_that_slept_is_back_in_the_call(apart: Apart) -> None:
    asleep = await apart.line.processes(apart.line.far)
    try:
        signalled(asleep, signal.SIGSTOP)
        await reads_that_he_is_gone(apart.anna)
        await apart.anna.page.wait_for_timeout(count(1, full=20) * 1000)
    finally:
        signalled(asleep, signal.SIGCONT)
    await meet_again(apart)
