"""The bridge between the record and the call engine: media follows what the record says.

The record says that a call rings, goes on, is over (`server/calls/rules.py`); `signaling/` carries
the media of those who are in it, and what it sees becomes `call:joined` and `call:left`.
"""

import asyncio
import secrets
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from server.calls.intents import may_send
from server.calls.media import Media, answered
from server.calls.rules import RINGS_MS, ExpireCall, NoteConnection, in_call, knocks
from server.calls.turn import Relay
from server.clock import Clock
from server.errors import Code, Refusal
from server.interview.draft import Kept
from server.interview.room import Room
from server.interview.service import Interviews
from server.interview.state import SYSTEM, Actor, Interview
from server.protocol import (
    Admitted,
    Answer,
    Call,
    CallAccepted,
    CallDeparted,
    CallEnded,
    CallLeft,
    CallMuted,
    CallPhase,
    CallRang,
    FormatChanged,
    IceServers,
    MediaSet,
    OfferCall,
    PersonRemoved,
    Renegotiate,
    Role,
    Screen,
    Source,
)
from signaling import (
    EngineEvent,
    Kind,
    PeerConnected,
    PeerDisconnected,
    Reason,
    TracksChanged,
)

log = structlog.get_logger(__name__)

LOST_AFTER: Final = 60.0
"""Seconds after which an active call is looked at, and is over where nobody is connected in it or
one person is alone (`rules.expire`)."""

_LINES: Final[dict[Source, tuple[tuple[Kind, int], ...]]] = {
    Source.MICROPHONE: ((Kind.AUDIO, 0),),
    Source.CAMERA: ((Kind.VIDEO, 0),),
    Source.SCREEN: ((Kind.VIDEO, 1), (Kind.AUDIO, 1)),
}
"""What the engine knows each source as: the kind, and the how-manieth of it."""

_SYSTEM: Final = Actor(person=SYSTEM, role=Role.SYSTEM)
_FOLLOWED: Final = (
    *(CallRang, CallAccepted, Admitted, CallLeft, CallEnded, CallDeparted),
    *(PersonRemoved, MediaSet, CallMuted, FormatChanged),
)

Tell = Callable[[str, str, Renegotiate], None]
"""Tells one seat of an interview: (interview, seat, message)."""


class _Carried(msgspec.Struct, frozen=True):
    room: Room
    call: int
    fence: int


