"""Simulcast: where a layer may begin, and which one a receiver gets."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.answer import Chosen
from signaling.events import Kind
from signaling.layers import CLEAN_FOR, adapt, choose_layer, key_frame_height
from signaling.rtcp import ReportBlock
from signaling.sdp import Codec
from signaling.slot import Slot
from signaling.stream import Extensions, Feedback
from signaling.track import Track


def line() -> Slot:
    codec = Codec(96, "VP8", "VP8", 90_000, 1, (), frozenset())
    chosen = Chosen(codec, None, None, (), ())
    return Slot(Kind.VIDEO, "0", (1, 2), chosen, lambda _packet: None)


def layers() -> list[Track]:
    tracks = []
    for number, height in enumerate((180, 360, 720)):
        track = Track(number, Extensions(), Feedback(), Kind.VIDEO, "VP8")
        track.height = height
        tracks.append(track)
    return tracks


def loss(fraction: int) -> ReportBlock:
    return ReportBlock(1, fraction, 0, 0, 0, 0, 0)


def test_a_key_frame_of_vp8_says_its_height() -> None:
    plain = b"\x10" + b"\x00\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"
    extended = b"\x90\xe0\x81\x23\x05\x40" + plain[1:]

    assert key_frame_height("VP8", plain, 0, len(plain)) == 360
    assert key_frame_height("VP8", extended, 0, len(extended)) == 360


def test_other_packets_of_vp8_begin_no_key_frame() -> None:
    delta = b"\x10\x01\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"
    later = b"\x00\x00\x02\x00\x9d\x01\x2a\x80\x02\x68\x01"

    assert key_frame_height("VP8", delta, 0, len(delta)) is None
    assert key_frame_height("VP8", later, 0, len(later)) is None


def test_parameter_sets_begin_a_key_frame_of_h264() -> None:
    assert key_frame_height("H264", b"\x67abc", 0, 4) == 0
    assert key_frame_height("H264", b"\x78\x00\x03\x67ab", 0, 6) == 0
    assert key_frame_height("H264", b"\x41abc", 0, 4) is None


@given(st.sampled_from(["VP8", "H264", "VP9"]), st.binary(max_size=40))
def test_no_payload_makes_the_reader_fail(codec: str, payload: bytes) -> None:
    height = key_frame_height(codec, payload, 0, len(payload)) if payload else None

    assert height is None or 0 <= height < 1 << 14


def test_the_largest_layer_is_the_default_and_a_small_picture_gets_a_small_one() -> None:
    tracks, slot = layers(), line()

    assert choose_layer(tracks, slot) is tracks[2]
    slot.shown_height = 200
    assert choose_layer(tracks, slot) is tracks[1]
    slot.shown_height = 2000
    assert choose_layer(tracks, slot) is tracks[2]


def test_a_layer_that_is_not_sent_is_not_chosen() -> None:
    tracks, slot = layers(), line()
    tracks[2].is_sent = False

    assert choose_layer(tracks, slot) is tracks[1]


def test_loss_takes_layers_away_and_ten_clean_seconds_give_one_back() -> None:
    tracks, slot = layers(), line()

    slot.reported = loss(100)
    for _ in range(5):
        adapt(slot, 3)
    assert choose_layer(tracks, slot) is tracks[0]
    slot.reported = loss(0)
    for _ in range(CLEAN_FOR):
        adapt(slot, 3)

    assert choose_layer(tracks, slot) is tracks[1]
