"""Offers: what is read from a browser's, what is refused, and that nothing else is ever raised."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling import InvalidSdp, Kind
from signaling.answer import choose, choose_video, video_codecs
from signaling.sdp import Direction, parse_offer
from tests.signaling.support import Running
from tests.support.counts import count

CHROMIUM = (Path(__file__).parent / "offers" / "chromium.sdp").read_bytes().decode()
MUTANTS = count(500, full=10_000)


def test_an_offer_of_chromium_is_read() -> None:
    offer = parse_offer(CHROMIUM)

    audio, video = offer.media
    assert (audio.kind, audio.mid, audio.direction) == ("audio", "0", Direction.SENDRECV)
    assert offer.ice_ufrag == "luMW"
    assert offer.mixed_extensions
    assert video.retransmits == ((2981247892, 3335796413),)
    assert video.ssrcs == (3335796413,)
    assert {"VP8", "H264"} <= video_codecs(offer)


def test_what_is_taken_up_is_red_around_opus_and_vp8_with_rtx() -> None:
    audio, video = parse_offer(CHROMIUM).media

    sound, picture = choose(audio, "VP8"), choose(video, "VP8")

    assert sound is not None
    assert picture is not None
    assert [each.payload_type for each in sound.codecs] == [63, 111]
    assert [each.payload_type for each in picture.codecs] == [96, 97]
    assert picture.feedback == ("transport-cc", "ccm fir", "nack", "nack pli")
    assert len(sound.extensions) == 3


def test_h264_is_constrained_baseline_in_packets_of_any_size() -> None:
    picture = choose(parse_offer(CHROMIUM).media[1], "H264")

    assert picture is not None
    assert picture.main.parameter("packetization-mode") == "1"
    assert (picture.main.parameter("profile-level-id") or "").startswith("42e0")


def test_a_call_keeps_its_codec_until_somebody_cannot() -> None:
    able = frozenset({"VP8", "H264"})

    assert choose_video([able], None) == "VP8"
    assert choose_video([able, frozenset({"H264"})], "VP8") == "H264"
    assert choose_video([able], "H264") == "H264"


def test_rids_of_simulcast_are_read_from_the_raw_lines() -> None:
    text = CHROMIUM + "a=rid:q send\r\na=rid:h send\r\na=simulcast:send q;h\r\n"

    assert parse_offer(text).media[1].send_rids == ("q", "h")


def without(line: str) -> str:
    return "".join(each for each in CHROMIUM.splitlines(True) if not each.startswith(line))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v=0\r\n",
        without("a=mid"),
        without("a=ice-ufrag"),
        without("a=fingerprint"),
        without("a=setup"),
        without("a=rtcp-mux"),
        without("m="),
        CHROMIUM.replace("a=mid:1", "a=mid:0"),
        CHROMIUM.replace("actpass", "passive"),
        CHROMIUM.replace("a=mid:0", "a=mid:0\x00"),
        CHROMIUM.replace("a=ssrc:2977541113", "a=ssrc:99999999999"),
        CHROMIUM + "a=x\r\n" * 5000,
        CHROMIUM + "a=" + "x" * 300_000,
        CHROMIUM * 40,
    ],
    ids=lambda text: f"{len(text)} characters",
)
def test_an_offer_that_cannot_be_answered_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InvalidSdp) as refused:
        parse_offer(text)

    assert str(refused.value).endswith((".", ").")) or str(refused.value)


def test_a_data_channel_is_declined_and_the_rest_is_answered(running: Running) -> None:
    text = CHROMIUM.replace("BUNDLE 0 1", "BUNDLE 0 1 2") + (
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n"
    )

    answer = running.engine.answer("call", "ada", text, 1)

    assert "m=application 0 UDP/DTLS/SCTP webrtc-datachannel" in answer
    assert "a=group:BUNDLE 0 1\r\n" in answer


def test_an_answer_keeps_the_order_and_the_mids_of_the_offer(running: Running) -> None:
    text = CHROMIUM.replace("a=mid:0", "a=mid:zero").replace("BUNDLE 0 1", "BUNDLE zero 1")

    answer = running.engine.answer("call", "ada", text, 1)

    assert [line[6:] for line in answer.splitlines() if line.startswith("a=mid:")] == ["zero", "1"]
    assert answer.index("m=audio") < answer.index("m=video")
    assert answer.count("a=setup:passive") == 2
    assert answer.index("a=ssrc-group:FID") < answer.index("a=ssrc:", answer.index("m=video"))


def test_a_new_user_fragment_restarts_ice_and_keeps_the_lines(running: Running) -> None:
    first = running.engine.answer("call", "ada", CHROMIUM, 1)

    again = running.engine.answer("call", "ada", CHROMIUM.replace("luMW", "restart"), 2)

    def picked(answer: str, start: str) -> set[str]:
        return {line for line in answer.splitlines() if line.startswith(start)}

    assert picked(first, "a=ice-ufrag") != picked(again, "a=ice-ufrag")
    assert picked(first, "a=ssrc") == picked(again, "a=ssrc")


def mutate(random_: random.Random, text: str) -> str:
    """Break an offer somewhere: a character, a line, a number."""
    if not text:
        return text
    match random_.randrange(6):
        case 0:
            at = random_.randrange(len(text))
            return text[:at] + chr(random_.randrange(0x250)) + text[at + random_.randrange(3) :]
        case 1:
            lines = text.splitlines(True)
            del lines[random_.randrange(len(lines))]
            return "".join(lines)
        case 2:
            lines = text.splitlines(True)
            lines.insert(random_.randrange(len(lines)), random_.choice(lines))
            return "".join(lines)
        case 3:
            lines = text.splitlines(True)
            random_.shuffle(lines)
            return "".join(lines)
        case 4:
            digit = random_.choice("0123456789")
            return text.replace(digit, random_.choice(["", "-", "99999999999", "x"]), 3)
        case _:
            return text[: random_.randrange(len(text))]


@pytest.mark.timeout(300)
async def test_mutated_offers_give_an_answer_or_invalid_sdp_and_leave_nothing(
    running: Running,
) -> None:
    random_, engine = random.Random(22), running.engine
    refused = 0

    for number in range(MUTANTS):
        text = CHROMIUM
        for _ in range(random_.randrange(1, 4)):
            text = mutate(random_, text)
        try:
            engine.answer("call", f"peer{number}", text, 1)
        except InvalidSdp:
            refused += 1
        else:
            engine.leave("call", f"peer{number}")

    assert 0 < refused < MUTANTS
    assert engine.peers == 0


@given(st.text(max_size=500))
def test_no_text_raises_anything_but_invalid_sdp(text: str) -> None:
    for attempt in (text, CHROMIUM + text, text + CHROMIUM):
        try:
            offer = parse_offer(attempt)
        except InvalidSdp:
            continue
        assert offer.usable(Kind.AUDIO) or offer.usable(Kind.VIDEO)
