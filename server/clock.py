"""Time: wall time for stamps that people read, monotonic time for everything that is measured.

Nothing about order, rights or resumption may hang on wall time: it jumps.
"""

import time


class Clock:
    """The system's time. A test passes a subclass whose time it moves itself."""

    def now_ms(self) -> int:
        """Return the wall clock in milliseconds since 1970 (UTC), for stamps in records only."""
        return time.time_ns() // 1_000_000

    monotonic = staticmethod(time.monotonic)
    """Returns seconds since an arbitrary moment; never goes backwards."""
