"""From bytes to messages: aiohttp's WebSocket with a sink instead of a queue.

aiohttp's reader puts messages into a queue that a task awaits. Here the reader calls the sink from
within `data_received`, so a message costs no task switch and nothing can pile up between the two.
All private names of aiohttp that the edge touches are in this file.
"""

from typing import Final, Protocol, cast

from aiohttp import WebSocketError, WSCloseCode, WSMessage, web
from aiohttp._websocket.models import WSMessageTextBytes
from aiohttp._websocket.reader import WebSocketDataQueue, WebSocketReader
from aiohttp._websocket.writer import WebSocketWriter
from aiohttp.web import BaseRequest
from aiohttp.web_protocol import RequestHandler
from typing_extensions import override

_NO_CAUSE: Final = BaseException()


class Sink(Protocol):
    """Whoever gets the messages of one socket. No method may raise."""

    def feed(self, message: WSMessage) -> None:
        """One whole message, or a control frame."""

    def broken(self, code: WSCloseCode, reason: str) -> None:
        """The peer broke the WebSocket protocol; nothing more will be fed."""

    def lost(self) -> None:
        """The TCP connection is gone."""


class PushWebSocket(web.WebSocketResponse):
    """The server's side of one WebSocket, feeding `sink`.

    Until `admit` is called, the peer may send `max_before_admit` bytes in all.
    """

    def __init__(self, sink: Sink, *, max_message: int, max_before_admit: int) -> None:
        # aiohttp's limit is exclusive.
        super().__init__(compress=False, autoping=False, max_msg_size=max_message + 1)
        self._sink = sink
        self._max_before_admit = max_before_admit
        self._protocol: RequestHandler | None = None

    def admit(self) -> None:
        """Lift the bound on what may come in."""
        if self._protocol is not None and self._protocol._payload_parser is not None:
            self._protocol._payload_parser = self._parser
        self._protocol = None

    @override
    def _post_start(
        self, request: BaseRequest, protocol: str | None, writer: WebSocketWriter
    ) -> None:
        self._ws_protocol = protocol
        self._writer = writer
        assert self._loop is not None
        self._reader = _PushQueue(self._sink)
        self._parser = WebSocketReader(
            self._reader, self._max_msg_size, compress=False, decode_text=True
        )
        self._protocol = request.protocol
        gate = _Gate(self._parser, self._max_before_admit, self._sink)
        request.protocol.set_parser(cast(WebSocketReader, gate))
        request.protocol.keep_alive(val=False)

    @override
    async def close(
        self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True
    ) -> bool:
        """Do nothing: aiohttp calls this after the handler; the connection has closed itself."""
        return False


class _PushQueue(WebSocketDataQueue):
    """Looks like the queue that the reader fills, and passes everything on at once."""

    __slots__ = ("sink",)

    _size = _limit = 0  # never too full to be read into

    def __init__(self, sink: Sink) -> None:
        # Without the base's own: it would make a buffer that is never used, of 0.9 kB a socket.
        self.sink = sink

    @override
    def feed_data(self, data: WSMessage | WSMessageTextBytes, size: int) -> None:
        # Always a WSMessage, for the reader was told to decode text. A cast would be one call more.
        self.sink.feed(data)  # type: ignore[arg-type]

    @override
    def feed_eof(self) -> None:
        self.sink.lost()

    @override
    def set_exception(self, exc: BaseException, exc_cause: BaseException = _NO_CAUSE) -> None:
        if isinstance(exc, WebSocketError):
            self.sink.broken(WSCloseCode(exc.code), str(exc))
        else:
            self.sink.lost()


class _Gate:
    """Stands before the reader until the peer is admitted, and counts what comes in."""

    def __init__(self, reader: WebSocketReader, bytes_left: int, sink: Sink) -> None:
        self._reader = reader
        self._bytes_left = bytes_left
        self._sink = sink

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            self._sink.broken(WSCloseCode.MESSAGE_TOO_BIG, "Too much before CONNECT.")
            return True, b""
        return self._reader.feed_data(data)

    def feed_eof(self) -> None:
        self._reader.feed_eof()
