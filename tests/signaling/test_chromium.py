"""Real Chromium on every side, with fake devices: pictures are decoded, the bitrate rises."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypedDict

import pytest
from playwright.async_api import Browser, Page, async_playwright

from signaling import TracksChanged
from tests.browser.people import media_deadline
from tests.signaling.support import Running, eventually

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ARGUMENTS = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
)
PAGE = """<!doctype html><body><script>
async function join(spares, codec, layers) {
  window.generation = 0
  window.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'})
  const stream = await navigator.mediaDevices.getUserMedia(
    {audio: true, video: {width: 1280, height: 720, frameRate: 30}})
  for (const track of stream.getTracks())
    pc.addTransceiver(track, {direction: 'sendrecv', streams: [stream],
      ...(layers && track.kind === 'video' ? {sendEncodings: [
        {rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150000},
        {rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500000},
        {rid: 'f', maxBitrate: 1500000}]} : {})})
  if (codec) {
    const able = RTCRtpReceiver.getCapabilities('video').codecs
    pc.getTransceivers()[1].setCodecPreferences(
      able.filter(each => each.mimeType === codec || each.mimeType === 'video/rtx'))
  }
  spare(spares)
  pc.ontrack = ({track}) => {
    const element = document.createElement(track.kind)
    element.autoplay = element.muted = true
    element.srcObject = new MediaStream([track])
    document.body.append(element)
  }
  await offer()
}
function spare(pairs) {
  for (let pair = 0; pair < pairs; pair++)
    for (const kind of ['audio', 'video']) pc.addTransceiver(kind, {direction: 'recvonly'})
}
async function offer(options) {
  await pc.setLocalDescription(await pc.createOffer(options))
  await pc.setRemoteDescription(
    {type: 'answer', sdp: await answer(pc.localDescription.sdp, ++generation)})
}
async function sendAtMost(bitrate) {
  const sender = pc.getSenders()[1], parameters = sender.getParameters()
  parameters.encodings[0].maxBitrate = bitrate
  await sender.setParameters(parameters)
}
async function look() {
  const seen = {state: pc.connectionState, decoded: [], widths: [], freezes: 0, lost: 0,
                available: 0,
                sound: [], concealed: 0, samples: 0, codec: ''}
  const report = await pc.getStats()
  report.forEach(each => {
    if (each.type === 'inbound-rtp' && each.kind === 'video') {
      seen.decoded.push(each.framesDecoded ?? 0)
      seen.widths.push(each.frameWidth ?? 0)
      seen.freezes += each.freezeCount ?? 0
      seen.lost += each.packetsLost
      if (each.codecId) seen.codec = report.get(each.codecId).mimeType
    }
    if (each.type === 'inbound-rtp' && each.kind === 'audio') {
      seen.sound.push(each.packetsReceived)
      seen.samples += each.totalSamplesReceived
      seen.concealed += each.concealedSamples
    }
    if (each.type === 'candidate-pair' && each.nominated)
      seen.available = each.availableOutgoingBitrate ?? 0
  })
  return seen
}
</script>"""


class Seen(TypedDict):
    """What one browser's own statistics say."""

    state: str
    decoded: list[int]
    widths: list[int]
    freezes: int
    lost: int
    available: float
    sound: list[int]
    concealed: float
    samples: float
    codec: str


@dataclass
class Tab:
    """A person in a browser."""

    page: Page

    async def look(self) -> Seen:
        seen: Seen = await self.page.evaluate("look()")
        return seen

    async def decodes(self, pictures: int, at_least: int = 20) -> Seen:
        """Wait until so many pictures move; what the browser says then."""

        def move(seen: Seen) -> bool:
            return sum(1 for frames in seen["decoded"] if frames >= at_least) >= pictures

        return await self.comes(move, f"{pictures} pictures should move")

    async def comes(self, enough: Callable[[Seen], bool], wish: str) -> Seen:
        """Wait until the browser says so; what it says then."""
        deadline = media_deadline()
        while not enough(seen := await self.look()):
            assert asyncio.get_running_loop().time() < deadline, f"{wish}, but: {seen}"
            await self.page.wait_for_timeout(100)
        return seen

    async def reckons_with(self, bitrate: float) -> None:
        """Wait until the browser reckons that it may send so many bits per second.

        Its made-up picture takes a tenth of that, and for itself it would not find out: it probes
        the way again whenever it is allowed to send more.
        """
        deadline, number = media_deadline(), 0
        while (seen := await self.look())["available"] <= bitrate:
            assert asyncio.get_running_loop().time() < deadline, f"{bitrate:.0f}, but: {seen}"
            if number % 10 == 0:
                await self.page.evaluate("sendAtMost", bitrate * (1.5 + number % 20 / 100))
            number += 1
            await self.page.wait_for_timeout(100)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    named = os.environ.get("PARLEY_CHROMIUM")  # set by `make test`
    path = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


