"""The call engine's public face: offers in, answers and events out.

It forwards media between the people of a call without decoding it, over one UDP port, and knows
nothing of the application around it. Everything runs in the event loop that `start` was called
in; no method may be called from another thread. The way of a packet begins in `port`.
"""

import re
import socket
from asyncio import AbstractEventLoop, TimerHandle, get_running_loop
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from time import monotonic_ns
from typing import Final

from signaling.answer import Transport, candidates, write_answer
from signaling.call import Call
from signaling.control import ask_for_repairs, give_feedback, report_reception
from signaling.counters import Counters
from signaling.events import (
    EngineEvent,
    EngineFull,
    InvalidSdp,
    Kind,
    PeerDisconnected,
    Reason,
)
from signaling.peer import Peer
from signaling.port import Port
from signaling.sdp import Offer, parse_offer
from signaling.stats import CallStatistics, call_statistics

ROUND: Final = 0.025
"""Seconds in which everybody is served their control packets once."""
SLICES: Final = 5
"""Ticks of a round, each for another slice of the people: no packet waits for all of them."""
FEEDBACK_EVERY: Final = 4
"""Rounds between two transport-wide reports of one person."""
REPORT_EVERY: Final = 40
"""Rounds between two receiver reports of one person, and between two of their budgets: a second."""
LISTEN_EVERY: Final = 8
"""Rounds between two looks at who speaks."""
MOST_SENT: Final = 2
"""Lines of a kind on which one person sends: microphone and camera, a screen and its sound."""
CONNECT_WITHIN: Final = 30_000_000_000
"""Nanoseconds after an answer in which the browser should have connected."""

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Engine:
    """Calls, the port they share, and the clock that drives their control packets."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        announce: Sequence[str] = (),
        on_event: Callable[[EngineEvent], None],
        most_peers: int = 1_000,
        most_peers_of_a_call: int = 16,
        silent_after: float = 10.0,
    ) -> None:
        """Prepare an engine on `host` and UDP `port` (0 = any free one).

        `announce` are the addresses that answers name, the best first; without any, the address
        bound to, or the machine's own when that is a wildcard. `on_event` is called in the loop.
        `silent_after` is in seconds without anything authentic from a person.
        """
        self._host = host
        self._wanted_port = port
        self._announce = tuple(announce)
        self._on_event = on_event
        self._most_peers = most_peers
        self._most_peers_of_a_call = most_peers_of_a_call
        self._silent_after = round(silent_after * 1e9)
        self._port = Port()
        self._calls: dict[str, Call] = {}
        self._loop: AbstractEventLoop | None = None
        self._ticker: TimerHandle | None = None
        self._rounds = 0
        self._slice, self._slices = 0, 1
        """Which slice of this round is next, and of how many."""
        self._people: list[tuple[Call, Peer]] = []
        """Everybody in this round: those who were there when it began."""
        self._due = 0.0
        """When the next tick is due, in the loop's seconds."""
        self._candidates: tuple[str, ...] = ()

    @property
    def port(self) -> int:
        """The UDP port bound to; 0 before `start`."""
        return self._port.number

    @property
    def counters(self) -> Counters:
        """What was dropped, by kind."""
        return self._port.counters

    @property
    def peers(self) -> int:
        """How many people are in calls."""
        return sum(len(call.peers) for call in self._calls.values())

    async def start(self) -> None:
        """Bind the port. Raises OSError when it is taken or the address is not ours."""
        self._loop = get_running_loop()
        await self._port.open(self._loop, self._host, self._wanted_port)
        hosts = self._announce or _own_addresses(self._host)
        self._candidates = candidates([(host, self._port.number) for host in hosts])

    async def close(self) -> None:
        """End all calls and release the port."""
        for call in list(self._calls):
            self.end(call)
        self._port.close()

    # -------------------------------------------------------------------------------- offers

    def answer(
        self, call: str, peer: str, offer: str, generation: int, *, sends: bool = True
    ) -> str:
        """Answer an SDP offer: the person joins, renegotiates, restarts ICE or is replaced.

        Without `sends` the person only receives: all that the offer would send is declined, as is
        what it would send on more than `MOST_SENT` lines of a kind.

        A new certificate in the offer means a new device or a rebuilt connection: it takes the
        place of the one before. An offer older than one already answered is refused. Raises
        InvalidSdp, or EngineFull; then nothing has changed. Quick and synchronous (about 1 ms).
        """
        if not (_ID.fullmatch(call) and _ID.fullmatch(peer)):
            raise ValueError("Ids of calls and peers are 1 to 64 letters, digits, _ or -.")
        if self._loop is None:
            raise RuntimeError("The engine has not been started.")
        parsed = parse_offer(offer).sending(MOST_SENT if sends else 0)
        entered = self._calls.get(call) or Call(call, self._emit)
        before = entered.peers.get(peer)
        if before is None:
            self._require_room(entered)
        elif before.connection.pinned == parsed.fingerprints and generation < before.generation:
            raise InvalidSdp("A newer offer of this connection has been answered already.")
        codec, taken = entered.plan(peer, parsed)
        person = self._person(entered, peer, parsed)
        person.generation = generation
        person.answers += 1
        media = entered.take(person, parsed, codec, taken)
        self._calls[call] = entered
        self._run_ticker()
        return write_answer(
            person.session_id,
            person.answers,
            self._transport(person),
            media,
            mixed_extensions=parsed.mixed_extensions,
        )

    def _require_room(self, call: Call) -> None:
        if self.peers >= self._most_peers:
            raise EngineFull("This server carries as many people as it can.")
        if len(call.peers) >= self._most_peers_of_a_call:
            raise EngineFull("This call is full.")

    def _person(self, call: Call, id_: str, offer: Offer) -> Peer:
        """Whoever is there with this certificate, or a new connection in their place."""
        before = call.peers.get(id_)
        if before is not None and before.connection.pinned == offer.fingerprints:
            self._restart_ice_if_asked(before, offer)
            return before
        if before is not None:
            call.remove(before, Reason.REPLACED)
            self._port.forget(before)
        port = self._port
        peer = Peer(id_, offer, call, port.packets, port.counters, port.identity)
        port.users[peer.connection.credentials[0].ufrag] = peer
        return peer

    def _restart_ice_if_asked(self, peer: Peer, offer: Offer) -> None:
        if offer.ice_ufrag == peer.offer.ice_ufrag:
            return
        for old in peer.connection.credentials[1:]:
            self._port.users.pop(old.ufrag, None)
        peer.connection.restart()
        self._port.users[peer.connection.credentials[0].ufrag] = peer

    def _transport(self, peer: Peer) -> Transport:
        current = peer.connection.credentials[0]
        fingerprint = self._port.identity.fingerprint
        return Transport(current.ufrag, current.password, fingerprint, self._candidates)

    # ---------------------------------------------------------------------------- departures

    def leave(self, call: str, peer: str) -> None:
        """Media from and to this person stops before this returns; unknown ones are no error."""
        entered = self._calls.get(call)
        person = entered.peers.get(peer) if entered else None
        if entered is None or person is None:
            return
        entered.remove(person, Reason.LEFT)
        self._port.forget(person)
        if not entered.peers:
            del self._calls[call]

    def end(self, call: str) -> None:
        """Everybody leaves; unknown calls are no error."""
        if (ended := self._calls.get(call)) is not None:
            for peer in list(ended.peers):
                self.leave(call, peer)

    def silence(self, call: str, peer: str, kind: Kind, *, number: int = 0, silent: bool) -> None:
        """Keep what this person publishes from everybody (or let it through again).

        `number` counts what they publish of the kind: 0 for microphone and camera, 1 for a screen.
        It holds through reconnections, until the call is empty.
        """
        if (entered := self._calls.get(call)) is not None:
            entered.silence(peer, kind, number, silent=silent)

    def show(self, call: str, peer: str, source: str, height: int) -> None:
        """`peer` shows the pictures of `source` in so many pixels of height (0 = any).

        Where `source` sends simulcast, `peer` gets the smallest layer that is large enough.
        """
        if (entered := self._calls.get(call)) is not None:
            entered.show(peer, source, height)

    def statistics(self, call: str) -> CallStatistics:
        """How media flows, per person and track; empty for an unknown call."""
        entered = self._calls.get(call)
        return call_statistics(entered.peers.values() if entered else (), monotonic_ns())

    # -------------------------------------------------------------------------------- ticker

    def _run_ticker(self) -> None:
        if self._ticker is None and self._loop is not None:
            # A tick that came late is made up for, a pause of more than a round is not.
            self._due = max(self._due, self._loop.time() - ROUND) + ROUND / self._slices
            self._ticker = self._loop.call_at(self._due, self._tick)

    def _tick(self) -> None:
        """Control packets of a slice of the people; stops when there is nobody."""
        self._ticker = None
        if not self._calls:
            self._people = []
            return
        self._run_ticker()
        now = monotonic_ns()
        if self._slice == 0:
            self._begin_round(now)
        for place in range(self._slice, len(self._people), self._slices):
            call, peer = self._people[place]
            if call.peers.get(peer.id) is not peer:
                continue
            try:
                self._serve(call, peer, self._rounds + place, now)
            except Exception:  # noqa: BLE001 - one person must not end the control packets of all
                self._port.note_fault()
        self._slice = (self._slice + 1) % self._slices

    def _begin_round(self, now: int) -> None:
        self._rounds += 1
        self._people = [
            (call, peer) for call in self._calls.values() for peer in call.peers.values()
        ]
        self._slices = max(1, min(SLICES, len(self._people)))
        if self._rounds % LISTEN_EVERY == 0:
            for each in self._calls.values():
                try:
                    each.listen(now)
                except Exception:  # noqa: BLE001 - nor one call those of the others
                    self._port.note_fault()

    def _serve(self, call: Call, peer: Peer, turn: int, now: int) -> None:
        """What one person is owed in this round; `turn` spreads the rarer things over rounds."""
        if peer.is_connected:
            ask_for_repairs(peer, now)
            if turn % FEEDBACK_EVERY == 0:
                give_feedback(peer)
            if peer.is_silent and now - peer.heard <= self._silent_after:
                call.came_back(peer)
        else:
            peer.connection.run_timers()
        if turn % REPORT_EVERY == 0:
            peer.refill()
            report_reception(peer, now)
            call.adapt(peer, now)
            self._watch(call, peer, now)

    def _watch(self, call: Call, peer: Peer, now: int) -> None:
        """Tell when somebody falls silent, comes back, or never came."""
        if peer.is_connected:
            if not peer.is_silent and now - peer.heard > self._silent_after:
                call.fell_silent(peer, now)
        elif not peer.is_silent and now - peer.born > CONNECT_WITHIN:
            peer.is_silent = True
            failed = peer.connection.failures > 0
            reason = Reason.HANDSHAKE_FAILED if failed else Reason.NEVER_CONNECTED
            self._emit(PeerDisconnected(call.id, peer.id, reason))

    def _emit(self, event: EngineEvent) -> None:
        # Not at once: the handler may call the engine, which is in the middle of something.
        if self._loop is not None:
            self._loop.call_soon(self._on_event, event)


def _own_addresses(host: str) -> list[str]:
    """The addresses to name: the one bound to, or the machine's when that is a wildcard."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound to
        return [host]
    found = list(_routed_addresses(host))
    return [*found, "127.0.0.1"]


def _routed_addresses(host: str) -> Iterator[str]:
    """The source addresses that the system would use towards the outside; sends nothing."""
    probes = [(socket.AF_INET, "198.51.100.1")]
    if host == "::":
        probes.append((socket.AF_INET6, "2001:db8::1"))
    for family, beyond in probes:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((beyond, 9))
            yield str(probe.getsockname()[0])
