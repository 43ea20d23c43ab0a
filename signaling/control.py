"""Control packets of one person: what their RTCP asks for, and what the engine reports to them.

Receiver reports, NACK and transport-wide feedback end at the engine, which is the other end of
the way they describe; sender reports are passed on, so that every receiver can keep sound and
picture together. Writing goes by slices of a tick, so that reports never come in a burst.
"""

from struct import Struct
from typing import TYPE_CHECKING, Final

from signaling import rtcp
from signaling.events import Kind
from signaling.rtp import U32
from signaling.stream import Packets
from signaling.track import KEY_FRAME_EVERY, Track

if TYPE_CHECKING:
    from signaling.peer import Peer

_SENDER_REPORT: Final = Struct("!BBHIIIIII")
"""Header, SSRC, NTP time (two words), RTP timestamp, packets, bytes (RFC 3550 section 6.4.1)."""
SENDER_REPORTS_EVERY: Final = 50_000_000
"""Nanoseconds between two of a stream that are passed on to all: a compound may hold 50."""


def read_control(peer: "Peer", packets: Packets, size: int, now: int) -> None:
    """Deal with a decrypted compound in the receive buffer."""
    # A copy: answers are written through the same buffers.
    data = bytes(packets.received.view[:size])
    for type_, format_, at, end in rtcp.packets(data, size):
        match type_:
            case rtcp.Type.SENDER_REPORT:
                _sender_report(peer, data, at, end, now)
            case rtcp.Type.RECEIVER_REPORT:
                _receiver_report(peer, data, at + 8, end, now)
            case rtcp.Type.TRANSPORT_FEEDBACK | rtcp.Type.PAYLOAD_FEEDBACK if end - at >= 12:
                _feedback(peer, (type_, format_), data[at:end], packets, now)
            case _:
                pass  # SDES, BYE, XR: nothing depends on them


def _feedback(peer: "Peer", what: tuple[int, int], data: bytes, packets: Packets, now: int) -> None:
    """Deal with one feedback message (RFC 4585 section 6.1)."""
    media = int(U32.unpack_from(data, 8)[0])
    match what:
        case rtcp.Type.TRANSPORT_FEEDBACK, rtcp.NACK:
            slot = peer.slot_by_ssrc.get(media)
            if slot is not None:
                slot.resend(rtcp.nacked(data, 12, len(data)), packets.scratch, now)
        case rtcp.Type.PAYLOAD_FEEDBACK, rtcp.PLI:
            _want_key_frame(peer, media)
        case rtcp.Type.PAYLOAD_FEEDBACK, rtcp.FIR:
            for ssrc in rtcp.fir_targets(data, 12, len(data)):
                _want_key_frame(peer, ssrc)
        case rtcp.Type.PAYLOAD_FEEDBACK, rtcp.REMB:
            peer.receivable_bitrate = rtcp.remb_bitrate(data, 12, len(data))
        case _:
            pass


def _want_key_frame(peer: "Peer", ssrc: int) -> None:
    slot = peer.slot_by_ssrc.get(ssrc)
    if slot is not None and slot.track is not None:
        slot.track.key_frame_wanted = True


def _sender_report(peer: "Peer", data: bytes, at: int, end: int, now: int) -> None:
    """Pass a sender report on to the receivers of its stream, on their time line."""
    if end - at < _SENDER_REPORT.size:
        return
    _, _, _, ssrc, seconds, fraction, timestamp, count, total = _SENDER_REPORT.unpack_from(data, at)
    track = peer.streams.get(ssrc)
    if isinstance(track, Track) and now - track.last_report[1] >= SENDER_REPORTS_EVERY:
        middle = (seconds << 16 | fraction >> 16) & 0xFFFFFFFF
        track.last_report = middle, now
        for slot in track.slots:
            slot.report_sent = middle, now
            here = slot.timestamp_here(timestamp)
            slot.send_control(
                _SENDER_REPORT.pack(
                    0x80,
                    rtcp.Type.SENDER_REPORT,
                    6,
                    slot.ssrc,
                    seconds,
                    fraction,
                    here,
                    count,
                    total,
                )
            )
    _receiver_report(peer, data, at + _SENDER_REPORT.size, end, now)


def _receiver_report(peer: "Peer", data: bytes, at: int, end: int, now: int) -> None:
    for block in rtcp.report_blocks(data, at, end):
        slot = peer.slot_by_ssrc.get(block.ssrc)
        if slot is not None:
            slot.reported = block
            middle, sent = slot.report_sent
            if block.last_sr and block.last_sr == middle:
                slot.round_trip = max(0.0, (now - sent) / 1e9 - block.delay / 65536)


def ask_for_repairs(peer: "Peer", now: int) -> None:
    """Every tick: NACKs that are due, key frames that are wanted."""
    for track in peer.tracks:
        if track.missing and (due := track.still_missing(now)) and track.may_ask:
            peer.send_control(rtcp.write_nack(peer.control_ssrc, track.ssrc, due))
        if track.key_frame_wanted and now - track.key_frame_asked >= KEY_FRAME_EVERY:
            track.key_frame_wanted = False
            track.key_frame_asked = now
            if track.kind is Kind.VIDEO:
                peer.send_control(rtcp.write_pli(peer.control_ssrc, track.ssrc))


def give_feedback(peer: "Peer") -> None:
    """Every 100 ms: what arrived when; the bandwidth that this amounts to, or may be used."""
    media = next(iter(peer.streams), 0)
    for report in peer.feedback.arrivals.reports(peer.control_ssrc, media):
        peer.send_control(report)
    bitrate = peer.feedback.take_bitrate()
    if bitrate is not None:
        ssrcs = [each.ssrc for each in peer.tracks]
        peer.send_control(rtcp.write_remb(peer.control_ssrc, bitrate, ssrcs))


def report_reception(peer: "Peer", now: int) -> None:
    """Every second: receiver reports about what the peer publishes."""
    blocks = [track.report(now) for track in peer.tracks if track.highest >= 0]
    if blocks:
        peer.send_control(rtcp.write_receiver_report(peer.control_ssrc, blocks[:31]))
