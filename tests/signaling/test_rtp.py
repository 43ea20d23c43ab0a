"""RTP headers, header extensions and redundant audio, also where the bytes make no sense."""

from hypothesis import given
from hypothesis import strategies as st

from signaling.rtp import extensions, payload_start, primary_of_red


def packet(first: int, rest: bytes) -> bytes:
    return bytes((first,)) + bytes(11) + rest


def test_one_byte_elements_are_found_between_padding() -> None:
    elements = bytes((0, 0x10, 7, 0, 0x31, 1, 2, 0))
    data = packet(0x90, b"\xbe\xde\x00\x02" + elements + b"payload")

    assert list(extensions(data, len(data))) == [(1, 18, 1), (3, 21, 2)]
    assert payload_start(data, len(data)) == 24


def test_two_byte_elements_are_found() -> None:
    data = packet(0x90, b"\x10\x00\x00\x02" + bytes((17, 2, 1, 2, 0, 18, 0, 0)))

    assert list(extensions(data, len(data))) == [(17, 18, 2), (18, 23, 0)]


def test_contributing_sources_come_before_the_extensions() -> None:
    data = packet(0x92, bytes(8) + b"\xbe\xde\x00\x01\x10\x07\x00\x00")

    assert list(extensions(data, len(data))) == [(1, 25, 1)]


def test_an_extension_longer_than_the_packet_has_no_payload() -> None:
    data = packet(0x90, b"\xbe\xde\x00\x09")

    assert payload_start(data, len(data)) == -1
    assert list(extensions(data, len(data))) == []


def test_the_newest_block_of_red_is_the_last() -> None:
    data = bytes((0x80 | 111, 0, 0, 3, 111)) + b"old" + b"new!"

    assert primary_of_red(data, 0, len(data)) == (111, 8)


def test_red_with_a_block_longer_than_the_packet_has_no_primary() -> None:
    data = bytes((0x80 | 111, 0, 3, 255, 111)) + b"old"

    assert primary_of_red(data, 0, len(data)) is None


@given(st.binary(min_size=12, max_size=200))
def test_no_bytes_make_the_readers_fail_or_point_outside(data: bytes) -> None:
    start = payload_start(data, len(data))

    assert -1 <= start <= len(data)
    for _, at, length in extensions(data, len(data)):
        assert at > 12
        assert at + length <= len(data)
    primary = primary_of_red(data, max(start, 0), len(data))
    assert primary is None or primary[1] <= len(data)
