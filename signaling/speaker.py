"""Who speaks: chosen from the audio levels that browsers write into their packets (RFC 6464)."""

from collections.abc import Mapping
from typing import Final

AUDIBLE: Final = 50
"""Louder than -50 dBov is speech; a quiet room is at about -60."""
LOUDER_BY: Final = 6
"""dB by which somebody must exceed the current speaker to take over at once."""
HOLD: Final = 1_000_000_000
"""Nanoseconds of silence in which the last speaker stays the speaker: people breathe."""


class ActiveSpeaker:
    """The choice, from sample to sample."""

    def __init__(self) -> None:
        self.current: str | None = None
        self._heard = 0

    def choose(self, levels: Mapping[str, int], now: int) -> bool:
        """Take a sample of everybody's level (-dBov) at `now` (ns); whether the choice changed."""
        loudest = min(levels, key=levels.__getitem__, default=None)
        level = 127 if loudest is None else levels[loudest]
        current = 127 if self.current is None else levels.get(self.current, 127)
        if current < AUDIBLE:
            self._heard = now
        before = self.current
        if level < AUDIBLE and (current >= AUDIBLE or level + LOUDER_BY <= current):
            self.current, self._heard = loudest, now
        elif current >= AUDIBLE and now - self._heard > HOLD:
            self.current = None
        return self.current != before
