"""Hearing what is published in the store: one connection for all sharded channels of this node.

Counterpart: whoever publishes, such as `append.lua`. What is published while nobody listens is
lost, so every listener is told when it may have missed something, and reads on elsewhere.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, TypeAlias

import hiredis
import structlog
from typing_extensions import override

from server.storage.dial import ask, dial, patiently
from server.storage.errors import StoreError
from server.storage.link import Argument, Link, Reply, pack, tell
from server.tasks import cancel, spawn

log = structlog.get_logger(__name__)

PATIENCE: Final = 1.0
"""Seconds that `hear` waits for the store; after that the listener is told that it missed some."""
PING_EVERY: Final = 5.0
TIMEOUT: Final = 5.0
BARRIERS_MAX: Final = 4096

OnMessage: TypeAlias = Callable[[bytes], None]
OnMissed: TypeAlias = Callable[[], None]


class _Ear(Link):
    """A link in RESP3, where what is published arrives as pushes between the replies."""

    def __init__(self, on_push: Callable[[bytes, str, bytes | int], None]) -> None:
        super().__init__(outstanding_max=BARRIERS_MAX, timeout=TIMEOUT)
        self._on_push = on_push

    def post(self, command: tuple[Argument, ...]) -> None:
        """Send what is answered by a push, not by a reply."""
        self._write(pack(command))

    @override
    def _received(self, reply: Reply) -> None:
        if isinstance(reply, hiredis.PushNotification):
            kind, channel, content = reply
            self._on_push(kind, channel.decode(), content)
        elif isinstance(reply, hiredis.ReplyError):
            # Nothing tells which subscription it refuses.
            self.abort(f"The store lets us hear nothing: {reply}")
        else:
            super()._received(reply)


class _Channel:
    def __init__(self, on_message: OnMessage, on_missed: OnMissed) -> None:
        self.on_message = on_message
        self.on_missed = on_missed
        self.heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Subscriber:
    """Sharded channels (`SSUBSCRIBE`), each with one listener; the connection is kept up.

    It needs no bound of its own: listeners are called from within `data_received`, and a store
    whose output to us piles up cuts us off, which is a loss like any other.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._channels: dict[str, _Channel] = {}
        self._asked: Counter[str] = Counter()
        """Subscriptions that the store has not confirmed yet."""
        self._ear: _Ear | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def healthy(self) -> bool:
        """Whether anything can be heard now."""
        return self._ear is not None and self._ear.open

    def start(self) -> None:
        """Connect in the background."""
        self._keeper = spawn(self._keep_connected(), name="subscriber")

    async def stop(self) -> None:
        """Hear nothing any more."""
        if self._keeper is not None:
            await cancel(self._keeper)
            self._keeper = None

    async def hear(self, channel: str, on_message: OnMessage, on_missed: OnMissed) -> None:
        """Listen: what is published after this returns is heard, or `on_missed` is called.

        That is also called when the store did not confirm in time, and then does. Neither callback
        may raise.
        """
        new = self._channels[channel] = _Channel(on_message, on_missed)
        self._subscribe(channel)
        with suppress(TimeoutError):
            await asyncio.wait_for(new.heard, PATIENCE)

    def drop(self, channel: str) -> None:
        """Listen no more; a channel that nobody listens to is no error."""
        if self._channels.pop(channel, None) is not None and self._ear is not None:
            self._ear.post(("SUNSUBSCRIBE", channel))

    def barrier(self, passed: Callable[[], None]) -> None:
        """Call back once, when everything published before this was heard, or may be lost."""
        try:
            if self._ear is not None:
                self._ear.send(("PING",), lambda _: passed())
                return
        except StoreError:
            pass
        asyncio.get_running_loop().call_soon(passed)

    def _subscribe(self, channel: str) -> None:
        if self._ear is not None:
            self._asked[channel] += 1
            self._ear.post(("SSUBSCRIBE", channel))

    async def _keep_connected(self) -> None:
        while True:
            ear = await patiently(self._connect)
            self._ear = ear
            self._asked.clear()
            for channel in self._channels:
                self._subscribe(channel)
            try:
                await self._serve(ear)
                log.warning("subscriber.lost", reason=ear.reason)
            finally:
                self._ear = None
                ear.abort("The connection to the store was closed.")

    async def _serve(self, ear: _Ear) -> None:
        """Ask now and then whether the store is still there: it may be silent for hours."""
        while not ear.lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ear.lost.wait(), PING_EVERY)
            with suppress(StoreError):
                ear.send(("PING",), lambda _: None)

    async def _connect(self) -> _Ear:
        ear = await dial(self._url, partial(_Ear, self._pushed))
        try:
            await ask(ear, "HELLO", 3)
        except BaseException:
            ear.abort("The store refused us.")
            raise
        return ear

    def _pushed(self, kind: bytes, name: str, content: bytes | int) -> None:
        channel = self._channels.get(name)
        if kind == b"smessage":
            if channel is not None and isinstance(content, bytes):
                tell(channel.on_message, content)
        elif kind == b"ssubscribe":
            self._asked[name] -= 1
            # An earlier subscription's answer says nothing about the latest.
            if not self._asked[name]:
                del self._asked[name]
                if channel is not None:
                    _confirmed(channel)


def _confirmed(channel: _Channel) -> None:
    if channel.heard.done():
        channel.on_missed()
    else:
        channel.heard.set_result(None)
