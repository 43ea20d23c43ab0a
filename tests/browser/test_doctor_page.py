"""`/doctor` in real browsers: the network by each way, the devices, and what is said of them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
from playwright.async_api import expect
from typing_extensions import override

from server.tasks import spawn
from tests.browser.people import Crowd, Person, people_with
from tests.browser.site import Site, running_site
from tests.support.certificates import Authority
from tests.support.coturn import SECRET, coturn
from tests.support.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

RELAYED = "Your network blocks the direct way; we go through a relay. Video works."
READY = "Your network is ready for video."
SLOWER = "Your network blocks UDP; we use a slower way in. Video works."
FILTERED = "127.0.0.2"
"""The server's media as people behind a firewall see it: nothing of it is on this address."""
BEYOND = "127.0.0.3"
"""Where a relay beyond that firewall sends from."""


@asynccontextmanager
async def only_tcp_passes(port: int) -> AsyncIterator[None]:
    """A firewall that lets connections through to the media port, and no datagrams."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while some := await reader.read(4096):
                writer.write(some)
                await writer.drain()
        writer.close()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside_reader, inside_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, inside_writer), pump(inside_reader, writer))

    async with await asyncio.start_server(pass_on, FILTERED, port):
        yield


class OnlyRelays(asyncio.DatagramProtocol):
    """A firewall that lets datagrams of the relay through to the media port, and nobody else's."""

    def __init__(self, port: int) -> None:
        self._inside = ("127.0.0.1", port)
        self._ways: dict[tuple[str, int], asyncio.DatagramTransport | None] = {}

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.outside = cast("asyncio.DatagramTransport", transport)  # uvloop's is no subclass

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr[0] != BEYOND:
            return
        if addr not in self._ways:
            self._ways[addr] = None
            _ = spawn(self._open(addr), name="way through the firewall")
        elif (way := self._ways[addr]) is not None:
            way.sendto(data)

    async def _open(self, addr: tuple[str, int]) -> None:
        """What comes until then is lost, and sent again."""
        loop = asyncio.get_running_loop()
        self._ways[addr], _ = await loop.create_datagram_endpoint(
            lambda: Back(self.outside, addr), remote_addr=self._inside
        )

    def close(self) -> None:
        for way in (self.outside, *filter(None, self._ways.values())):
            way.close()


class Back(asyncio.DatagramProtocol):
    """The way back to one place on the relay."""

    def __init__(self, outside: asyncio.DatagramTransport, addr: tuple[str, int]) -> None:
        self._outside = outside
        self._addr = addr

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self._outside.is_closing():
            self._outside.sendto(data, self._addr)


@asynccontextmanager
async def only_relays_pass(port: int) -> AsyncIterator[None]:
    """A firewall that people pass by way of a relay only."""
    _, firewall = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: OnlyRelays(port), local_addr=(FILTERED, port)
    )
    try:
        yield
    finally:
        firewall.close()


async def at_the_doctors(crowd: Crowd, site: Site, *, devices: bool = True) -> Person:
    person = await crowd.person(devices=devices)
    await person.page.goto(f"{site.address}/doctor")
    return person


async def is_told(person: Person, verdict: str) -> None:
    await expect(person.page.get_by_text(verdict)).to_be_visible()


async def ways(person: Person) -> dict[str, str]:
    """The results in the details, by way."""
    await person.page.get_by_text("Details for a helpdesk").click()
    rows = person.page.get_by_role("row")
    found = {}
    for row in (await rows.all())[1:]:
        way, result, *_ = await row.get_by_role("cell").all_inner_texts()
        found[way.partition(", turn")[0]] = result
    return found


async def test_a_good_network_is_ready_for_video(site: Site, crowd: Crowd) -> None:
    person = await at_the_doctors(crowd, site)

    await person.press("Check the network")

    await person.sees(re.compile(r"Checking, \d+ %"))
    await is_told(person, READY)
    assert await ways(person) == {"UDP, directly": "works", "TCP, directly": "works"}
    first = person.page.get_by_role("row", name=re.compile("UDP, directly"))
    await expect(first).to_contain_text("0.0 %")
    assert await person.asked_devices() == []


