"""Calls over several nodes: sockets are anywhere, the media of a call is on one node.

The first offer of a call makes its node the carrier; offers that reach another node are passed on
to it, and the answers come back. Who does not answer is replaced: the next number fences it off
(`lease.py`), and everybody is told to build their media anew. Counterpart: `service.py`.
"""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Final
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
import structlog

from server.bus import Bus, NodeGone
from server.calls.lease import Lease, Leases
from server.calls.service import Calls, own_call, rebuild
from server.errors import Code, Refusal
from server.interview.draft import Kept
from server.interview.room import Room, internal
from server.interview.service import Interviews, unreachable
from server.interview.state import SHARED
from server.protocol import (
    Answer,
    CallEnded,
    CallJoined,
    CallLeft,
    CallPhase,
    OfferCall,
    Renegotiate,
    TellHearing,
)
from server.storage import StoreError
from server.tasks import cancel, spawn

log = structlog.get_logger(__name__)

WATCH_EVERY: Final = 1.0
"""Seconds between two looks whether the nodes that carry media of people here still listen."""
ASK_EVERY: Final = 5
"""Looks between two questions to each of them: one may listen and yet not move."""
HAND_OVER_WITHIN: Final = 2.0
TRIES: Final = 3

Tell = Callable[[str, str, Renegotiate], None]


class PassedOffer(msgspec.Struct, frozen=True, tag=True):
    """An offer on its way to the carrier; `after` is the shared seq that allowed it."""

    interview: str
    call: int
    seat: str
    after: int
    offer: OfferCall


class PassedShow(msgspec.Struct, frozen=True, tag=True):
    """How large somebody in a call draws another's pictures, on its way to the carrier."""

    interview: str
    seat: str
    source: str
    height: int


class NotHere(msgspec.Struct, frozen=True, tag=True):
    """The node that was asked does not carry this call (any more)."""


class Answered(msgspec.Struct, frozen=True, tag=True):
    """The carrier's answer."""

    answer: Answer


class RefusedThere(msgspec.Struct, frozen=True, tag=True):
    """The carrier refused the offer."""

    code: str
    message: str


_encode: Final = msgspec.msgpack.Encoder().encode
_passed: Final[msgspec.msgpack.Decoder[PassedOffer | PassedShow]] = msgspec.msgpack.Decoder(
    PassedOffer | PassedShow
)
_reply: Final[msgspec.msgpack.Decoder[NotHere | Answered | RefusedThere]] = msgspec.msgpack.Decoder(
    NotHere | Answered | RefusedThere
)


