"""Signed heads on their way to the readers: both sides hold the server's latest word on the record.

Signing each append would cost more than the append, so a lane's head is signed at most once in four
seconds while something is added to it, and with every snapshot.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from server.clock import Clock
from server.interview.draft import Kept
from server.interview.room import Room
from server.interview.service import Interviews
from server.interview.state import MOD
from server.protocol import SignedHead
from server.record.sign import Signer

EVERY: Final = 4.0

Tell = Callable[[str, SignedHead], None]
"""Tells the readers of a head's lane, in the interview named first."""


class Heads:
    """Signs what lanes came to; `tell` sends it on."""

    def __init__(self, interviews: Interviews, signer: Signer, clock: Clock, tell: Tell) -> None:
        self._signer = signer
        self._clock = clock
        self._tell = tell
        self._due: dict[tuple[str, str], Room] = {}
        """By interview and lane."""
        self._timer: asyncio.TimerHandle | None = None
        interviews.listen(self.kept)

    def of(self, room: Room, lanes: Iterable[str]) -> tuple[SignedHead, ...]:
        """The heads of these lanes as they stand now, signed."""
        now = self._clock.now_ms()
        return tuple(
            self._signer.sign(room.interview, lane, room.state.seqs[lane], room.hashes[lane], now)
            for lane in sorted(lanes)
            if lane in room.hashes
        )

    def kept(self, room: Room, kept: Sequence[Kept]) -> None:
        """Notes which heads to sign."""
        if not room.members:
            return
        for one in kept:
            if one.lane != MOD:
                self._due[room.interview, one.lane] = room
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY, self._sign_due)

    def close(self) -> None:
        """Signs no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _sign_due(self) -> None:
        self._timer = None
        due, self._due = self._due, {}
        for (interview, lane), room in due.items():
            for head in self.of(room, (lane,)):
                self._tell(interview, head)
