"""One client's socket: the fast path in, the bounded way out, heartbeat and close.

The fast path is `feed -> event -> on_event`, called from within `data_received`: no task and no
queue. It knows one kind of frame, an event on the main namespace (`42[name,argument]`,
`42<id>[...]`); every other frame waits for `engine.Session`, which hands it to the libraries. Order
is kept between the two: while an unusual frame waits, all that follow wait.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from server.errors import UNDECODABLE, Code
from server.limits import Allowance
from server.tick import Tick
from server.transport.bounds import RESERVED_EVENTS, Rejection, TransportLimits, close_code
from server.transport.events import decode_event, event_name
from server.transport.frames import (
    DISCONNECT,
    PING,
    Frame,
    frame_ack,
    frame_close,
    frame_pong,
    frame_refusal,
    frame_text,
)
from server.transport.heartbeat import Heartbeat

log = structlog.get_logger(__name__)

_MAX_ACK_DIGITS: Final = 10
_TEXT: Final = WSMsgType.TEXT  # a name of its own: an enum's attribute is slow to look up
_EVENT: Final = "42"
_PONG: Final = "3"
_RETRY_UNACKED_MS: Final = 1000
_FLUSH_AT: Final = 64 * 1024  # so much in one tick is not worth waiting for its end

OnEvent = Callable[["Connection", str, bytes, int | None], None]


class Connection:
    """One Socket.IO client on the main namespace."""

    __slots__ = (
        "_closing",
        "_fast",
        "_heartbeat",
        "_held",
        "_limits",
        "_loop",
        "_lost",
        "_on_event",
        "_out",
        "_out_size",
        "_rejections",
        "_request",
        "_tick",
        "_timer",
        "_unacked",
        "_unusual",
        "_waiter",
        "_wire",
        "allowance",
        "id",
        "joined",
        "refusals",
        "remote",
        "seat",
        "secure",
    )

    def __init__(
        self,
        connection_id: str,
        remote: str,
        request: web.Request,
        *,
        secure: bool,
        limits: TransportLimits,
        rejections: Counter[Rejection],
        on_event: OnEvent,
        tick: Tick,
    ) -> None:
        self.id = connection_id
        """Unguessable; told to this client only."""
        self.remote = remote
        """The client's address, as trusted proxies tell it."""
        self.secure = secure
        """Whether the client came by HTTPS."""
        self.seat: object | None = None
        """What `on_connect` returned; None before."""
        self._request = request
        self._limits = limits
        self._rejections = rejections
        self._on_event = on_event
        self._loop = asyncio.get_running_loop()
        self.allowance = Allowance(limits.rate)  # this socket's, until its person is known
        self.refusals = Allowance(limits.refusals)
        self._unacked = 0
        self._wire: asyncio.WriteTransport | None = None
        self.joined = False
        """Whether CONNECT was answered, and nothing ended it since."""
        self._fast = False  # joined, and no unusual frame waits
        self._held: bytearray | None = bytearray()
        self._unusual: list[str] = []
        self._waiter: asyncio.Future[None] | None = None
        self._tick = tick
        self._out: list[bytes] = []  # what leaves at the end of this tick
        self._out_size = 0
        self._heartbeat = Heartbeat(limits, self._loop)
        self._lost = False
        self._closing: str | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def cookies(self) -> Mapping[str, str]:
        return self._request.cookies

    @property
    def origin(self) -> str | None:
        return self._request.headers.get("Origin")

    @property
    def closed(self) -> str | None:
        """Why this connection is closing or gone; None while it is open."""
        return self._closing

    @property
    def buffered(self) -> int:
        """Bytes that were sent here and that the kernel has not taken yet."""
        return 0 if self._wire is None else self._wire.get_write_buffer_size() + self._out_size

    def send(self, frame: Frame) -> None:
        """Send one frame, in order, at the end of this tick; nothing once the socket is closing.

        A client that lets `limits.outgoing` pile up is cut off (reason `slow`); one larger frame,
        such as a long record's snapshot, passes where nothing piles up. Frames before the answer
        to CONNECT follow it.
        """
        if not self.joined:
            self._hold(frame)
            return
        if not self._out:
            self._tick.at_end(self._flush)
        self._out.append(frame)
        self._out_size += len(frame)
        if self._out_size > _FLUSH_AT:
            self._flush()

    def ack(self, ack_id: int, payload: bytes) -> None:
        """Acknowledge the event that came with this id; `payload` is the JSON of one argument."""
        if self._unacked:
            self._unacked -= 1
        self.send(frame_ack(ack_id, payload))

    def close(self, reason: str, *, final: bool = False) -> None:
        """Close after what was sent; `on_disconnect` hears `reason`.

        A Socket.IO client comes back by itself, unless this is `final`.
        """
        if final and self.joined:
            self.send(DISCONNECT)
        self._close(reason, WSCloseCode.OK)

    def _flush(self) -> None:
        wire = self._wire
        if wire is None or not self._out:
            return
        out, unsent = self._out, wire.get_write_buffer_size()
        if unsent > _FLUSH_AT and unsent + self._out_size > self._limits.outgoing:
            self._cut(Rejection.SLOW)
            return
        wire.write(out[0] if len(out) == 1 else b"".join(out))
        out.clear()
        self._out_size = 0

    def _write(self, frame: Frame) -> None:
        """Write a frame of the protocol's own, behind what was sent before."""
        self._flush()
        if self._wire is not None:
            self._wire.write(frame)

    def _hold(self, frame: Frame) -> None:
        if self._held is not None and len(self._held) > self._limits.outgoing:
            self._cut(Rejection.SLOW)
        elif self._held is not None:
            self._held += frame

    def feed(self, message: WSMessage) -> None:
        """Take one message or control frame from the wire."""
        if message.type is not _TEXT:
            self._control(message)
            return
        text: str = message.data
        if self._fast and text.startswith(_EVENT) and self.event(text):
            return
        if self._heartbeat.awaiting and text == _PONG and self._closing is None:
            self._heartbeat.start(self)
        else:
            self._divert(text)

    def broken(self, code: WSCloseCode, reason: str) -> None:
        """Close because the peer broke the WebSocket protocol, or sent too much at once."""
        oversized = code is WSCloseCode.MESSAGE_TOO_BIG
        self._rejections[Rejection.OVERSIZED if oversized else Rejection.MALFORMED] += 1
        self._close(reason, code)

    def lost(self) -> None:
        """Note that the TCP connection is gone."""
        self._lost = True
        self._end("transport close")
        self._wire = None
        if self._timer is not None:
            self._timer.cancel()

    def event(self, text: str) -> bool:
        """Take apart one event on the main namespace and hand it on, unless a bound is reached.

        Returns False, and has done nothing, when the frame has another form.
        """
        start = text.find("[", 2)
        digits = text[2:start]
        ack_id = None
        if digits:
            if not (digits.isdecimal() and digits.isascii() and len(digits) <= _MAX_ACK_DIGITS):
                return False
            ack_id = int(digits)
        wait_ms = self.allowance.take(self._loop.time())
        if wait_ms:
            self._too_many(Rejection.RATE, ack_id, wait_ms)
            return True
        try:
            name, argument = decode_event(text[start:])
        except UNDECODABLE as error:
            self._undecodable(text[start:], ack_id, error)
            return True
        if name in RESERVED_EVENTS:
            self.reject(Rejection.RESERVED)
            return True
        self._hand_on(name, bytes(argument), ack_id)
        return True

    def _hand_on(self, name: str, argument: bytes, ack_id: int | None) -> None:
        if ack_id is not None:
            if self._unacked >= self._limits.unacked:
                self._too_many(Rejection.UNACKED, ack_id, _RETRY_UNACKED_MS)
                return
            self._unacked += 1
        try:
            self._on_event(self, name, argument, ack_id)
        except Exception:
            # A promise broken by us, not by the client: it gets an answer and keeps its socket.
            log.exception("transport.event_failed", connection=self.id, event_name=name)
            self._rejections[Rejection.FAILED] += 1
            if ack_id is not None:
                self._unacked -= 1
                self.send(frame_refusal(ack_id, Code.INTERNAL, "Something went wrong here."))

    def _too_many(self, kind: Rejection, ack_id: int | None, wait_ms: int) -> None:
        self._rejections[kind] += 1
        if self.refusals.take(self._loop.time()):
            self.reject(Rejection.FLOOD)
        elif ack_id is not None:
            said = f"Too much at once. Try again in {wait_ms // 1000 + 1} s."
            self.send(frame_refusal(ack_id, Code.TOO_MANY, said, wait_ms))

    def _undecodable(self, array: str, ack_id: int | None, error: Exception) -> None:
        """Answer an event with none or several arguments; close on what is no event at all."""
        name = event_name(array) if isinstance(error, msgspec.ValidationError) else None
        if name is None:
            self.reject(Rejection.MALFORMED)
        elif name in RESERVED_EVENTS:
            self.reject(Rejection.RESERVED)
        else:
            self._rejections[Rejection.MISSHAPEN] += 1
            if ack_id is not None:
                self.send(frame_refusal(ack_id, Code.MALFORMED, "An event has one argument."))

    def _divert(self, text: str) -> None:
        if len(self._unusual) >= self._limits.waiting or self.allowance.take(self._loop.time()):
            self.reject(Rejection.FLOOD)
        elif self._closing is None:
            self._unusual.append(text)
            self._fast = False
            self._wake()

    def _control(self, message: WSMessage) -> None:
        match message.type:
            case WSMsgType.CLOSE:
                self._close("transport close", WSCloseCode.OK)
                if self._wire is not None:
                    self._wire.close()
            case WSMsgType.BINARY:
                self.reject(Rejection.BINARY)
            case WSMsgType.PING if self._wire is not None and self._closing is None:
                if self.allowance.take(self._loop.time()):
                    self.reject(Rejection.FLOOD)
                else:
                    self._write(frame_pong(bytes(message.data)))

    async def unusual(self) -> str | None:
        """Wait for the next frame off the fast path; None when the connection is closing."""
        while not self._unusual and self._closing is None:
            self._fast = self.joined
            await self._woken()
        return None if self._closing is not None else self._unusual.pop(0)

    def open(self, wire: asyncio.WriteTransport, greeting: str) -> None:
        """Begin: send Engine.IO's OPEN packet, and the first ping in time."""
        if self._closing is not None:  # by a frame that came along with the handshake
            wire.abort()
            return
        self._wire = wire
        self.reply(greeting)
        self._heartbeat.start(self)

    def reply(self, packet: str) -> None:
        """Write an encoded Engine.IO packet of the protocol's own, past the frames held back."""
        if self._closing is None:
            self._write(frame_text(packet.encode()))

    def admit(self, seat: object) -> None:
        """CONNECT was answered: release what was held, and let events in."""
        self.seat = seat
        if self._closing is None:
            held, self._held, self.joined = self._held, None, True
            self.send(Frame(bytes(held or b"")))

    def leave(self) -> None:
        """The client left the namespace: nothing more is sent to it or taken from it."""
        self.joined = self._fast = False

    def reject(self, rejection: Rejection) -> None:
        """Count, and close: this client does what no client of ours does."""
        if self._closing is None:
            self._rejections[rejection] += 1
            self._close(rejection.value, close_code(rejection))

    def ping(self) -> None:
        """Send Engine.IO's ping."""
        self._write(PING)

    def silent(self) -> None:
        """Close: no answer came."""
        self.reject(Rejection.SILENT)

    async def gone(self) -> None:
        """Wait until the TCP connection is gone; it is aborted `close_deadline` after closing."""
        while not self._lost:
            await self._woken()

    def _close(self, reason: str, code: WSCloseCode) -> None:
        if self._closing is not None:
            return
        self._write(frame_close(code, reason))
        self._end(reason)
        if self._wire is not None:
            self._timer = self._loop.call_later(self._limits.close_deadline, self._wire.abort)

    def _cut(self, rejection: Rejection) -> None:
        """Close without a word: nothing that is written would be read."""
        if self._closing is not None:
            return
        self._rejections[rejection] += 1
        self._end(rejection.value)
        if self._wire is not None:
            self._wire.abort()

    def _end(self, reason: str) -> None:
        if self._closing is None:
            self._closing = reason
        self.joined = self._fast = False
        self._held = None
        self._unusual.clear()
        self._out.clear()
        self._out_size = 0
        self._heartbeat.stop()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _woken(self) -> None:
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
