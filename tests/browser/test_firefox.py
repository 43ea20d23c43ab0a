"""Firefox and Chromium in one interview: each meets the other as it would its own kind."""

import json
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.bidi import Tab, firefox
from tests.browser.people import FIGURES, WATCH, Crowd, Person
from tests.browser.site import Site, running_site
from tests.browser.test_call import able
from tests.browser.test_call import called as call_each_other
from tests.browser.test_failures import promised
from tests.browser.test_heard import SEEN, reads
from tests.browser.test_panel import invited, joins, plays

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

Both = tuple[Person, Tab]

OFFERED = """async () => {
  const {localDescription, remoteDescription} = window.connections.at(-1);
  const repairs = ({sdp}) => /m=video[^]*a=rtpmap:\\d+ rtx\\/90000/.test(sdp);
  const offered = /^a=simulcast:send (\\S+)/m.exec(localDescription.sdp)?.[1] ?? '';
  return [
    offered.split(';').map((rid) => rid.replace('~', '')),
    {offered: repairs(localDescription), answered: repairs(remoteDescription)},
  ];
}"""
"""The sizes of a picture that a browser offers, and whether lost packets are sent again (RTX)."""


def playing(name: str) -> str:
    """Whether new pictures of what somebody's tile shows are decoded in this page."""
    return f"""async () => {{
  const tile = document.querySelector('[role=group][aria-label={json.dumps(name)}] video');
  const [track] = tile?.srcObject?.getVideoTracks() ?? [];
  const decoded = async () => {{
    let frames = 0;
    (await window.connections.at(-1)?.getStats())?.forEach((each) => {{
      if (each.type === 'inbound-rtp' && each.trackIdentifier === track?.id)
        frames += each.framesDecoded;
    }});
    return frames;
  }};
  const before = await decoded();
  for (let seconds = 0; seconds < 10; seconds += 1) {{
    await new Promise((later) => setTimeout(later, 1000));
    if ((await decoded()) > before + 2) return true;
  }}
  return false;
}}"""


