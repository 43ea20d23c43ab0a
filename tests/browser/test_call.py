"""A call for two in real browsers: rung, answered, seen, heard, muted, resumed, ended."""

import asyncio
import re
from functools import partial

import pytest
from playwright.async_api import expect

from tests.browser.people import Crowd, Figures, Person, media_deadline
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


SEND_AT_MOST = """(bitrate) => {
  const senders = window.connections.at(-1).getSenders();
  const sender = senders.find(({track}) => track?.kind === 'video');
  const now = sender.getParameters();
  now.encodings.at(-1).maxBitrate = bitrate;
  return sender.setParameters(now);
}"""


async def called(anna: Person, tomas: Person, kind: str = "Video call") -> None:
    """Anna calls after a look at her devices; Tomás answers."""
    await anna.opens_call(kind)
    await anna.press("Call Tomás Rivera")
    await tomas.sees("Anna Berg is calling")
    await tomas.press("Answer with video" if kind == "Video call" else "Answer")


def seen_anew(made: int, seen: Figures) -> bool:
    """Whether pictures arrive over a connection that came after the first `made`."""
    return seen["made"] > made and seen["decoded"] > 10


async def reckons_with(person: Person, bitrate: int) -> None:
    """Waits until the browser reckons that it may send so many bits per second.

    What it finds out at first depends on how busy the machine was in that second, and its made-up
    picture takes less: it looks again whenever it is allowed to send more.
    """
    deadline, number = media_deadline(), 0
    while (seen := await person.figures())["available"] <= bitrate:
        assert asyncio.get_running_loop().time() < deadline, f"still {seen}"
        number += 1
        await person.page.evaluate(SEND_AT_MOST, 2 * bitrate + number % 2 * 100_000)
        await person.page.wait_for_timeout(1_000)


