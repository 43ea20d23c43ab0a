"""What is told and forgotten: presence, typing, and how far everybody has received and read.

Marks alone are written down, as one high-water mark per person; nothing here enters the record.
Other nodes' words come in by `hear`; counterpart: `server/interview/whispers.py`.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from server.clock import Clock
from server.protocol import Mark, PresenceState

AWAY_AFTER: Final = 30.0
"""Seconds of silence after which somebody is away, and of absence after which they are offline."""
WORD_LASTS: Final = 30.0
"""Seconds after which another node's word is forgotten, unless it was said again."""
MARK_EVERY: Final = 1.0

# A name of its own: an enum's attribute is slow to look up.
_ONLINE: Final = PresenceState.ONLINE
_NEARNESS: Final = (PresenceState.OFFLINE, PresenceState.AWAY, _ONLINE)


class _Seat:
    __slots__ = ("active_at", "connections", "mark", "mark_timer", "state", "timer", "told")

    def __init__(self) -> None:
        self.connections = 0
        self.active_at = 0.0
        self.state = PresenceState.OFFLINE
        """As this node sees it."""
        self.told = PresenceState.OFFLINE
        """As all nodes together see it."""
        self.timer: asyncio.TimerHandle | None = None
        self.mark = Mark()
        self.mark_timer: asyncio.TimerHandle | None = None


class _Word:
    __slots__ = ("seats", "timer")

    def __init__(self, seats: Mapping[str, PresenceState], timer: asyncio.TimerHandle) -> None:
        self.seats = seats
        self.timer = timer


class Ephemera:
    """The people of one live interview: as this node sees them, and what other nodes say.

    `presence_told` hears how somebody is, all words joined; `seen` that this node sees somebody
    differently; `mark_told` of marks that were moved here.
    """

    def __init__(
        self,
        clock: Clock,
        presence_told: Callable[[str, PresenceState], None],
        mark_told: Callable[[str, Mark], None],
        seen: Callable[[], None] = lambda: None,
        *,
        away_after: float = AWAY_AFTER,
        word_lasts: float = WORD_LASTS,
    ) -> None:
        self._away_after = away_after
        self._word_lasts = word_lasts
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._presence_told = presence_told
        self._mark_told = mark_told
        self._seen = seen
        self._seats: dict[str, _Seat] = {}
        self._words: dict[str, _Word] = {}

    @property
    def presence(self) -> dict[str, PresenceState]:
        return {seat: known.told for seat, known in self._seats.items()}

    @property
    def seen_here(self) -> dict[str, PresenceState]:
        """Who is here or was a moment ago, as this node sees it."""
        away = PresenceState.OFFLINE
        return {seat: known.state for seat, known in self._seats.items() if known.state is not away}

    @property
    def marks(self) -> dict[str, Mark]:
        return {seat: known.mark for seat, known in self._seats.items()}

    def recall(self, seat: str, mark: Mark) -> None:
        """Takes in a stored mark, or another node's; never lowers one."""
        known = self._seat(seat)
        known.mark = _higher(known.mark, mark)

    def hear(self, node: str, seats: Mapping[str, PresenceState]) -> bool:
        """Takes in whom another node sees; returns whether that node is new here."""
        before = self._words.get(node)
        if before is not None:
            before.timer.cancel()
        timer = self._loop.call_later(self._word_lasts, self._forget, node)
        self._words[node] = _Word(seats, timer)
        for seat in {*seats, *(before.seats if before is not None else ())}:
            self._join(seat, self._seat(seat))
        return before is None

    def arrive(self, seat: str) -> None:
        """One more connection of this seat."""
        self._seat(seat).connections += 1
        self.active(seat)

    def leave(self, seat: str) -> None:
        """One connection fewer; without any, away at once and offline 30 s later."""
        known = self._seat(seat)
        known.connections -= 1
        if not known.connections:
            known.active_at = self._clock.monotonic()
            self._set(seat, known, PresenceState.AWAY)
            self._watch(seat, known, self._away_after)

    def active(self, seat: str) -> None:
        """A sign of life."""
        known = self._seats.get(seat) or self._seat(seat)
        known.active_at = self._clock.monotonic()
        if known.state is not _ONLINE and known.connections:
            self._set(seat, known, _ONLINE)
        if known.timer is None:
            self._watch(seat, known, self._away_after)

    def mark(self, seat: str, mark: Mark) -> None:
        """Moves somebody's marks forward; told and kept at most once a second."""
        known = self._seat(seat)
        higher = _higher(known.mark, mark)
        if higher == known.mark:
            return
        known.mark = higher
        if known.mark_timer is None:
            known.mark_timer = self._loop.call_later(MARK_EVERY, self._mark_due, seat, known)
            self._mark_told(seat, higher)

    def close(self) -> None:
        """Stops all timers; what waits to be told is told now."""
        for word in self._words.values():
            word.timer.cancel()
        for seat, known in self._seats.items():
            if known.timer is not None:
                known.timer.cancel()
            if known.mark_timer is not None:
                known.mark_timer.cancel()
                self._mark_told(seat, known.mark)

    def _mark_due(self, seat: str, known: _Seat) -> None:
        known.mark_timer = None
        self._mark_told(seat, known.mark)

    def _seat(self, seat: str) -> _Seat:
        known = self._seats.get(seat)
        if known is None:
            known = self._seats[seat] = _Seat()
        return known

    def _set(self, seat: str, known: _Seat, state: PresenceState) -> None:
        if known.state is not state:
            known.state = state
            self._join(seat, known)
            self._seen()

    def _join(self, seat: str, known: _Seat) -> None:
        """The nearest of what all nodes say is how somebody is."""
        words = (word.seats.get(seat, PresenceState.OFFLINE) for word in self._words.values())
        joined = max(known.state, *words, key=_NEARNESS.index) if self._words else known.state
        if joined is not known.told:
            known.told = joined
            self._presence_told(seat, joined)

    def _forget(self, node: str) -> None:
        for seat in self._words.pop(node).seats:
            self._join(seat, self._seat(seat))

    def _watch(self, seat: str, known: _Seat, delay: float) -> None:
        if known.timer is not None:
            known.timer.cancel()
        known.timer = self._loop.call_later(delay, self._look, seat, known)

    def _look(self, seat: str, known: _Seat) -> None:
        """Half a minute may have passed in silence; if not, looks again when it will have."""
        known.timer = None
        left = known.active_at + self._away_after - self._clock.monotonic()
        if left > 0:
            self._watch(seat, known, left)
        else:
            gone = PresenceState.AWAY if known.connections else PresenceState.OFFLINE
            self._set(seat, known, gone)


def _higher(old: Mark, new: Mark) -> Mark:
    return Mark(delivered=max(old.delivered, new.delivered), read=max(old.read, new.read))
