"""A Socket.IO 5 client for tests, speaking the wire text itself over an aiohttp WebSocket.

It shares no code with the server: what it sends and expects is the protocol's text. Raw frames are
open to tests of the edge; flows use `call`, `emit` and `next`.

    async with SioClient.connect(url, cookie="...", auth={...}) as client:
        ack = await client.call("message:post", {...})
        told = await client.next("entries")
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from ssl import SSLContext
from typing import Any, TypeAlias

import aiohttp

Argument: TypeAlias = Mapping[str, object] | str | int | list[object] | None
Json: TypeAlias = dict[str, Any]
"""A decoded JSON object, as tests look into it."""

TIMEOUT_S = 30.0
"""How long anything may take that a test waits for; machines of tests are busy."""


class ConnectRefused(Exception):
    """CONNECT_ERROR: what the server said."""

    def __init__(self, body: Json) -> None:
        super().__init__(json.dumps(body))
        self.message = body.get("message")
        self.data: Json = body.get("data") or {}
        self.code = self.data.get("code")


class Disconnected(Exception):
    """The socket ended before what was asked of it was sent, or came."""


class SioClient:
    """One connection. Events wait in order of arrival until `next` takes them."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws
        self.sid = ""
        self.events: list[tuple[str, Any]] = []
        """Events that nobody has taken yet, by name and argument."""
        self.frames: list[str] = []
        """Every text frame that came in, heartbeats included."""
        self.disconnected = False
        """Whether the server said DISCONNECT (a real client would not come back by itself)."""
        self.ended = asyncio.Event()
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._next_ack = 0
        self._changed = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        url: str,
        *,
        auth: Mapping[str, object] | None = None,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        trust: SSLContext | None = None,
    ) -> "AsyncIterator[SioClient]":
        """Connect to the server at `url` (`http://host:port`) and take a seat.

        With a cookie and no Origin among `headers`, the server's own origin is sent, as a browser
        would. Raises ConnectRefused, and aiohttp.WSServerHandshakeError when the handshake fails.
        """
        async with cls.open(url, cookie=cookie, headers=headers, trust=trust) as client:
            await client.take_seat(auth)
            yield client

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        trust: SSLContext | None = None,
    ) -> "AsyncIterator[SioClient]":
        """Open a socket without CONNECT, for tests of what happens before it."""
        sent = dict(headers or {})
        if cookie is not None:
            sent["Cookie"] = cookie
            sent.setdefault("Origin", url)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                f"{url}/socket.io/?EIO=4&transport=websocket",
                headers=sent,
                ssl=trust or True,
                max_msg_size=0,  # browsers know no bound either
            ) as ws,
        ):
            client = cls(ws)
            try:
                await client.greeted()
                yield client
            finally:
                await client._stop()

    async def greeted(self) -> Json:
        """Read Engine.IO's OPEN packet and start reading; returns what it holds."""
        frame = await asyncio.wait_for(self.ws.receive_str(), TIMEOUT_S)
        assert frame.startswith("0"), frame
        self.frames.append(frame)
        self._reader = asyncio.get_running_loop().create_task(self._read(), name="sio-client")
        opened = json.loads(frame[1:])
        assert isinstance(opened, dict)
        return opened

    async def take_seat(self, auth: Mapping[str, object] | None = None) -> None:
        """Send CONNECT and wait for its answer; raises ConnectRefused."""
        await self.raw("40" + ("" if auth is None else json.dumps(auth)))
        answer = await self.frame(lambda text: text.startswith(("40", "44")))
        body = json.loads(answer[2:])
        if answer.startswith("44"):
            raise ConnectRefused(body)
        self.sid = body["sid"]

    async def raw(self, frame: str) -> None:
        """Send one text frame as it is; raises Disconnected once the server has closed."""
        try:
            await self.ws.send_str(frame)
        except aiohttp.ClientConnectionResetError:
            raise Disconnected("before it was sent") from None

    async def emit(self, name: str, argument: Argument = None) -> None:
        """Send an event without asking for an acknowledgement."""
        await self.raw("42" + json.dumps([name, argument]))

    async def call(self, name: str, argument: Argument = None) -> Json:
        """Send an event and return its acknowledgement; raises Disconnected."""
        # No wait_for: Python 3.11's swallows a cancellation that comes with the answer.
        async with asyncio.timeout(TIMEOUT_S):
            answer = await (await self.ask(name, argument))
        assert isinstance(answer, dict), answer
        return answer

    async def ask(self, name: str, argument: Argument = None) -> "asyncio.Future[Any]":
        """Send an event; the future gets its acknowledgement, or Disconnected. Raises as `raw`."""
        ack_id = self._next_ack
        self._next_ack += 1
        future = self._acks[ack_id] = asyncio.get_running_loop().create_future()
        await self.raw(f"42{ack_id}" + json.dumps([name, argument]))
        return future

    async def next(self, name: str, where: Callable[[Json], bool] = lambda _: True) -> Json:
        """Take the first event of this name (and for which `where` holds), waiting for it.

        Other events stay. Raises Disconnected when the socket ends first, TimeoutError with what
        else arrived when it does not come.
        """
        found: list[Json] = []

        def arrived() -> bool:
            for index, (told, argument) in enumerate(self.events):
                if told == name and isinstance(argument, dict) and where(argument):
                    del self.events[index]
                    found.append(argument)
                    return True
            return False

        await self._until(arrived, f"event {name!r}")
        return found[0]

    async def frame(self, where: Callable[[str], bool]) -> str:
        """Wait for a text frame; frames that came before count too."""
        await self._until(lambda: any(where(text) for text in self.frames), "frame")
        return next(text for text in self.frames if where(text))

    async def closed(self) -> int:
        """Wait for the socket's end; returns the WebSocket close code (1006: without a word)."""
        await asyncio.wait_for(self.ended.wait(), TIMEOUT_S)
        return self.ws.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE

    async def _until(self, arrived: Callable[[], bool], what: str) -> None:
        async with self._changed:
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    while not arrived():
                        if self.ended.is_set():
                            raise Disconnected(f"waiting for {what}")
                        await self._changed.wait()
            except TimeoutError:
                last = [frame[:200] for frame in self.frames[-20:]]
                raise TimeoutError(f"no {what}; the last frames: {last}") from None

    async def _read(self) -> None:
        try:
            async for message in self.ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._got(message.data)
        finally:
            self.ended.set()
            for future in self._acks.values():
                if not future.done():
                    future.set_exception(Disconnected("before the acknowledgement"))
                    future.exception()  # nobody needs to look at it
            async with self._changed:
                self._changed.notify_all()

    async def _got(self, frame: str) -> None:
        self.frames.append(frame)
        if frame == "2":
            with suppress(Disconnected):  # what came after it, such as why, is still read
                await self.raw("3")
        elif frame == "41":
            self.disconnected = True
        elif frame.startswith("42"):
            name, argument = json.loads(frame[2:])
            self.events.append((name, argument))
        elif frame.startswith("43"):
            start = frame.index("[")
            (answer,) = json.loads(frame[start:])
            future = self._acks.pop(int(frame[2:start]), None)  # None: a raw frame's own id
            if future is not None and not future.done():
                future.set_result(answer)
        async with self._changed:
            self._changed.notify_all()

    async def _stop(self) -> None:
        await self.ws.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