async def test_both_see_each_other_and_the_bitrate_passes_1_mbit(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    for person in both:
        await person.reaches(lambda seen: seen["decoded"] > 30 and seen["sound"] > 50)
        await reckons_with(person, 1_000_000)
    await anna.press("Leave")
    await anna.sees("Ended ·")
    await tomas.sees("Ended ·")
    assert (await tomas.figures())["live"] == 0


async def test_the_other_side_is_shown_who_switched_what_off(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 10)
    await tomas.press("Microphone")
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await anna.sees("microphone off")
    await anna.sees("Tomás Rivera turned the microphone off.")
    await tomas.press("Camera")
    await anna.sees("Tomás Rivera has the camera off")
    await tomas.press("Camera")
    await expect(anna.page.get_by_text("has the camera off")).to_have_count(0)
    frames = (await anna.figures())["decoded"]
    await anna.reaches(lambda seen: seen["decoded"] > frames + 10)


async def test_a_voice_call_asks_for_no_camera(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    await called(anna, tomas, "Voice call")
    for person in both:
        await person.reaches(lambda seen: seen["sound"] > 50)
        asked = await person.asked_devices()
        assert asked
        assert not any(wanted["video"] for wanted in asked)


async def test_a_reload_and_a_restart_of_the_server_resume_the_call(
    both: tuple[Person, Person], site: Site
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 10)
    await tomas.press("Microphone")
    await anna.sees("microphone off")
    await tomas.page.reload()
    await tomas.reaches(lambda seen: seen["decoded"] > 10)
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    frames = (await anna.figures())["decoded"]
    await anna.reaches(lambda seen: seen["decoded"] > frames + 10)
    before = [(await person.figures())["made"] for person in both]
    await site.stop()
    await site.start()
    for person, made in zip(both, before, strict=True):
        await person.reaches(partial(seen_anew, made))


async def test_a_ring_is_declined_with_a_reason_or_cancelled(both: tuple[Person, Person]) -> None:
    anna, tomas = both
    await anna.opens_call("Voice call")
    await anna.press("Call Tomás Rivera")
    await expect(tomas.page).to_have_title("Anna Berg is calling")
    await tomas.press("Decline with a reason")
    await tomas.page.get_by_role("menuitem", name="I cannot talk right now.").click()
    await anna.sees("“I cannot talk right now. Let us write.”")
    assert await tomas.asked_devices() == []
    await anna.opens_call("Voice call")
    await anna.press("Call Tomás Rivera")
    await tomas.sees("Anna Berg is calling")
    await anna.press("Cancel")
    await tomas.sees("Cancelled")
    await expect(tomas.button("Answer")).to_have_count(0)


async def test_who_looks_elsewhere_gets_a_notice_of_the_system_when_somebody_calls(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await tomas.looks_elsewhere()
    await anna.opens_call("Voice call")
    await anna.press("Call Tomás Rivera")

    await tomas.is_notified("Anna Berg is calling")


async def test_another_window_of_the_same_seat_takes_the_call_over_and_no_echo_remains(
    both: tuple[Person, Person],
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 10)
    second = await tomas.context.new_page()
    await second.goto(tomas.page.url)
    await second.get_by_role("button", name="Move it here").click()
    await tomas.sees("You are in this call in another window or on another device.")
    await tomas.reaches(lambda seen: seen["live"] == 0)
    frames = (await anna.figures())["decoded"]
    await anna.reaches(lambda seen: seen["decoded"] > frames + 10)


async def test_without_permission_one_is_told_how_and_can_still_listen(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create()
    tomas = await crowd.person(links["freelancer"])
    await tomas.press("Accept")
    anna = await crowd.person(links["client"], devices=False)
    await anna.page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia ="
        " () => Promise.reject(new DOMException('denied', 'NotAllowedError')) }"
    )
    await anna.opens_call()
    await anna.sees("Your microphone is blocked")
    await anna.sees("Click the icon left of the address")
    await anna.press("Go on without a microphone")
    await tomas.press("Answer with video")
    await anna.reaches(lambda seen: seen["decoded"] > 10)
    await tomas.sees("microphone off")
    await tomas.sees("Anna Berg has the camera off")


async def test_a_server_that_was_killed_finds_the_call_again_and_nobody_is_doubled(
    both: tuple[Person, Person], site: Site
) -> None:
    anna, tomas = both
    await called(anna, tomas)
    await anna.reaches(lambda seen: seen["decoded"] > 10)
    await tomas.press("Microphone")
    await anna.sees("microphone off")
    before = [(await person.figures())["made"] for person in both]

    await site.kill()
    await site.start()

    for person, made in zip(both, before, strict=True):
        await person.reaches(partial(seen_anew, made))
        assert (await person.figures())["live"] == 1
    await expect(tomas.button("Microphone")).to_have_attribute("aria-pressed", "false")
    await anna.sees("microphone off")


def able(codec: str) -> str:
    """What makes a browser one that knows no codec for pictures but this one."""
    return f"""
const add = RTCPeerConnection.prototype.addTransceiver;
RTCPeerConnection.prototype.addTransceiver = function (...given) {{
  const made = add.apply(this, given);
  const {{codecs}} = RTCRtpReceiver.getCapabilities('video');
  if (made.receiver.track.kind === 'video')
    made.setCodecPreferences(codecs.filter(({{mimeType}}) => mimeType === 'video/{codec}'));
  return made;
}};
"""


async def test_browsers_with_no_codec_in_common_are_heard_and_both_read_why_not_seen(
    site: Site, crowd: Crowd
) -> None:
    links = await site.create()
    tomas, anna = await crowd.person(), await crowd.person()
    await tomas.context.add_init_script(able("VP9"))
    await anna.context.add_init_script(able("VP8"))
    await tomas.enter(links["freelancer"])
    await tomas.press("Accept")
    await anna.enter(links["client"])
    await called(anna, tomas)

    for person in (anna, tomas):
        await person.reaches(lambda seen: seen["sound"] > 50)
    # Whoever offers last is the one whom the call has no codec for.
    mine = re.compile("^You are heard, but this browser cannot show your picture to")
    theirs = re.compile("^You hear .* neither show your picture nor send theirs")
    read = [
        await person.page.get_by_text(mine).or_(person.page.get_by_text(theirs)).inner_text()
        for person in (anna, tomas)
    ]
    assert sorted(one[:8] for one in read) == ["You are ", "You hear"]
    for person in (anna, tomas):
        await person.press("Camera")
        await expect(person.button("Camera")).to_have_attribute("aria-pressed", "false")
        await person.press("Camera")
        await expect(person.page.get_by_text("The picture has stopped")).to_have_count(0)
