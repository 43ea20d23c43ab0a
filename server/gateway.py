"""The Socket.IO edge: who is connected, what they may send, and what they are told.

Counterparts: `server/transport/` below (frames and bounds), `server/interview/service.py` behind
(the write path). Shape and rights are checked here; meaning in the deciders. This is one of the two
places where a `Refusal` becomes an answer.
"""

import os
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
import structlog

from server import protocol as p
from server.audience import Audience, Member
from server.calls.carriers import Carriers
from server.calls.service import Calls, in_call_with
from server.clock import Clock
from server.errors import UNDECODABLE, Code, Refusal
from server.identity.grants import grant
from server.identity.links import Links, Place
from server.identity.sessions import Sessions
from server.interview.panel import guest_of
from server.interview.room import internal
from server.interview.service import Interviews, unreachable
from server.interview.state import Actor
from server.limits import Gcra, Rate
from server.moderation.desk import Desk
from server.storage import StoreError
from server.tasks import spawn
from server.telemetry import Tally
from server.transport import Connection

log = structlog.get_logger(__name__)

FLAGS: Final = Rate(per_second=20 / 3600, burst=10)
"""Flags per person."""
OFFERS: Final = Rate(per_second=0.5, burst=10)
"""SDP offers per person: each costs the engine about a millisecond."""
HEARINGS: Final = Rate(per_second=2, burst=5)
"""Reports per person and person reported on, which come once a second."""
WINDOWS_MAX: Final = 20
"""Connections of one person to one interview at the same time, on this node."""
JOINS: Final = Rate(per_second=1, burst=30)
"""Connections per person and interview: each may cost a snapshot."""
SYNCS: Final = Rate(per_second=1, burst=20)
"""Questions for what is missing, per person: the answer may be a snapshot, as above."""
TEXTS: Final = Rate(per_second=1024, burst=256 * 1024)
"""Bytes that a person adds to an interview: of a message its text, of another command `EVENT` and
the command's own. All of it is kept, and told to whoever comes: a person types 10 in a second, and
the burst has room for 16 of the longest messages, or for a thousand other commands.
"""
EVENT: Final = 256
"""About what an event and its line in the thread weigh, in bytes, beside the words in it."""
LINKS: Final = Rate(per_second=0.2, burst=20)
"""Links per person."""

_TEXT: Final = (p.PostMessage, p.EditMessage)
_encode: Final = msgspec.json.Encoder().encode
_seat_auth: Final = msgspec.json.Decoder(p.SeatAuth)
_desk_auth: Final = msgspec.json.Decoder(p.DeskAuth)
_KINDS: Final = {p.wire_name(kind): kind for kind in (*p.COMMANDS, *p.SIGNALS)}
_DECODERS: Final[Mapping[str, Callable[[bytes], Any]]] = {
    name: msgspec.json.Decoder(kind).decode for name, kind in _KINDS.items()
}

Message = p.Command | p.Signal


