"""Codecs pass through: redundant sound, one codec for pictures, what is told of bandwidth."""

import asyncio
import re

import pytest

from bench.light_peer import OPUS, VP8, rtp
from signaling import TracksChanged, rtcp
from signaling.rtp import ABS_SEND_TIME, U16
from tests.signaling.support import (
    AUDIO_SSRC,
    VIDEO_SSRC,
    Person,
    Running,
    bitrates_told,
    enter,
    eventually,
    handled,
)

RED = 63
H264 = 102
FEEDBACK = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"


def renamed(offer: str, old: int, new: int) -> str:
    """The offer of somebody who calls a payload type otherwise."""
    codecs = ("m=", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:")
    return "".join(
        re.sub(rf"\b{old}\b", str(new), line) if line.startswith(codecs) else line
        for line in offer.splitlines(keepends=True)
    )


def with_red(offer: str, opus: int = OPUS) -> str:
    """The offer of somebody who has redundant sound, as Chromium's has."""
    lines = f"a=rtpmap:{RED} red/48000/2\r\na=fmtp:{RED} {opus}/{opus}\r\n"
    offer = offer.replace(f"SAVPF {OPUS}", f"SAVPF {OPUS} {RED}").replace(
        f"a=rtpmap:{OPUS}", f"{lines}a=rtpmap:{OPUS}"
    )
    return renamed(offer, OPUS, opus)


def only_h264(offer: str) -> str:
    """The offer of somebody whose browser has no VP8."""
    fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    return (
        renamed(offer, VP8, H264)
        .replace("VP8/90000", "H264/90000")
        .replace(f"a=rtpmap:{H264}", f"a=fmtp:{H264} {fmtp}\r\na=rtpmap:{H264}")
    )


def also_h264(offer: str) -> str:
    """The offer of somebody who has both, VP8 first."""
    fmtp = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    lines = f"a=rtpmap:{H264} H264/90000\r\na=fmtp:{H264} {fmtp}\r\na=rtcp-fb:{H264} nack pli\r\n"
    return offer.replace(f"SAVPF {VP8} ", f"SAVPF {VP8} {H264} ").replace(
        f"a=rtpmap:{VP8}", f"{lines}a=rtpmap:{VP8}"
    )


def redundant(opus: int, *blocks: bytes) -> bytes:
    """A payload of RFC 2198: the last block is the newest."""
    old = b"".join(
        bytes((0x80 | opus,)) + (960 << 10 | len(block)).to_bytes(3, "big") for block in blocks[:-1]
    )
    return old + bytes((opus,)) + b"".join(blocks)


def say(person: Person, type_: int, payload: bytes, number: int) -> None:
    packet = rtp("audio", AUDIO_SSRC, number, number * 960, payload, transport=number)
    packet[1] = type_
    person.peer.send(packet)


def payload(packet: bytes) -> bytes:
    return packet[16 + 4 * int(U16.unpack_from(packet, 14)[0]) :]


def formats(answer: str, kind: str) -> list[str]:
    """The payload types that the answer takes up in its first section of a kind."""
    found = re.search(rf"m={kind} (\d+) \S+ (.*)", answer)
    assert found
    return found.group(2).split() if found.group(1) != "0" else []


async def test_sound_is_asked_for_in_red_first_and_with_forward_error_correction(
    running: Running,
) -> None:
    ada = await enter(running, "ada", offering=with_red)

    assert formats(ada.answer, "audio") == [str(RED), str(OPUS)]
    assert f"a=fmtp:{RED} {OPUS}/{OPUS}\r\n" in ada.answer
    (parameters,) = re.findall(rf"a=fmtp:{OPUS} (\S+)", ada.answer)
    assert "useinbandfec=1" in parameters.split(";")


async def test_redundant_sound_is_passed_on_as_it_is_to_who_reads_it_so(running: Running) -> None:
    ada = await enter(running, "ada", offering=with_red)
    bob = await enter(running, "bob", offering=with_red)
    blocks = redundant(OPUS, b"older", b"newest")

    say(bob, RED, blocks, 1)
    await handled(running.engine, bob)

    (packet,) = ada.received
    assert packet[1] & 0x7F == RED
    assert payload(packet) == blocks


@pytest.mark.parametrize("reads", [str, lambda offer: with_red(offer, opus=109)])
async def test_who_has_no_red_or_calls_opus_otherwise_gets_the_newest_block(
    running: Running, reads: object
) -> None:
    assert callable(reads)
    ada = await enter(running, "ada", offering=reads)
    bob = await enter(running, "bob", offering=with_red)

    say(bob, RED, redundant(OPUS, b"older", b"newest"), 1)
    say(bob, RED, redundant(13, b"older", b"comfort noise"), 2)
    say(bob, OPUS, b"alone", 3)
    await handled(running.engine, bob)

    opus = re.search(r"a=rtpmap:(\d+) opus", ada.answer)
    assert opus
    assert {packet[1] & 0x7F for packet in ada.received} == {int(opus.group(1))}
    assert [payload(packet) for packet in ada.received] == [b"newest", b"alone"]


async def test_who_has_no_codec_of_the_call_is_heard_and_not_seen(running: Running) -> None:
    ada = await enter(running, "ada")
    bob = await enter(running, "bob", offering=only_h264)

    ada.talk("video", payload=b"VP8")
    ada.talk()
    bob.talk()
    await handled(running.engine, ada, bob)

    assert formats(bob.answer, "video") == []
    assert formats(bob.answer, "audio") == [str(OPUS)]
    assert [each.endswith(b"media") for each in bob.received] == [True]
    assert [each.endswith(b"media") for each in ada.received] == [True]


async def test_a_picture_goes_only_to_who_has_agreed_on_its_codec(running: Running) -> None:
    ada = await enter(running, "ada", offering=also_h264)
    bob = await enter(running, "bob", offering=also_h264, spares=1)
    ada.talk("video", payload=b"VP8")
    await handled(running.engine, ada)
    assert [packet[1] & 0x7F for packet in bob.received] == [VP8]

    cy = await enter(running, "cy", offering=only_h264, spares=1)
    for _ in range(3):
        ada.talk("video", payload=b"VP8")
    await handled(running.engine, ada)

    asked = {each.peer for each in running.events if isinstance(each, TracksChanged)}
    assert {"ada", "bob"} <= asked
    assert formats(cy.answer, "video")[0] == str(H264)
    assert not cy.received
    again = running.engine.answer("call", "ada", also_h264(ada.peer.description()), 2)
    assert formats(again, "video")[0] == str(H264)
    picture = rtp("video", VIDEO_SSRC, 5, 5 * 960, b"H264", transport=5)
    picture[1] = H264
    ada.peer.send(picture)
    await handled(running.engine, ada)
    assert [(each[1] & 0x7F, payload(each)) for each in cy.received] == [(H264, b"H264")]
    assert len(bob.received) == 4


async def test_when_who_lacked_the_codec_leaves_the_others_are_asked_to_agree_on_theirs(
    running: Running,
) -> None:
    ada = await enter(running, "ada", offering=only_h264)
    bob = await enter(running, "bob", spares=1)
    cy = await enter(running, "cy", spares=1)
    assert formats(bob.answer, "video") == formats(cy.answer, "video") == []
    await handled(running.engine, bob, cy)
    running.events.clear()

    running.engine.leave("call", "ada")
    await handled(running.engine, bob)

    asked = {each.peer for each in running.events if isinstance(each, TracksChanged)}
    assert asked == {"bob", "cy"}
    for person in (bob, cy):
        again = running.engine.answer("call", person.name, person.peer.description(), 2)
        assert formats(again, "video")[0] == str(VP8)
    bob.talk("video", payload=b"VP8")
    await handled(running.engine, bob)
    assert [(each[1] & 0x7F, payload(each)) for each in cy.received] == [(VP8, b"VP8")]
    assert not ada.received


async def test_who_leaves_with_the_codec_of_all_asks_nobody_for_anything(running: Running) -> None:
    await enter(running, "ada", offering=also_h264)
    await enter(running, "bob", offering=also_h264, spares=1)
    cy = await enter(running, "cy", spares=1)
    await handled(running.engine, cy)
    running.events.clear()

    running.engine.leave("call", "cy")
    await handled(running.engine, cy)

    assert not any(isinstance(each, TracksChanged) for each in running.events)


async def test_without_transport_wide_feedback_an_estimate_is_told_where_it_was_offered(
    running: Running,
) -> None:
    def without(offer: str) -> str:
        offer = offer.replace(FEEDBACK, ABS_SEND_TIME)
        head, _, video = offer.partition("m=video")
        return f"{head}m=video{video}".replace(" transport-cc", " goog-remb")

    ada = await enter(running, "ada", offering=without)
    bob = await enter(running, "bob", offering=without)

    def complaint() -> str:
        bob.sequence["video"] = number = bob.sequence.get("video", 0) + 1
        packet = rtp("video", VIDEO_SSRC, number, number * 3000, bytes(1000))
        sent = int(asyncio.get_running_loop().time() * (1 << 18)) & 0xFFFFFF
        packet[16:20] = bytes((packet[16] & 0xF0 | 2,)) + sent.to_bytes(3, "big")
        bob.peer.send(packet)
        return "" if bitrates_told(bob) else "nothing told"

    await eventually(complaint)
    assert all(each is not None and each > 50_000 for each in bitrates_told(bob))
    assert not bitrates_told(ada)
    assert not any(
        (packet[1], packet[0] & 0x1F) == (rtcp.Type.TRANSPORT_FEEDBACK, rtcp.TRANSPORT_WIDE)
        for packet in bob.control
    )
