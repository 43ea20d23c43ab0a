"""Statistics of a call: how media flows from each person to the engine, and from it to each.

Plain numbers for graphs. Counts are since the start of a track: for an interval, take the
difference of two samples.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from signaling.events import Kind
from signaling.peer import Peer
from signaling.slot import CLOCK, Slot
from signaling.track import Track


@dataclass(frozen=True, slots=True)
class TrackStatistics:
    """What a person publishes, as it reaches the engine."""

    kind: Kind
    packets: int
    bytes: int
    bitrate: int
    """Bits in the last second; for pictures, layer by layer."""
    lost: int
    """Packets that have not come at all, not even by retransmission."""
    recovered: int
    """Packets that came by retransmission."""
    jitter: float
    """Seconds (RFC 3550 section 6.4.1)."""
    audio_level: int
    """-dBov, 0 is loudest and 127 silence (RFC 6464); meaningful for audio."""


@dataclass(frozen=True, slots=True)
class LineStatistics:
    """What a person receives on one line, as they report it."""

    kind: Kind
    source: str | None
    """The person whose media it is; None for a vacant line."""
    fraction_lost: float
    packets_lost: int
    jitter: float
    """Seconds."""
    round_trip: float | None
    """Seconds between the engine and this person; None before the first report."""
    resent: int
    """Packets sent again on request."""


@dataclass(frozen=True, slots=True)
class PeerStatistics:
    """One person's side."""

    peer: str
    connected: bool
    silent_for: float
    """Seconds since something authentic came."""
    receivable_bitrate: int | None
    """Bits per second that the browser says it can receive (REMB); None when it does not say."""
    publishes: tuple[TrackStatistics, ...]
    receives: tuple[LineStatistics, ...]


@dataclass(frozen=True, slots=True)
class CallStatistics:
    """Everybody in a call, in the order of joining."""

    peers: tuple[PeerStatistics, ...]


def call_statistics(peers: Iterable[Peer], now: int) -> CallStatistics:
    """A sample taken at `now` (ns of the monotonic clock)."""
    return CallStatistics(
        tuple(
            PeerStatistics(
                peer=peer.id,
                connected=peer.is_connected and not peer.is_silent,
                receivable_bitrate=peer.receivable_bitrate,
                silent_for=(now - peer.heard) / 1e9,
                publishes=tuple(
                    _track(track) for each in peer.publications for track in each.layers
                ),
                receives=tuple(_line(slot) for slot in peer.slots),
            )
            for peer in peers
        )
    )


def _track(track: Track) -> TrackStatistics:
    return TrackStatistics(
        kind=track.kind,
        packets=track.packets,
        bytes=track.octets,
        bitrate=track.bitrate,
        lost=track.lost,
        recovered=track.recovered,
        jitter=track.jitter / CLOCK[track.kind],
        audio_level=track.level,
    )


def _line(slot: Slot) -> LineStatistics:
    report = slot.reported
    return LineStatistics(
        kind=slot.kind,
        source=None if slot.source is None else slot.source[0],
        fraction_lost=0.0 if report is None else report.fraction_lost / 256,
        packets_lost=0 if report is None else report.packets_lost,
        jitter=0.0 if report is None else report.jitter / CLOCK[slot.kind],
        round_trip=slot.round_trip,
        resent=slot.resent,
    )
