"""Somebody who is in no call: by whom `parley doctor` checks the media port of a running server.

The engine answers nobody whom it does not expect, so the doctor asks for a person to check as. Its
counterpart is `server/doctor/`; whoever knows this server's secret may ask, for a minute.
"""

import asyncio
import re
import secrets
from typing import Annotated, Final

from msgspec import Meta

from server.calls.media import Media, answered
from server.calls.tickets import name_in, signed
from server.clock import Clock
from server.errors import Code, Refusal
from server.protocol import Wire

CALL: Final = "doctor"
"""The engine's name for a call that is in no record."""
TICKET_S: Final = 60
OPEN_S: Final = 20.0
"""Seconds in which checks are answered."""

_CANDIDATE: Final = re.compile(r"^a=candidate:\S+ 1 (udp|tcp) \d+ (\S+) (\d+) typ host", re.M)
_OFFER: Final = "\r\n".join(
    [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=ice-ufrag:doctor",
        "a=ice-pwd:nothing-is-ever-sent-to-it",
        # Of no certificate: the checks are answered, and a handshake never succeeds.
        f"a=fingerprint:sha-256 {':'.join(['00'] * 32)}",
        "a=setup:active",
        "a=recvonly",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "",
    ]
)


class Door(Wire, frozen=True):
    """One address at which answers say that the engine is."""

    transport: str
    host: str
    port: int


class Expected(Wire, frozen=True):
    """The person as whom checks are answered, and where."""

    fragment: str
    password: str
    doors: tuple[Door, ...]


class DoctorRequest(Wire, frozen=True, kw_only=True):
    """`POST /api/doctor`: what does this server see, and whom does its engine expect?"""

    ticket: Annotated[str, Meta(max_length=200)]


class Seen(Wire, frozen=True, kw_only=True):
    """How the doctor's request came in, and as whom it may check the media port."""

    scheme: str
    peer: str
    media: Expected


class Probe:
    """Lets the operator's doctor in."""

    def __init__(self, media: Media, secret: bytes, clock: Clock) -> None:
        self._media = media
        self._secret = secret
        self._clock = clock

    async def open(self, given: str) -> Expected:
        """Expects checks from now on, for `OPEN_S`.

        Raises:
            Refusal: the ticket is not ours or not fresh, or the engine is full.
        """
        if name_in(given, self._secret, CALL, self._clock.now_ms()) is None:
            raise Refusal(Code.NOT_ALLOWED, "This is for the operator's own `parley doctor`.")
        somebody = secrets.token_hex(8)
        sdp = await answered(self._media, CALL, somebody, _OFFER, 1)
        asyncio.get_running_loop().call_later(OPEN_S, self._media.leave, CALL, somebody)
        return _expected(sdp)


def ticket(secret: bytes, now_ms: int) -> str:
    """What shows for a minute that one knows the secret of this server."""
    return signed(secret, CALL, "operator", now_ms // 1000 + TICKET_S)


def _expected(sdp: str) -> Expected:
    found = {
        name: re.search(rf"^a={name}:(\S+)", sdp, re.MULTILINE) for name in ("ice-ufrag", "ice-pwd")
    }
    fragment, password = found["ice-ufrag"], found["ice-pwd"]
    assert fragment is not None
    assert password is not None
    doors = (
        Door(transport=transport, host=host, port=int(port))
        for transport, host, port in _CANDIDATE.findall(sdp)
    )
    return Expected(fragment=fragment[1], password=password[1], doors=tuple(dict.fromkeys(doors)))
