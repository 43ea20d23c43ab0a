"""RTCP as bytes: written ones are read by aiortc, an implementation that is not ours."""

from aiortc import rtp as aiortc_rtp
from hypothesis import given
from hypothesis import strategies as st

from signaling import rtcp

SEQUENCES = st.lists(st.integers(0, 400), min_size=1, max_size=60, unique=True)


@given(SEQUENCES, st.integers(0, 0xFFFF))
def test_a_nack_names_exactly_what_is_missing(lost: list[int], base: int) -> None:
    wanted = [(base + each) & 0xFFFF for each in sorted(lost)]

    packet = rtcp.write_nack(1, 2, wanted)

    assert list(rtcp.nacked(packet, 12, len(packet))) == wanted
    (read,) = aiortc_rtp.RtcpPacket.parse(packet)
    assert isinstance(read, aiortc_rtp.RtcpRtpfbPacket)
    assert [each & 0xFFFF for each in read.lost] == wanted
    assert (read.ssrc, read.media_ssrc) == (1, 2)


def test_a_picture_loss_is_read_as_one() -> None:
    (read,) = aiortc_rtp.RtcpPacket.parse(rtcp.write_pli(1, 2))

    assert isinstance(read, aiortc_rtp.RtcpPsfbPacket)
    assert (read.fmt, read.ssrc, read.media_ssrc) == (rtcp.PLI, 1, 2)


@given(st.integers(1, 1 << 40), st.lists(st.integers(0, 0xFFFFFFFF), max_size=4))
def test_an_estimate_keeps_its_first_18_bits(bitrate: int, ssrcs: list[int]) -> None:
    packet = rtcp.write_remb(1, bitrate, ssrcs)

    (read,) = aiortc_rtp.RtcpPacket.parse(packet)
    assert isinstance(read, aiortc_rtp.RtcpPsfbPacket)
    told, named = aiortc_rtp.unpack_remb_fci(read.fci)
    assert named == ssrcs
    assert told == rtcp.remb_bitrate(packet, 12, len(packet))
    assert 0 <= bitrate - told < max(1, bitrate >> 17)


BLOCKS = st.builds(
    rtcp.ReportBlock,
    ssrc=st.integers(0, 0xFFFFFFFF),
    fraction_lost=st.integers(0, 255),
    packets_lost=st.integers(-0x800000, 0x7FFFFF),
    highest_sequence=st.integers(0, 0xFFFFFFFF),
    jitter=st.integers(0, 0xFFFFFFFF),
    last_sr=st.integers(0, 0xFFFFFFFF),
    delay=st.integers(0, 0xFFFFFFFF),
)


@given(st.lists(BLOCKS, max_size=31))
def test_a_receiver_report_reads_back(blocks: list[rtcp.ReportBlock]) -> None:
    packet = rtcp.write_receiver_report(7, blocks)

    assert list(rtcp.report_blocks(packet, 8, len(packet))) == blocks
    (read,) = aiortc_rtp.RtcpPacket.parse(packet)
    assert isinstance(read, aiortc_rtp.RtcpRrPacket)
    assert [each.packets_lost for each in read.reports] == [each.packets_lost for each in blocks]


@given(st.binary(max_size=200))
def test_no_bytes_make_the_readers_fail_or_point_outside(data: bytes) -> None:
    for _, count, at, end in rtcp.packets(data, len(data)):
        assert 0 <= count < 32
        assert at + 8 <= end <= len(data)
        list(rtcp.nacked(data, at + 12, end))
        list(rtcp.fir_targets(data, at + 12, end))
        list(rtcp.report_blocks(data, at + 8, end))
        rtcp.remb_bitrate(data, at + 12, end)
