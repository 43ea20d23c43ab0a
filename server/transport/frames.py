"""What goes out: whole WebSocket frames (RFC 6455, section 5.2), ready for `transport.write`.

A message to many is encoded once. Text frames hold Engine.IO 4 packets (first digit), those of type
4 (message) a Socket.IO 5 packet (second digit). Server frames are neither masked nor compressed:
permessage-deflate would cost 132 kB per idle browser socket.
"""

import struct
from typing import Final, NewType

import msgspec
from aiohttp import WSCloseCode

from server.errors import Code
from server.protocol import Refused

Frame = NewType("Frame", bytes)
"""The bytes of one WebSocket frame."""

_FIN_TEXT: Final = 0x81
_FIN_CLOSE: Final = 0x88
_FIN_PONG: Final = 0x8A
_short_header: Final = struct.Struct("!BB").pack
_medium_header: Final = struct.Struct("!BBH").pack
_long_header: Final = struct.Struct("!BBQ").pack
_encode: Final = msgspec.json.Encoder().encode


def frame_text(payload: bytes) -> Frame:
    """Return `payload` (UTF-8) as one text frame."""
    size = len(payload)
    if size < 126:
        return Frame(_short_header(_FIN_TEXT, size) + payload)
    if size < 65_536:
        return Frame(_medium_header(_FIN_TEXT, 126, size) + payload)
    return Frame(_long_header(_FIN_TEXT, 127, size) + payload)


def frame_event(name: str, payload: bytes) -> Frame:
    """Return the event `name` with one argument, whose JSON is `payload`: made once for many.

    Names are ours, and hold nothing that JSON would escape.
    """
    return frame_text(b'42["%b",%b]' % (name.encode(), payload))


def frame_ack(ack_id: int, payload: bytes) -> Frame:
    """Return the acknowledgement of event `ack_id`; `payload` is the JSON of its one argument."""
    return frame_text(b"43%d[%b]" % (ack_id, payload))


def frame_refusal(ack_id: int, code: Code, message: str, retry_after_ms: int = 0) -> Frame:
    """Return the acknowledgement that refuses event `ack_id`."""
    refused = Refused(code=code.value, message=message, retry_after_ms=retry_after_ms)
    return frame_ack(ack_id, _encode(refused))


def frame_close(code: WSCloseCode, reason: str) -> Frame:
    """Return a closing frame; the reason is cut to what a control frame holds (123 bytes)."""
    payload = code.to_bytes(2, "big") + reason.encode()[:123]
    return Frame(_short_header(_FIN_CLOSE, len(payload)) + payload)


def frame_pong(payload: bytes) -> Frame:
    """Return the answer to a WebSocket ping (not to be confused with Engine.IO's own)."""
    return Frame(_short_header(_FIN_PONG, len(payload)) + payload)


PING: Final = frame_text(b"2")
"""Engine.IO's heartbeat, which the client answers with `3`."""
DISCONNECT: Final = frame_text(b"41")
"""Tells Socket.IO clients not to connect again by themselves."""
