"""TCP for few words: on a line that loses packets, what is lost is sent again soon.

Ordinarily each loss of the same packet doubles the wait before the next attempt, to 12 s and more
once some six are lost. Where a stream has less than four packets under way, that protects nobody:
Linux can retry six times at the same pace first. `docs/calls-in-the-browser.md` has what it is
worth.
"""

import asyncio
import socket
import sys
from contextlib import suppress
from typing import Final

_TCP_THIN_LINEAR_TIMEOUTS: Final = 16
"""Linux: include/uapi/linux/tcp.h, Documentation/networking/tcp-thin.rst."""
_CONGESTION_NAME_MAX: Final = 16
_LOSS_BASED: Final = b"reno"
"""Every Linux has it, and lets everybody use it."""


def retry_soon(wire: asyncio.BaseTransport) -> None:
    """Let what this connection sends be sent again soon, as far as the system can do that."""
    connection: socket.socket | None = wire.get_extra_info("socket")
    if sys.platform != "linux" or connection is None:
        return
    with suppress(OSError):  # a connection that is gone already, or a kernel that differs
        connection.setsockopt(socket.IPPROTO_TCP, _TCP_THIN_LINEAR_TIMEOUTS, 1)
        name = connection.getsockopt(
            socket.IPPROTO_TCP, socket.TCP_CONGESTION, _CONGESTION_NAME_MAX
        )
        if name.startswith(b"bbr"):  # it never leaves what Linux takes for a slow start
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, _LOSS_BASED)