async def open_tab(
    browser: Browser,
    running: Running,
    name: str,
    *,
    spares: int = 0,
    codec: str = "",
    without: str = "",
    layers: bool = False,
) -> Tab:
    """Open a browser for a person and join; lines that contain `without` fall out of answers."""

    def answer(offer: str, generation: int) -> str:
        lines = running.engine.answer("call", name, offer, generation).splitlines(keepends=True)
        return "".join(line for line in lines if not without or without not in line)

    context = await browser.new_context()
    page = await context.new_page()
    await page.route(
        "https://call.test/", lambda route: route.fulfill(content_type="text/html", body=PAGE)
    )
    await page.goto("https://call.test/")
    await page.expose_function("answer", answer)
    await page.evaluate("each => join(...each)", [spares, codec, layers])
    return Tab(page)


async def test_two_browsers_see_each_other_and_their_bitrate_passes_3_mbit(
    browser: Browser, running: Running
) -> None:
    ada = await open_tab(browser, running, "ada")
    bob = await open_tab(browser, running, "bob")

    for tab in (ada, bob):
        seen = await tab.decodes(1)
        assert seen["state"] == "connected"
        assert seen["codec"] == "video/VP8"
        await tab.reckons_with(3e6)
    assert not [event for event in running.events if isinstance(event, TracksChanged)]


async def test_h264_is_passed_through_when_somebody_offers_nothing_else(
    browser: Browser, running: Running
) -> None:
    ada = await open_tab(browser, running, "ada", codec="video/H264")
    bob = await open_tab(browser, running, "bob")

    for tab in (ada, bob):
        assert (await tab.decodes(1))["codec"] == "video/H264"


async def test_three_browsers_see_each_other_after_a_second_offer_where_lines_lacked(
    browser: Browser, running: Running
) -> None:
    ada = await open_tab(browser, running, "ada")
    bob = await open_tab(browser, running, "bob", spares=1)
    cy = await open_tab(browser, running, "cy", spares=1)
    lacking = TracksChanged("call", "ada", audio=2, video=2)
    await eventually(lambda: "" if lacking in running.events else "ada was not told")

    await ada.page.evaluate("() => { spare(1); return offer() }")

    for tab in (ada, bob, cy):
        seen = await tab.decodes(2)
        assert len([packets for packets in seen["sound"] if packets > 10]) == 2


async def test_somebody_who_comes_back_is_seen_on_the_same_line_without_an_offer(
    browser: Browser, running: Running
) -> None:
    ada = await open_tab(browser, running, "ada")
    bob = await open_tab(browser, running, "bob")
    before = (await ada.decodes(1))["decoded"][0]

    await bob.page.context.close()
    await open_tab(browser, running, "bob")

    seen = await ada.decodes(1, at_least=before + 60)
    assert seen["state"] == "connected"


async def test_a_restart_of_ice_keeps_the_picture(browser: Browser, running: Running) -> None:
    ada = await open_tab(browser, running, "ada")
    await open_tab(browser, running, "bob")
    before = (await ada.decodes(1))["decoded"][0]

    await ada.page.evaluate("offer({iceRestart: true})")

    seen = await ada.decodes(1, at_least=before + 60)
    assert seen["state"] == "connected"


async def test_a_browser_whose_udp_is_blocked_talks_over_tcp(
    browser: Browser, running: Running
) -> None:
    ada = await open_tab(browser, running, "ada", without=" udp ")
    bob = await open_tab(browser, running, "bob")

    for tab in (ada, bob):
        assert (await tab.decodes(1))["state"] == "connected"


async def test_with_simulcast_each_receiver_gets_the_layer_that_its_size_asks_for(
    browser: Browser, running: Running
) -> None:
    await open_tab(browser, running, "ada", layers=True)
    bob = await open_tab(browser, running, "bob")
    cy = await open_tab(browser, running, "cy", spares=1)

    async def width_of_ada(tab: Tab, least: int, most: int) -> Seen:
        def is_so(seen: Seen) -> bool:
            return any(least <= width <= most for width in seen["widths"][:1])

        return await tab.comes(is_so, f"a width of {least} to {most} should come")

    # A busy machine may keep the largest layer back: what counts is larger and smaller.
    running.engine.show("call", "bob", "ada", 100)
    await width_of_ada(cy, 321, 1280)
    await width_of_ada(bob, 160, 320)
    running.engine.show("call", "bob", "ada", 0)
    await width_of_ada(bob, 321, 1280)
    running.engine.show("call", "bob", "ada", 100)
    before = (await width_of_ada(bob, 160, 320))["decoded"][0]

    seen = await bob.decodes(1, at_least=before + 30)
    assert seen["state"] == "connected"
