"""A line on which a person sends: what was answered, and the tracks that come on it.

The counterpart is `slot.Slot`, a line on which somebody else receives it.
"""

from dataclasses import dataclass, field

from signaling.answer import Chosen
from signaling.events import Kind
from signaling.rtp import ABS_SEND_TIME, AUDIO_LEVEL, TRANSPORT_CC
from signaling.sdp import OfferedMedium
from signaling.stream import Extensions
from signaling.track import Track


@dataclass(slots=True)
class Publication:
    """`number` counts the lines of its kind on which the person sends."""

    kind: Kind
    number: int
    medium: OfferedMedium
    chosen: Chosen
    ids: Extensions
    tracks: dict[str, Track] = field(default_factory=dict)
    """By rid; the only one of a line without simulcast under the empty one."""
    silenced: bool = False

    @classmethod
    def of(cls, number: int, medium: OfferedMedium, chosen: Chosen) -> "Publication":
        """The publication of an answered section."""
        ids = Extensions(
            transport_cc=chosen.extension(TRANSPORT_CC),
            audio_level=chosen.extension(AUDIO_LEVEL),
            abs_send_time=chosen.extension(ABS_SEND_TIME),
        )
        return cls(medium.media_kind, number, medium, chosen, ids)

    @property
    def layers(self) -> list[Track]:
        """Its tracks from the smallest to the largest."""
        return [self.tracks[rid] for rid in self.medium.send_rids or ("",) if rid in self.tracks]

    def repairs(self, payload_type: int) -> bool:
        """Whether this is the payload type of the line's retransmissions."""
        repair = self.chosen.retransmission
        return repair is not None and repair.payload_type == payload_type

    @property
    def types(self) -> set[int]:
        """Payload types of the media that may come on this line."""
        chosen = self.chosen
        return {each.payload_type for each in (chosen.main, chosen.redundant) if each is not None}
