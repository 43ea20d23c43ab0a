"""A store whose one connection also hears what is published, on sharded channels.

Counterpart: whoever publishes, such as `append.lua`. What is published while nobody listens is
lost, so every listener is told when it may have missed something, and reads on elsewhere.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TypeAlias

import hiredis
from typing_extensions import override

from server.storage.client import Store
from server.storage.dial import ask
from server.storage.errors import StoreError
from server.storage.library import Library
from server.storage.link import Link, Outcome, Reply, tell
from server.tick import Tick

PATIENCE: Final = 1.0
"""Seconds that `hear` waits for the store; after that the listener is told that it missed some."""
PING_EVERY: Final = 5.0
TIMEOUT: Final = 5.0
OUTSTANDING_MAX: Final = 4096

OnMessage: TypeAlias = Callable[[bytes], None]
OnMissed: TypeAlias = Callable[[], None]


class _Channel:
    """A channel's listener, and whether the store has confirmed it."""

    def __init__(self, on_message: OnMessage, on_missed: OnMissed) -> None:
        self.on_message = on_message
        self.on_missed = on_missed
        self.heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def confirmed(self) -> None:
        """From now on everything is heard."""
        if self.heard.done():
            self.on_missed()
        else:
            self.heard.set_result(None)


class _Change:
    """A subscription, or its end, that the store is to confirm by a push in its replies' order."""

    def __init__(self, confirmed: bytes, name: bytes, link: Link, channel: _Channel | None) -> None:
        self.push = (confirmed, name)
        self._link = link
        self._channel = channel

    def __call__(self, outcome: Outcome) -> None:
        if isinstance(outcome, hiredis.ReplyError):
            self._link.abort(f"The store lets us hear nothing: {outcome}")
        elif self._channel is not None and not isinstance(outcome, StoreError):
            self._channel.confirmed()


class _Ear(Link):
    """A link in RESP3, where what is published arrives as pushes between the replies."""

    def __init__(self, channels: Mapping[bytes, _Channel], tick: Tick) -> None:
        super().__init__(outstanding_max=OUTSTANDING_MAX, timeout=TIMEOUT, tick=tick)
        self._channels = channels

    def subscribe(self, name: bytes, channel: _Channel) -> None:
        """Begin to hear, however much is under way."""
        self._issue(("SSUBSCRIBE", name), _Change(b"ssubscribe", name, self, channel))

    def unsubscribe(self, name: bytes) -> None:
        """Hear it no more."""
        self._issue(("SUNSUBSCRIBE", name), _Change(b"sunsubscribe", name, self, None))

    @override
    def _received(self, reply: Reply) -> None:
        if not isinstance(reply, hiredis.PushNotification):
            super()._received(reply)
            return
        kind, name, content = reply
        if kind == b"smessage":
            channel = self._channels.get(name)
            if channel is not None:
                tell(channel.on_message, content)
            return
        waiting = self._waiting[0][0]
        if not isinstance(waiting, _Change) or waiting.push != (kind, name):
            # Such as the end of a subscription whose slot went to another node.
            raise hiredis.ProtocolError("a push that nobody waits for")
        super()._received(content)


class Subscriber(Store):
    """A `Store` that hears, each sharded channel (`SSUBSCRIBE`) with one listener.

    What was published before a command sent here was done is heard before its reply. Hearing needs
    no bound of its own: listeners are called from within `data_received`, and a store whose output
    to us piles up cuts us off, which is a loss like any other. So nothing long is read here.
    """

    def __init__(
        self, url: str, *, libraries: Sequence[Library] = (), tick: Tick | None = None
    ) -> None:
        super().__init__(url, libraries=libraries, tick=tick)
        self._channels: dict[bytes, _Channel] = {}

    async def hear(self, name: str, on_message: OnMessage, on_missed: OnMissed) -> None:
        """Listen: what is published after this returns is heard, or `on_missed` is called.

        That is also called when the store did not confirm in time, and then does. Neither callback
        may raise.
        """
        channel = self._channels[name.encode()] = _Channel(on_message, on_missed)
        if isinstance(self._link, _Ear):
            self._link.subscribe(name.encode(), channel)
        with suppress(TimeoutError):
            await asyncio.wait_for(channel.heard, PATIENCE)

    def drop(self, name: str) -> None:
        """Listen no more; a channel that nobody listens to is no error."""
        dropped = self._channels.pop(name.encode(), None)
        if dropped is not None and isinstance(self._link, _Ear):
            self._link.unsubscribe(name.encode())

    def barrier(self, passed: Callable[[], None]) -> None:
        """Call back once, when everything published before this was heard, or may be lost."""
        try:
            self.call_cb(("PING",), lambda _: passed())
        except StoreError:
            asyncio.get_running_loop().call_soon(passed)

    @override
    def _new_link(self) -> Link:
        return _Ear(self._channels, self.tick)

    @override
    async def _prepare(self, link: Link) -> None:
        await super()._prepare(link)
        await ask(link, "HELLO", 3)

    @override
    async def _until_lost(self, link: Link) -> None:
        """Listen again to everything, and ask now and then: the store may be silent for hours."""
        assert isinstance(link, _Ear)
        for name, channel in self._channels.items():
            link.subscribe(name, channel)
        while not link.lost.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(link.lost.wait(), PING_EVERY)
            with suppress(StoreError):
                link.send(("PING",), lambda _: None)
