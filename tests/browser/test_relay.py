"""A call in real browsers whose networks let nothing through but one way to the real coturn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.people import Person
from tests.browser.site import Site, running_site
from tests.support.coturn import SECRET, Coturn, coturn

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NOTHING_BUT_RELAYS = """() => {
const Direct = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Direct {
  constructor(given) { super({...given, iceTransportPolicy: "relay"}); }
};
}"""

WAYS = """async () => {
  const found = [];
  for (const one of window.connections) {
    const report = await one.getStats();
    report.forEach(each => {
      if (each.type !== "candidate-pair" || !each.nominated || each.state !== "succeeded") return;
      const own = report.get(each.localCandidateId);
      found.push([own.candidateType, own.relayProtocol]);
    });
  }
  return found;
}"""


@pytest.fixture(params=["udp", "tcp"])
async def relay(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Coturn, str]]:
    """The relay, and the one way in which the server names it."""
    async with coturn(tmp_path) as running:
        url = {"udp": running.udp_url, "tcp": running.tcp_url}[request.param]
        monkeypatch.setenv("PARLEY_TURN_URLS", f'["{url}"]')
        monkeypatch.setenv("PARLEY_TURN_SECRET", SECRET)
        yield running, request.param


@pytest.fixture
async def site(relay: tuple[Coturn, str], tmp_path: Path) -> AsyncIterator[Site]:
    async with running_site(tmp_path / "data") as site:
        yield site


async def test_two_browsers_see_each_other_through_nothing_but_the_relay(
    both: tuple[Person, Person], relay: tuple[Coturn, str]
) -> None:
    anna, tomas = both
    for person in both:
        await person.page.evaluate(NOTHING_BUT_RELAYS)

    await anna.opens_call()
    await anna.press("Call Tomás Rivera")
    await tomas.press("Answer with video")
    for person in both:
        await person.reaches(lambda seen: seen["decoded"] > 30 and seen["sound"] > 50)

    _, way = relay
    for person in both:
        assert await person.page.evaluate(WAYS) == [["relay", way]]