async def test_where_udp_is_blocked_tcp_is_found_and_said(
    tmp_path: Path, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("PARLEY_MEDIA_PORT", str(port))
    monkeypatch.setenv("PARLEY_MEDIA_ANNOUNCE", f'["{FILTERED}"]')
    async with only_tcp_passes(port), running_site(tmp_path / "data") as site:
        person = await at_the_doctors(crowd, site)
        await person.press("Check the network")
        await is_told(person, SLOWER)

        assert await ways(person) == {
            "UDP, directly": "no connection in 8 s",
            "TCP, directly": "works",
        }


async def test_where_nothing_passes_only_text_works_and_what_to_open_is_said(
    tmp_path: Path, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("PARLEY_MEDIA_PORT", str(port))
    monkeypatch.setenv("PARLEY_MEDIA_ANNOUNCE", f'["{FILTERED}"]')
    async with running_site(tmp_path / "data") as site:
        person = await at_the_doctors(crowd, site)
        await person.press("Check the network")
        await is_told(person, "Only text will work from this network")

        await person.sees(f"to allow UDP port {port} to {FILTERED}, or try another network")


async def test_each_relay_is_tried_by_each_of_its_ways(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with coturn(tmp_path, shown=authority.sign("localhost")) as relay:
        urls = [relay.udp_url, relay.tcp_url, relay.tls_url, f"turn:{FILTERED}:9?transport=udp"]
        monkeypatch.setenv("PARLEY_TURN_URLS", "[" + ",".join(f'"{url}"' for url in urls) + "]")
        monkeypatch.setenv("PARLEY_TURN_SECRET", SECRET)
        async with (
            running_site(tmp_path / "data") as site,
            people_with("--ignore-certificate-errors") as crowd,
        ):
            person = await at_the_doctors(crowd, site)
            await person.press("Check the network")
            await is_told(person, READY)
            await person.page.get_by_text("Details for a helpdesk").click()
            rows = person.page.get_by_role("row")
            results = [
                await rows.filter(has_text=url).get_by_role("cell").nth(1).inner_text()
                for url in urls
            ]

    assert results == ["works", "works", "works", "no connection in 8 s"]


async def test_where_only_the_relay_passes_it_is_found_and_said(
    tmp_path: Path, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("PARLEY_MEDIA_PORT", str(port))
    monkeypatch.setenv("PARLEY_MEDIA_ANNOUNCE", f'["{FILTERED}"]')
    monkeypatch.setenv("PARLEY_TURN_SECRET", SECRET)
    async with coturn(tmp_path, allowed=FILTERED, relays_from=BEYOND) as relay:
        monkeypatch.setenv("PARLEY_TURN_URLS", f'["{relay.udp_url}"]')
        async with only_relays_pass(port), running_site(tmp_path / "data") as site:
            person = await at_the_doctors(crowd, site)
            await person.press("Check the network")
            await is_told(person, RELAYED)
            found = await ways(person)

    assert list(found.values()) == ["no connection in 8 s", "no connection in 8 s", "works"]


async def test_whoever_blocked_the_devices_reads_how_to_allow_them_and_may_try_again(
    site: Site, tmp_path: Path
) -> None:
    async with people_with("--use-fake-ui-for-media-stream=deny") as crowd:
        person = await at_the_doctors(crowd, site, devices=False)
        await person.press("Check microphone and camera")
        await person.sees("Your microphone is blocked")
        await person.sees("Your camera is blocked")
        await person.sees("Click the icon left of the address")
        await person.sees("You can go on without one")
        await person.button("Try again").first.click()
        await person.page.wait_for_function("window.asked.length > 1")
        await person.sees("Your microphone is blocked")


async def test_a_check_can_be_skipped_and_made_again(site: Site, crowd: Crowd) -> None:
    person = await at_the_doctors(crowd, site)
    await person.press("Check the network")
    await person.press("Skip: Network")
    await person.sees("Skipped. A call finds its own way in any case.")

    await person.press("Check the network")

    await is_told(person, READY)


async def test_a_server_that_cannot_be_asked_is_not_blamed_on_the_network(
    site: Site, crowd: Crowd
) -> None:
    person = await at_the_doctors(crowd, site)
    await person.button("Check the network").wait_for()
    await site.stop()
    await person.press("Check the network")

    await person.sees("We could not find out whether a call will work.")


async def test_devices_are_asked_for_by_a_press_and_given_back(site: Site, crowd: Crowd) -> None:
    person = await at_the_doctors(crowd, site)
    await person.press("Check microphone and camera")
    await person.sees("We hear you.")
    await expect(person.page.get_by_label("Your own picture")).to_be_visible()
    await person.press("Play a sound")
    await person.sees("Did you hear it?")
    await person.press("No")
    await person.sees("Turn up the volume of this device")
    await person.press("Play it again")
    await person.press("Yes")
    await person.sees("You will hear the others.")
    await person.press("Skip: How you sound")

    await person.press("Stop using them")

    await expect(person.button("Check the microphone only")).to_be_visible()
    (asked,) = await person.asked_devices()
    assert asked["audio"]
    assert asked["video"]


async def test_a_machine_without_devices_is_told_what_is_missing(
    site: Site, tmp_path: Path
) -> None:
    async with people_with("--use-fake-device-for-media-stream=device-count=0") as crowd:
        person = await at_the_doctors(crowd, site)
        await person.press("Check microphone and camera")
        await person.sees("No camera found")
        await person.sees("Plug one in; we notice by ourselves.")