class Carriers:
    """Who carries the calls of the people on this node.

    `tell_here` reaches a seat's connections on this node, `tell_elsewhere` those on all others.
    """

    def __init__(
        self,
        bus: Bus,
        leases: Leases,
        interviews: Interviews,
        calls: Calls,
        *,
        tell_here: Tell,
        tell_elsewhere: Tell,
    ) -> None:
        self._bus = bus
        self._leases = leases
        self._interviews = interviews
        self._calls = calls
        self._tell_here = tell_here
        self._tell_elsewhere = tell_elsewhere
        self._known: WeakKeyDictionary[Room, Lease] = WeakKeyDictionary()
        """Calls of people here that another node carries, while their rooms are at hand."""
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """One offer at a time for each call, so that nobody is asked before they know."""
        self._watcher: asyncio.Task[None] | None = None
        interviews.follow((CallJoined, CallLeft, CallEnded), self._follow)

    @property
    def watched(self) -> set[str]:
        """The nodes that carry calls of people here."""
        return {lease.node for lease in self._known.values()}

    async def start(self) -> None:
        """Answer other nodes, and notice when one is gone."""
        await self._bus.serve(self._serve)
        self._watcher = spawn(self._watch(), name="watch carriers")

    async def stop(self) -> None:
        """Notice nothing any more."""
        if self._watcher is not None:
            await cancel(self._watcher)

    # ------------------------------------------------------------ people here

    async def offer(self, room: Room, seat: str, offer: OfferCall) -> Answer:
        """Answers somebody's offer, here or where their call is. Raises `Refusal`."""
        async with self._lock(room.interview):
            try:
                return await self._placed(room, seat, offer)
            except StoreError as error:
                raise unreachable(error) from error

    def show(self, room: Room, seat: str, signal: TellHearing) -> None:
        """Passes on how large somebody here draws another's pictures, if the call is elsewhere."""
        lease = self._known.get(room)
        if lease is not None and signal.shown is not None:
            passed = PassedShow(room.interview, seat, signal.seat, signal.shown)
            _ = spawn(self._pass_show(lease.node, passed), name="pass on a height")

    async def _pass_show(self, node: str, passed: PassedShow) -> None:
        # It is told again every second; whether that node lives is watched elsewhere.
        with suppress(NodeGone, StoreError):
            await self._bus.ask(node, _encode(passed))

    def arrived(self, room: Room, seat: str) -> None:
        """Somebody connected: their call may be on another node, or on none any more."""
        call = room.state.live_call()
        if call is None or call.phase is not CallPhase.ACTIVE:
            return
        if any(person.seat == seat for person in call.people):
            _ = spawn(self._find(room, call.call, seat), name="find carrier")

    def _follow(self, room: Room, kept: Kept) -> None:
        """A higher number means that the media is elsewhere now."""
        match kept.event:
            case CallJoined(fence=fence) | CallLeft(fence=fence):
                self._heed(room, fence)
            case _:
                self._known.pop(room, None)

    def _heed(self, room: Room, fence: int) -> None:
        call = room.state.live_call()
        if call is None:
            return
        carried = self._calls.fence_of(room.interview, call.call)
        known = self._known.get(room)
        if carried is not None and fence > carried:
            self._calls.drop(room)
        elif known is not None and fence > known.fence:
            del self._known[room]
        else:
            return
        self._rebuild(room, self._tell_here)

    async def hand_over(self) -> None:
        """Before this node stops: whoever gets the next offer of a call carries it."""
        carried = self._calls.let_go()
        try:
            async with asyncio.timeout(HAND_OVER_WITHIN):
                for room, fence in carried:
                    await self._leases.release(room.interview, fence)
                    self._rebuild(room, self._tell_elsewhere)
        except (StoreError, TimeoutError) as error:
            log.warning("calls.not_handed_over", reason=str(error))

    def _lock(self, interview: str) -> asyncio.Lock:
        return self._locks.setdefault(interview, asyncio.Lock())

    async def _placed(self, room: Room, seat: str, offer: OfferCall) -> Answer:
        call = own_call(room, seat)
        fence = self._calls.fence_of(room.interview, call.call)
        if fence is not None:
            return await self._calls.offer(room, seat, offer, fence)
        lease = self._known.get(room)
        if lease is None or lease.call != call.call:
            lease = await self._leases.claim(room.interview, call.call, self._bus.node)
        for _ in range(TRIES):
            if lease.node == self._bus.node:
                self._known.pop(room, None)
                return await self._calls.offer(room, seat, offer, lease.fence)
            try:
                answer = await self._pass_on(lease, room, seat, offer)
            except NodeGone as gone:
                log.warning("carrier.gone", interview=room.interview, reason=str(gone))
                lease = await self._leases.claim(
                    room.interview, call.call, self._bus.node, instead_of=lease.fence
                )
                self._rebuild(room, self._tell_here, but=seat)
            else:
                self._known[room] = lease
                return answer
        raise Refusal(Code.BUSY, "The call is moving to another server. Try again.")

    async def _pass_on(self, lease: Lease, room: Room, seat: str, offer: OfferCall) -> Answer:
        after = room.state.seqs[SHARED]
        question = PassedOffer(room.interview, lease.call, seat, after, offer)
        match _reply.decode(await self._bus.ask(lease.node, _encode(question))):
            case Answered(answer):
                return answer
            case RefusedThere(code, message):
                raise Refusal(Code(code), message)
            case NotHere():
                raise NodeGone(f"Node {lease.node} does not carry this call.")

    async def _find(self, room: Room, call: int, seat: str) -> None:
        try:
            lease = await self._leases.find(room.interview)
        except StoreError:
            return
        if lease is None or lease.call != call or lease.node == self._bus.node:
            return
        if lease.node:
            self._known[room] = lease
        else:
            self._tell_here(room.interview, seat, rebuild(room, seat))

    def _rebuild(self, room: Room, tell: Tell, *, but: str = "") -> None:
        call = room.state.live_call()
        for person in call.people if call is not None else ():
            if person.seat != but:
                tell(room.interview, person.seat, rebuild(room, person.seat))

    # ------------------------------------------------------------ other nodes

    async def _watch(self) -> None:
        for look in itertools.count(1):
            await asyncio.sleep(WATCH_EVERY)
            nodes = self.watched
            try:
                gone = await self._bus.deaf(nodes)
            except StoreError:
                continue  # they may be well: media does not need the store
            if look % ASK_EVERY == 0:
                gone |= {node for node in nodes - gone if not await self._moves(node)}
            self._lost(gone)

    async def _moves(self, node: str) -> bool:
        try:
            await self._bus.ask(node, b"")
        except NodeGone:
            return False
        except StoreError:
            return True  # as above
        return True

    def _lost(self, nodes: set[str]) -> None:
        """The next offers of their calls find out who carries them now."""
        for room in [room for room, lease in self._known.items() if lease.node in nodes]:
            del self._known[room]
            self._rebuild(room, self._tell_here)

    async def _serve(self, question: bytes) -> bytes:
        """Answers another node; an empty question asks whether anybody is there."""
        if not question:
            return b""
        try:
            match _passed.decode(question):
                case PassedOffer() as passed:
                    return _encode(await self._answer(passed))
                case PassedShow(interview, seat, source, height):
                    room = await self._interviews.room(interview)
                    self._calls.show(room, seat, source, height)
                    return b""
        except Refusal as refusal:
            return _encode(RefusedThere(refusal.code, refusal.message))
        except Exception:
            log.exception("carrier.failed")
            fault = internal("see the log of the node that carries the call")
            return _encode(RefusedThere(fault.code, fault.message))

    async def _answer(self, passed: PassedOffer) -> NotHere | Answered:
        async with self._lock(passed.interview):
            fence = self._calls.fence_of(passed.interview, passed.call)
            if fence is None:
                return NotHere()
            room = await self._interviews.room(passed.interview)
            if room.state.seqs[SHARED] < passed.after:
                room.stale()
                room = await self._interviews.room(passed.interview)
            return Answered(await self._calls.offer(room, passed.seat, passed.offer, fence))
