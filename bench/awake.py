"""Keeps idle cores from halting while something is measured.

A virtual core that halts is given away by the hypervisor, and comes back late and with cold caches:
that price is the machine's, differs from one to the next, and would be added to whatever waits most
often. Linux's PM QoS (`/dev/cpu_dma_latency`, as `cyclictest` uses it) forbids it for as long as
the file is open; that takes root, and without it nothing changes.
"""

import os
import sys
from contextlib import suppress

_PM_QOS = "/dev/cpu_dma_latency"


def keep_awake() -> bool:
    """Let no core halt until this process ends; whether the system allowed it."""
    with suppress(OSError):
        held = os.open(_PM_QOS, os.O_WRONLY)  # and never closed: that would end it
        os.write(held, (0).to_bytes(4, sys.byteorder))  # microseconds that waking up may take
        return True
    print(
        "Cores may halt while idle (root could forbid it): figures will be higher.", file=sys.stderr
    )
    return False
