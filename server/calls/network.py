"""The network check: does a browser's sound reach the engine and come back, and how well?

Before a call, or on the page `/doctor`, a browser sends silence over each way in (UDP, TCP, each
relay) and receives it again: two people of one browser, `there` and `back`, in a call that is in no
record. Anybody may ask. What they get is bounded: a ticket that is good for two minutes and for
`MOST_WAYS` loops, each of which ends by itself, and of relays and loops at once only an address's
part. Counterpart: `web/src/network-loop.ts`.
"""

import asyncio
import hmac
import itertools
import secrets
from typing import Annotated, Final

from msgspec import Meta

from server.calls.media import Media, answered
from server.calls.tickets import name_in, signed
from server.calls.turn import Relay
from server.clock import Clock
from server.errors import Code, Refusal
from server.limits import Gcra, Rate
from server.protocol import IceServer, Sdp, Wire
from signaling import EngineEvent, PeerDisconnected, Reason

CALL: Final = "network_"
"""How the engine's names for these calls begin; no interview's id has an underscore."""
TICKET_S: Final = 120
LOOP_S: Final = 20.0
"""Seconds after which a loop ends, whatever became of it."""
MOST_LOOPS: Final = 64
"""At once, on one node."""
MOST_LOOPS_OF_AN_ADDRESS: Final = 16
"""Of those: checks of three people in one office, who try all ways at the same time."""
RELAY_NAMES: Final = 4
"""Names by which one address uses the relays. coturn bounds what each takes (`user-quota`), which
is enough for one check; a name for each visit would be no bound.
"""
MOST_WAYS: Final = 8
"""Loops for one ticket: UDP, TCP, and a few relays, some of them tried twice."""
_WAYS: Final = Rate(per_second=1 / TICKET_S, burst=MOST_WAYS)
_GENERATION: Final = 1
_PURPOSE: Final = "network"


class Visit(Wire, frozen=True, kw_only=True):
    """`POST /api/network`: what a browser may try from now on, for `TICKET_S`."""

    ticket: str
    ice_servers: tuple[IceServer, ...]


class LoopRequest(Wire, frozen=True, kw_only=True):
    """`POST /api/network/loop`: an offer that sends one line of sound, and one that receives it."""

    ticket: Annotated[str, Meta(max_length=200)]
    there: Sdp
    back: Sdp


class Loop(Wire, frozen=True, kw_only=True):
    """The answers to both offers."""

    there: str
    back: str


class NetworkCheck:
    """Lets browsers in who want to know whether a call would work."""

    def __init__(self, media: Media, relay: Relay, secret: bytes, clock: Clock) -> None:
        self._media = media
        self._relay = relay
        self._secret = secret
        self._clock = clock
        self._ways = Gcra(_WAYS)
        self._ends: dict[str, asyncio.TimerHandle] = {}
        """When each loop that goes on now ends by itself."""
        self._whose: dict[str, str] = {}
        """From which address it was opened."""
        self._visits = itertools.cycle(range(RELAY_NAMES))

    def admit(self, address: str) -> Visit:
        """Somebody may try their network; how often is bounded by whoever calls this.

        `address` is what the visitor is counted under; it is told to nobody.
        """
        now = self._clock.now_ms()
        whose = hmac.digest(self._secret, f"address {address}".encode(), "sha256").hex()[:16]
        name = f"{whose}-{next(self._visits)}"
        return Visit(
            ticket=signed(self._secret, _PURPOSE, secrets.token_hex(8), now // 1000 + TICKET_S),
            ice_servers=self._relay.servers("network", name, now, lifetime_s=TICKET_S),
        )

    async def loop(self, asked: LoopRequest, address: str) -> Loop:
        """Opens one loop, for `LOOP_S` at most.

        Raises:
            Refusal: the ticket is not ours, not fresh or used up, an offer cannot be used, or
                there is no room.
        """
        self._admitted(asked.ticket)
        own = sum(whose == address for whose in self._whose.values())
        if len(self._ends) >= MOST_LOOPS or own >= MOST_LOOPS_OF_AN_ADDRESS:
            raise Refusal(Code.CALLS_FULL, "The server is too busy for this check. Try again soon.")
        call = CALL + secrets.token_hex(8)
        self._whose[call] = address
        self._ends[call] = asyncio.get_running_loop().call_later(LOOP_S, self._end, call)
        try:
            there = await answered(self._media, call, "there", asked.there, _GENERATION)
            back = await answered(self._media, call, "back", asked.back, _GENERATION, sends=False)
        except Refusal:
            self._end(call)
            raise
        return Loop(there=there, back=back)

    def happened(self, event: EngineEvent) -> bool:
        """Hears the engine; whether the event was about a loop."""
        if not event.call.startswith(CALL):
            return False
        if isinstance(event, PeerDisconnected) and event.reason is not Reason.SILENT:
            self._end(event.call)
        return True

    def close(self) -> None:
        """Ends all loops."""
        for call in list(self._ends):
            self._end(call)

    def _end(self, call: str) -> None:
        timer = self._ends.pop(call, None)
        if timer is not None:
            timer.cancel()
            del self._whose[call]
            self._media.end(call)

    def _admitted(self, ticket: str) -> None:
        nonce = name_in(ticket, self._secret, _PURPOSE, self._clock.now_ms())
        if nonce is None:
            raise Refusal(Code.NOT_ALLOWED, "This check has taken too long. Start it again.")
        if self._ways.take(nonce, self._clock.monotonic()):
            raise Refusal(Code.NOT_ALLOWED, "This check has tried every way. Start it again.")