class Gateway:
    """Connects sockets to seats, commands to the write path, and what is kept to its readers."""

    def __init__(
        self,
        interviews: Interviews,
        audience: Audience,
        sessions: Sessions,
        calls: Calls,
        carriers: Carriers | None,
        desk: Desk,
        links: Links,
        public_url: str,
        clock: Clock,
        tally: Tally,
    ) -> None:
        """`public_url` begins the links that are made here; if empty, the page's own origin."""
        self._tally = tally
        self._interviews = interviews
        self._audience = audience
        self._sessions = sessions
        self._calls = calls
        self._carriers = carriers
        self._desk = desk
        self._links = links
        self._public_url = public_url
        self._clock = clock
        self._flags = Gcra(FLAGS)
        self._offers = Gcra(OFFERS)
        self._hearings = Gcra(HEARINGS)
        self._joins = Gcra(JOINS)
        self._syncs = Gcra(SYNCS)
        self._texts = Gcra(TEXTS)
        self._makings = Gcra(LINKS)

    # ------------------------------------------------------------ the transport's callbacks

    async def connect(self, connection: Connection, auth: bytes) -> Member:
        """Seats a connection and sends it where things stand. Raises `Refusal`."""
        asked = _decode_auth(auth)
        if isinstance(asked, p.DeskAuth):
            return await self._connect_desk(connection)
        place = await self._sessions.find(
            connection.cookies, asked.interview, asked.seat, secure=connection.secure
        )
        self._take(self._joins, place.actor, asked.interview)
        room = await self._interviews.seated(asked.interview, place.actor)
        if self._audience.windows(asked.interview, place.actor.person) >= WINDOWS_MAX:
            raise Refusal(Code.TOO_MANY, "This interview is open in too many windows of yours.")
        writing = self._texts.of((asked.interview, place.actor.person))
        member = Member(connection, place.actor, grant(place.actor), asked.interview, writing)
        self._calls.watch(room)
        if self._carriers is not None:
            self._carriers.arrived(room, place.actor.person)
        try:
            await self._audience.join(member, room, asked.cursor)
        except Refusal as refusal:
            if refusal.code is Code.REMOVED:
                await self._interviews.seated(asked.interview, place.actor)  # says by whom, and why
            raise
        return member

    def person(self, seat: object) -> tuple[str, str]:
        """Whose seat it is: what the transport's rates are bound to."""
        assert isinstance(seat, Member)
        return seat.interview, seat.actor.person

    def event(self, connection: Connection, name: str, payload: bytes, ack: int | None) -> None:
        """One event from a client; whatever happens, an acknowledgement asked for is sent."""
        member = connection.seat
        assert isinstance(member, Member)
        message: Message | None = None
        try:
            message = _decode(name, payload)
            self._dispatch(member, name, message, len(payload), ack)
        except Refusal as refusal:
            self._answer(member, ack, name if name in _DECODERS else "unknown", refusal)
        except Exception:  # noqa: BLE001 - every command is answered, also when a fault is ours
            command = message.id if isinstance(message, p.Command) else ""
            self._answer(member, ack, name, _incident(name, command))

    def disconnect(self, connection: Connection, _: str) -> None:
        """The connection is gone."""
        member = connection.seat
        if isinstance(member, Member):
            self._audience.leave(member)
            if not member.interview:
                self._desk.close()

    async def look_at_desks(self) -> None:
        """Cuts off every moderator who was turned away since they came."""
        for member in self._audience.at_desks():
            connection = member.connection
            try:
                await self._sessions.find(connection.cookies, secure=connection.secure)
            except Refusal as refusal:
                if refusal.code is Code.NOT_SIGNED_IN:
                    self._audience.send_away(member, refusal)

    # ------------------------------------------------------------ dispatch

    async def _connect_desk(self, connection: Connection) -> Member:
        place = await self._sessions.find(connection.cookies, secure=connection.secure)
        self._take(self._joins, place.actor, "")
        writing = self._texts.of(("", place.actor.person))
        member = Member(connection, place.actor, grant(place.actor), "", writing)
        await self._desk.open()
        try:
            await self._audience.join_desk(member, self._desk.queue(place.actor))
        except BaseException:
            self._desk.close()
            raise
        return member

    def _dispatch(
        self, member: Member, name: str, message: Message, size: int, ack: int | None
    ) -> None:
        if type(message) not in member.grant.commands:
            raise Refusal(Code.NOT_ALLOWED, "Your role here does not allow this.")
        if member.interview:
            self._audience.active(member)
        interview = member.interview
        if isinstance(message, _TEXT):  # first, for most are
            self._take_bytes(member, len(message.text.encode()))
        elif isinstance(message, p.CaseCommand):
            interview = message.interview
        elif isinstance(message, p.FlagMessage):
            self._take(self._flags, member.actor, interview)
            self._desk.expect(interview)
        elif isinstance(message, p.Command):
            self._take_bytes(member, EVENT + size)
        else:
            self._signal(member, message, ack)
            return
        reply = partial(self._answer, member, ack, name)
        self._interviews.submit(interview, member.actor, message, reply)

    def _signal(self, member: Member, signal: p.Signal, ack: int | None) -> None:
        match signal:
            case p.SetTyping():
                self._audience.typing(member, signal)
            case p.SetMark():
                self._audience.mark(member, signal)
            case p.StayActive():
                pass
            case p.TellHearing():
                in_call_with(self._audience.room(member), member.actor.person, signal.seat)
                self._take(self._hearings, member.actor, member.interview, signal.seat)
                self._audience.hearing(member, signal)
                self._show(member, signal)
            case _:
                self._question(member, signal, ack)

    def _show(self, member: Member, signal: p.TellHearing) -> None:
        if signal.shown is None:
            return
        room, seat = self._audience.room(member), member.actor.person
        carried = self._calls.show(room, seat, signal.seat, signal.shown)
        if not carried and self._carriers is not None:
            self._carriers.show(room, seat, signal)

    def _question(self, member: Member, signal: p.Signal, ack: int | None) -> None:
        match signal:
            case p.SyncRecord():
                self._take(self._syncs, member.actor, member.interview)
                self._ask(member, ack, signal, lambda: self._sync(member, signal))
            case p.OfferCall():
                self._take(self._offers, member.actor, member.interview)
                self._ask(member, ack, signal, lambda: self._offer(member, signal))
            case p.AskServers():
                self._ask(member, ack, signal, lambda: self._servers(member))
            case p.MakeLink():
                self._take(self._makings, member.actor, member.interview)
                self._ask(member, ack, signal, lambda: self._link(member, signal))
            case p.LookAtCase():
                self._ask(member, ack, signal, lambda: self._desk.look(member.actor, signal))
            case _:
                raise Refusal(Code.UNKNOWN_COMMAND, "There is no such command.")

    def _take(self, limit: Gcra, actor: Actor, interview: str, about: str = "") -> None:
        wait = limit.take((interview, actor.person, about), self._clock.monotonic())
        if wait:
            raise Refusal(
                Code.TOO_MANY,
                f"That is more than this server takes. Try again in {wait // 1000 + 1} s.",
                retryAfterMs=wait,
            )

    def _take_bytes(self, member: Member, size: int) -> None:
        wait = member.writing.take(self._clock.monotonic(), size) if size else 0
        if wait:
            raise Refusal(
                Code.TOO_MANY,
                "That is more than this interview takes at once. "
                f"There is room again in {wait // 1000 + 1} s.",
                retryAfterMs=wait,
            )

    # ------------------------------------------------------------ questions that wait for the store

    def _ask(
        self,
        member: Member,
        ack: int | None,
        signal: p.Signal,
        question: Callable[[], Awaitable[p.Wire]],
    ) -> None:
        """Answers without holding up the socket; the transport bounds how many are under way."""
        name = p.wire_name(type(signal))

        async def answer() -> None:
            told: p.Wire | Refusal
            try:
                told = await question()
            except Refusal as refusal:
                told = refusal
            except Exception:  # noqa: BLE001 - as above
                told = _incident(name)
            self._answer(member, ack, name, told)

        _ = spawn(answer(), name=name)

    def _answer(
        self, member: Member, ack: int | None, name: str, told: bytes | p.Wire | Refusal
    ) -> None:
        """Acknowledges; bytes are told as they are."""
        outcome = "ok"
        if isinstance(told, Refusal):
            outcome, told = told.code, refused(told)
        self._tally.outcomes[name, outcome] += 1
        if ack is not None:
            member.connection.ack(ack, told if isinstance(told, bytes) else _encode(told))

    async def _sync(self, member: Member, signal: p.SyncRecord) -> p.Wire:
        room = await self._interviews.seated(member.interview, member.actor)
        await self._audience.catch_up(member, room, signal.cursor)
        return p.Done()

    async def _offer(self, member: Member, offer: p.OfferCall) -> p.Wire:
        room = await self._interviews.seated(member.interview, member.actor)
        if self._carriers is not None:
            return await self._carriers.offer(room, member.actor.person, offer)
        return await self._calls.offer(room, member.actor.person, offer)

    async def _link(self, member: Member, signal: p.MakeLink) -> p.Wire:
        room = await self._interviews.room(member.interview)
        room.state.writer(member.actor)
        place = Place(actor=guest_of(room.state, signal.seat), interview=room.interview)
        try:
            token = await self._links.renew(place)
        except StoreError as error:
            raise unreachable(error) from error
        base = self._public_url or member.connection.origin or ""
        return p.Link(ok=True, url=f"{base}{place.path}#{token}")

    async def _servers(self, member: Member) -> p.Wire:
        room = await self._interviews.seated(member.interview, member.actor)
        return self._calls.servers(room, member.actor.person)


