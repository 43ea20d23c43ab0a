"""Rate limits: the generic cell rate algorithm (GCRA, ITU-T I.371), in memory.

An `Allowance` bounds one thing that somebody already holds, such as a socket; `Gcra` is a bounded
table of allowances for keys that come from outside, such as addresses.
"""

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

from server.errors import Code, Refusal

# A caller told to come back after n milliseconds must be admitted then, whatever floating point
# makes of the sum.
_EPSILON_S = 1e-6


@dataclass(frozen=True, slots=True)
class Rate:
    """So many cells a second in the long run, and so many at once."""

    per_second: float
    burst: int
    interval: float = field(init=False)
    """Seconds that one cell is worth."""
    tolerance: float = field(init=False)
    """Seconds by which a cell may come early."""

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError("A rate needs a positive frequency and a burst of at least one.")
        object.__setattr__(self, "interval", 1.0 / self.per_second)
        object.__setattr__(self, "tolerance", self.interval * (self.burst - 1) + _EPSILON_S)


class Allowance:
    """What one key may still do. 56 bytes, two comparisons per take."""

    __slots__ = ("_full_at", "_interval", "_tolerance")

    def __init__(self, rate: Rate) -> None:
        self._interval = rate.interval
        self._tolerance = rate.tolerance
        self._full_at = -math.inf

    def take(self, now: float, cells: int = 1) -> int:
        """Take cells, no more than a burst has, at `now` (monotonic seconds).

        Returns 0 when they are admitted, else the milliseconds (at least 1) after which they would
        be; none is taken then.
        """
        theoretical = self._full_at if self._full_at > now else now
        last = theoretical + self._interval * (cells - 1)
        early = last - now - self._tolerance
        if early > 0:
            return math.ceil(early * 1000)
        self._full_at = last + self._interval
        return 0

    def give_back(self) -> None:
        """Undo the last take of one cell: it was not for what is bounded."""
        self._full_at -= self._interval


class Gcra:
    """Allowances by key, for at most `keys` keys.

    When the table is full, the key that was not used for longest is forgotten, and starts afresh
    should it return: a flood of new keys costs no memory, and a key in use keeps its bound.
    """

    def __init__(self, rate: Rate, *, keys: int = 10_000) -> None:
        self._rate = rate
        self._keys = keys
        self._table: OrderedDict[Hashable, Allowance] = OrderedDict()

    def __len__(self) -> int:
        return len(self._table)

    def take(self, key: Hashable, now: float) -> int:
        """Take one cell of `key`; see `Allowance.take`."""
        return self.of(key).take(now)

    def require(self, key: Hashable, now: float) -> None:
        """As `take`, for people. Raises `Refusal`, with the time after which to try again."""
        wait = self.take(key, now)
        if wait:
            seconds = wait // 1000 + 1
            raise Refusal(
                Code.TOO_MANY, f"Too many attempts. Try again in {seconds} s.", retryAfterMs=wait
            )

    def of(self, key: Hashable) -> Allowance:
        """Return the allowance of `key`, for somebody who keeps it at hand."""
        allowance = self._table.get(key)
        if allowance is None:
            if len(self._table) >= self._keys:
                self._table.popitem(last=False)
            allowance = self._table[key] = Allowance(self._rate)
        else:
            self._table.move_to_end(key)
        return allowance