class Calls:
    """Who is in which call on this node's engine."""

    def __init__(
        self, media: Media, interviews: Interviews, tell: Tell, relay: Relay, clock: Clock
    ) -> None:
        self._media = media
        self._interviews = interviews
        self._tell = tell
        self._relay = relay
        self._clock = clock
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._carried: dict[str, _Carried] = {}
        interviews.follow(_FOLLOWED, self._follow)

    async def offer(self, room: Room, seat: str, offer: OfferCall, fence: int = 0) -> Answer:
        """Answers somebody's SDP offer for the active call, which this node carries from now on.

        `fence` is the number of this node's lease, where there are several nodes.

        Raises:
            Refusal: there is no such call, or the offer is no usable SDP.
        """
        call = own_call(room, seat)
        media = media_name(room.interview, call.call)
        sends = _speaks(room.state, seat)
        sdp = await answered(self._media, media, seat, offer.sdp, offer.generation, sends=sends)
        try:
            own_call(room, seat)  # which may be over since a worker was asked
        except Refusal:
            self._media.leave(media, seat)
            raise
        self._carry(room, call, fence)
        self._keep_back(room, seat)
        return Answer(ok=True, generation=offer.generation, sdp=sdp)

    def show(self, room: Room, seat: str, source: str, height: int) -> bool:
        """Somebody draws the pictures of `source` in so many pixels of height; 0: not at all.

        Whether this node carries the call; if not, nothing has happened.
        """
        call = room.state.call
        if call is None or self.fence_of(room.interview, call.call) is None:
            return False
        # To the engine, no height is any height; the smallest size is the nearest to none.
        self._media.show(media_name(room.interview, call.call), seat, source, max(1, height))
        return True

    def fence_of(self, interview: str, call: int) -> int | None:
        """The number under which this node carries this call; None if it does not."""
        carried = self._carried.get(interview)
        return carried.fence if carried is not None and carried.call == call else None

    def let_go(self) -> list[tuple[Room, int]]:
        """Media flows on for the moment, but others may carry it: the calls and their numbers."""
        carried, self._carried = self._carried, {}
        return [(one.room, one.fence) for one in carried.values()]

    def servers(self, room: Room, seat: str) -> IceServers:
        """The relays for somebody in the active call; nobody else may use them.

        Raises:
            Refusal: there is no such call.
        """
        own_call(room, seat)
        servers = self._relay.servers(room.interview, seat, self._clock.now_ms())
        return IceServers(ok=True, ice_servers=servers)

    def watch(self, room: Room) -> None:
        """Somebody looks at an interview: a call that a stopped server left behind must end too."""
        call = room.state.live_call()
        if call is not None and room.interview not in self._timers:
            self._expire_later(room.interview, call)

    def _watch_anew(self, room: Room) -> None:
        """Something changed in the live call, if any: it has its time again."""
        call = room.state.live_call()
        if call is not None:
            self._expire_later(room.interview, call)

    def leave(self, room: Room, seat: str) -> None:
        """Stops the media of somebody who may not take part any more."""
        call = room.state.call
        if call is not None:
            self._media.leave(media_name(room.interview, call.call), seat)

    def _follow(self, room: Room, kept: Kept) -> None:
        match kept.event:
            case CallRang() | CallAccepted() | Admitted() | CallLeft():
                self._watch_anew(room)
            case CallEnded():
                self._over(room)
            case CallDeparted(seat=seat) | PersonRemoved(seat=seat):
                self.leave(room, seat)
                self._watch_anew(room)
            case MediaSet(by=seat) | CallMuted(seat=seat):
                self._keep_back(room, seat)
            case FormatChanged():
                for seat in room.state.people:
                    self._keep_back(room, seat)
            case _:
                pass

    def _keep_back(self, room: Room, seat: str) -> None:
        """What somebody may not send now goes to nobody; the rest does."""
        call = room.state.live_call()
        mine = in_call(call, seat)
        if call is None or mine is None:
            return
        media = media_name(room.interview, call.call)
        for source, lines in _LINES.items():
            silent = not may_send(call, mine, source)
            for kind, number in lines:
                self._media.silence(media, seat, kind, number=number, silent=silent)

    def happened(self, event: EngineEvent) -> None:
        """Hears the engine."""
        match event:
            case PeerConnected():
                self._note(event.call, event.peer, connected=True)
            case PeerDisconnected():
                self._note(event.call, event.peer, connected=False)
                interview, _ = _record_name(event.call)
                carried = self._carried.get(interview)
                if event.reason is Reason.WORKER_LOST and carried is not None:
                    self._tell(interview, event.peer, rebuild(carried.room, event.peer))
            case TracksChanged():
                interview, _ = _record_name(event.call)
                lines = Renegotiate(rebuild=False, audio=event.audio, video=event.video)
                self._tell(interview, event.peer, lines)
            case _:
                pass

    def drop(self, room: Room) -> None:
        """Carries this interview's call no more, if it did: its media stops."""
        carried = self._carried.pop(room.interview, None)
        if carried is not None:
            carried.room.members -= 1
            self._media.end(media_name(room.interview, carried.call))

    def close(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _carry(self, room: Room, call: Call, fence: int) -> None:
        if self.fence_of(room.interview, call.call) is not None:
            return
        self.drop(room)
        room.members += 1  # what the record says of the call must reach its carrier
        self._carried[room.interview] = _Carried(room, call.call, fence)
        for person in call.people:
            if person.connected:  # to a node that is gone, or was this one before it stopped
                self._note(media_name(room.interview, call.call), person.seat, connected=False)

    def _note(self, media: str, seat: str, *, connected: bool) -> None:
        interview, call = _record_name(media)
        fence = self.fence_of(interview, call)
        if fence is None:
            return  # another node has the word now
        command = NoteConnection(
            id=secrets.token_urlsafe(9),
            call=call,
            seat=seat,
            connected=connected,
            fence=fence,
        )
        self._interviews.submit(interview, _SYSTEM, command, _log_refusal)

    def _over(self, room: Room) -> None:
        timer = self._timers.pop(room.interview, None)
        if timer is not None:
            timer.cancel()
        self.drop(room)

    def _expire_later(self, interview: str, call: Call) -> None:
        old = self._timers.pop(interview, None)
        if old is not None:
            old.cancel()
        wait = RINGS_MS / 1000 if call.phase is CallPhase.RINGING else LOST_AFTER
        self._timers[interview] = asyncio.get_running_loop().call_later(
            wait, self._expire, interview, call.call
        )

    def _expire(self, interview: str, call: int) -> None:
        self._timers.pop(interview, None)
        command = ExpireCall(id=secrets.token_urlsafe(9), call=call)
        self._interviews.submit(interview, _SYSTEM, command, _log_refusal)


def rebuild(room: Room, seat: str) -> Renegotiate:
    """Told to whoever must build their media anew: with a line for each that others send."""
    call = room.state.live_call()
    people = call.people if call is not None else ()
    others = [p for p in people if p.seat != seat and _speaks(room.state, p.seat)]
    screens = sum(person.screen is not Screen.OFF for person in others)
    lines = max(1, len(others) + screens)
    return Renegotiate(rebuild=True, audio=lines, video=lines)


def _speaks(state: Interview, seat: str) -> bool:
    return state.people[seat].role is not Role.OBSERVER


def own_call(room: Room, seat: str) -> Call:
    """The active call that this seat is in. Raises `Refusal`."""
    call = room.state.live_call()
    if call is None or call.phase is not CallPhase.ACTIVE:
        raise Refusal(Code.NO_CALL, "There is no call any more.")
    if any(person.seat == seat for person in call.people):
        return call
    if knocks(room.state, call, seat):
        raise Refusal(Code.NOT_ADMITTED, "You have not been let in yet.")
    raise Refusal(Code.NO_CALL, "You are not in this call.")


def in_call_with(room: Room, seat: str, other: str) -> None:
    """That both seats are in the active call. Raises `Refusal`."""
    call = own_call(room, seat)
    if other == seat or all(person.seat != other for person in call.people):
        raise Refusal(Code.NO_CALL, "Nobody else has this seat in your call.")


def media_name(interview: str, call: int) -> str:
    """The engine's name for a call."""
    return f"{interview}-{call}"


def _record_name(media: str) -> tuple[str, int]:
    interview, _, call = media.partition("-")
    return interview, int(call)


def _log_refusal(outcome: bytes | Refusal) -> None:
    if isinstance(outcome, Refusal):
        log.warning("call.not_noted", code=outcome.code, reason=outcome.message)