def refused(refusal: Refusal) -> p.Refused:
    """The refusal as it is told."""
    return p.Refused(
        code=refusal.code,
        message=refusal.message,
        retry_after_ms=int(refusal.data.get("retryAfterMs", 0)),
        incident=str(refusal.data.get("incident", "")),
    )


def misshapen(what: str, error: Exception) -> Refusal:
    """What is told to whoever sent something that cannot be decoded."""
    if not isinstance(error, msgspec.ValidationError):
        return Refusal(Code.MALFORMED, f"{what} cannot be read: {error}.")
    code = Code.TOO_LARGE if "length <=" in str(error) else Code.MALFORMED
    return Refusal(code, f"{what} cannot be taken: {error}.")


def _incident(what: str, command: str = "") -> Refusal:
    incident = os.urandom(6).hex()
    named = {"what": what, "command": command}
    log.exception("gateway.failed", incident=incident, **named)  # noqa: LOG004 - its callers handle one
    return internal(incident)


def _decode_auth(auth: bytes) -> p.SeatAuth | p.DeskAuth:
    try:
        if b'"desk"' in auth:
            return _desk_auth.decode(auth)
        return _seat_auth.decode(auth)
    except UNDECODABLE as error:
        raise Refusal(Code.MALFORMED, f"The connection's auth is malformed: {error}") from error


def _decode(name: str, payload: bytes) -> Message:
    decode = _DECODERS.get(name)
    if decode is None:
        raise Refusal(Code.UNKNOWN_COMMAND, "There is no such command.")
    try:
        message: Message = decode(payload)
    except UNDECODABLE as error:
        raise misshapen(name, error) from error
    return message