def own_address() -> str:
    """An address of this machine that is not loopback: Firefox makes calls from no other."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing, but chooses an interface
        address: str = probe.getsockname()[0]
        return address


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    """An installation whose media a Firefox on this machine can reach."""
    monkeypatch.setenv("PARLEY_MEDIA_HOST", own_address())
    async with running_site(tmp_path / "data") as site:
        yield site


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    """A page in Firefox, which may not complain."""
    async with firefox(tmp_path / "firefox") as bidi:
        yield await bidi.tab(WATCH)
        assert bidi.complaints == []


@pytest.fixture
async def pair(site: Site, crowd: Crowd, tab: Tab) -> Both:
    """Anna (client) in Chromium and Tomás (freelancer) in Firefox, in an open interview."""
    links = await site.create()
    await tab.goto(links["freelancer"])
    await tab.press("Enter the interview")
    await tab.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.sees("The interview began.")
    return anna, tab


async def decodes(tomas: Tab, *, after: int = 0) -> int:
    """Waits until Firefox has decoded pictures and sound over one connection; how many pictures."""
    enough = f"seen.decoded > {after + 10} && seen.sound > 50 && seen.live === 1"
    await tomas.reaches(f"async () => {{ const seen = await ({FIGURES})(); return {enough}; }}")
    return int((await tomas.evaluate(FIGURES))["decoded"])


async def called(anna: Person, tomas: Tab) -> None:
    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await tomas.sees("Anna Berg is calling")
    await tomas.press("Answer with video")
    await anna.reaches(lambda seen: seen["decoded"] > 10 and seen["sound"] > 50)
    await decodes(tomas)


async def test_firefox_and_chromium_see_hear_mute_and_leave_each_other(pair: Both) -> None:
    anna, tomas = pair
    await called(anna, tomas)
    await reads(anna, re.compile(f"Tomás Rivera {SEEN}"))
    await tomas.sees("Anna Berg hears you, sees you at")

    await tomas.press("Microphone")
    await anna.sees("microphone off")
    await tomas.press("Camera")
    await anna.sees("Tomás Rivera has the camera off")
    await tomas.press("Camera")
    frames = (await anna.figures())["decoded"]
    await anna.reaches(lambda seen: seen["decoded"] > frames + 10)
    await anna.press("Camera")
    await tomas.sees("Anna Berg has the camera off")

    await tomas.press("Leave")
    await anna.sees("Ended ·")
    await tomas.sees("Ended ·")
    assert (await anna.figures())["live"] == 0


async def test_who_loads_the_page_again_in_firefox_is_back_in_the_call_muted_as_before(
    pair: Both,
) -> None:
    anna, tomas = pair
    await called(anna, tomas)
    await tomas.press("Microphone")
    await anna.sees("microphone off")

    await tomas.reload()
    await decodes(tomas)

    frames = (await anna.figures())["decoded"]
    await anna.reaches(lambda seen: seen["decoded"] > frames + 10)
    await tomas.sees("Your microphone is off")


async def test_firefox_in_a_panel_sends_and_gets_as_the_others_do(pair: Both, crowd: Crowd) -> None:
    anna, tomas = pair
    await called(anna, tomas)
    cora = await crowd.person(await invited(anna, "Cora Lind"))
    await joins(cora)

    for name in ("Anna Berg", "Cora Lind"):
        await tomas.reaches(playing(name))
    for person in (anna, cora):
        await plays(person, "Tomás Rivera")
    sizes, repairs = await tomas.evaluate(OFFERED)
    assert sizes == ["q", "h", "f"]
    assert repairs == {"offered": True, "answered": True}

    await tomas.press("More")
    await tomas.press("Devices", role="menuitem")
    await tomas.sees("This browser plays through the speaker that your computer uses.")
    await tomas.press("Done")

    await cora.press("Leave")
    await cora.page.get_by_role("menuitem", name="Leave").click()
    await plays(anna, "Tomás Rivera")
    await tomas.reaches(playing("Anna Berg"))


async def test_firefox_observes_with_neither_microphone_nor_camera(
    site: Site, crowd: Crowd, tab: Tab
) -> None:
    links = await site.create()
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.sees("The interview began.")
    await tab.goto(await invited(anna, "Ola Reed", "Observer"))
    await tab.press("Enter the interview")
    await call_each_other(anna, tomas)
    await tab.press("Watch the call")

    for name in ("Anna Berg", "Tomás Rivera"):
        await tab.reaches(playing(name))
    await tab.sees("You watch and listen.")
    await anna.sees("Watching and listening: Ola Reed")
    assert json.dumps(await tab.evaluate("async () => window.asked")) == "[]"


async def test_an_interview_in_writing_asks_firefox_for_no_device(
    site: Site, crowd: Crowd, tab: Tab
) -> None:
    links = await site.create(format="text")
    await tab.goto(links["freelancer"])
    await tab.press("Enter the interview")
    await tab.press("Accept")
    anna = await crowd.person(links["client"])
    await anna.write("When could you start?")
    await tab.sees("When could you start?")

    await tab.press("Message", role="textbox")
    await tab.types("On Monday, at eight.")

    await anna.sees("On Monday, at eight.")
    await expect(anna.message("When could you start?").get_by_label("Read")).to_be_visible()
    assert json.dumps(await tab.evaluate("async () => window.asked")) == "[]"


async def test_firefox_answers_a_silent_server_once_and_says_why_nobody_is_seen(
    pair: Both, site: Site
) -> None:
    anna, tomas = pair
    await tomas.evaluate(f"async () => {{ {able('VP9')} }}")
    await anna.page.evaluate(f"() => {{ {able('VP8')} }}")
    await anna.press("Call")
    await anna.page.get_by_role("menuitem", name="Video call").click()
    await anna.press("Call Tomás Rivera")
    await tomas.sees("Answer with video")

    site.freeze()
    try:
        await tomas.press("Answer with video")
        await tomas.sees(promised("answer", column=2)[0])
    finally:
        site.thaw()

    await anna.reaches(lambda seen: seen["sound"] > 50)
    await tomas.reaches(f"async () => (await ({FIGURES})()).sound > 50")
    # Whoever offers last is the one whom the call has no codec for.
    either = "You are heard, but this browser cannot|You hear .* neither show your picture"
    await tomas.reaches(f"async () => /{either}/.test(document.body.innerText)")
    await anna.sees(re.compile(either))
