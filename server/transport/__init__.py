"""The Socket.IO edge's machinery: frames, sockets and bounds; it knows nothing of interviews.

The ways in and out, by file: `origins` (who may open a socket at all), `engine` (the libraries'
servers, subclassed), `websocket` (bytes to messages), `connection` (the fast path, both ways),
`frames` (what goes out; when: `server/tick.py`), `thin` (what of it is lost goes out again),
`heartbeat`, `bounds` (every limit and what happens at it), `edge` (the assembly).
Counterpart: `server/gateway.py`, which gives the three callbacks.
"""

from server.transport.bounds import Rejection, TransportLimits
from server.transport.connection import Connection
from server.transport.edge import Transport
from server.transport.frames import Frame, frame_event
from server.transport.origins import (
    Proxies,
    may_connect,
    neighbourhood,
    own_scheme,
    remote_address,
)

__all__ = [
    "Connection",
    "Frame",
    "Proxies",
    "Rejection",
    "Transport",
    "TransportLimits",
    "frame_event",
    "may_connect",
    "neighbourhood",
    "own_scheme",
    "remote_address",
]
