"""What the nodes of one installation tell each other: on channels of the store, and by asking.

Only an installation with a store elsewhere has a bus; a server with its own store is alone.
Nothing here is kept: whoever misses something hears that it did, or gets no answer.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

import msgspec
import structlog

from server.storage import Library, Outcome, Store, StoreBusy, StoreError, Subscriber
from server.tasks import spawn

log = structlog.get_logger(__name__)

ASKED_MAX: Final = 256
"""Questions that wait for their answers; one more is refused."""
ANSWERING_MAX: Final = 64
"""Questions of other nodes that are being answered; to one more the answer is "busy"."""
ANSWER_WITHIN: Final = 1.5
"""Seconds; a node that takes longer counts as gone."""


class NodeGone(Exception):
    """The node that was asked does not listen, or does not answer."""


class _Question(msgspec.Struct, frozen=True, tag=True):
    id: int
    node: str
    body: bytes


class _Answer(msgspec.Struct, frozen=True, tag=True):
    id: int
    body: bytes
    busy: bool = False


_encode: Final = msgspec.msgpack.Encoder().encode
_decoder: Final[msgspec.msgpack.Decoder[_Question | _Answer]] = msgspec.msgpack.Decoder(
    _Question | _Answer
)


def node_channel(node: str) -> str:
    """Sharded channel on which a node is asked and answered."""
    return f"node:{node}"


class Bus:
    """The ears and the voice of this node. `node` is its name, new at each start."""

    def __init__(self, store: Store, libraries: Sequence[Library] = ()) -> None:
        """`libraries` are of those who write through `ear`."""
        self.node = secrets.token_hex(8)
        self._store = store
        self.ear = Subscriber(store.url, libraries=libraries, tick=store.tick)
        """Whose replies come in order with what is heard."""
        self._asked: dict[int, asyncio.Future[_Answer]] = {}
        self._next = 0
        self._answering = 0
        self._serve: Callable[[bytes], Awaitable[bytes]] | None = None
        self.hear = self.ear.hear
        self.drop = self.ear.drop
        self.barrier = self.ear.barrier

    async def start(self) -> None:
        """Connect. Raises `StoreStartError`."""
        await self.ear.start()

    async def serve(self, answer: Callable[[bytes], Awaitable[bytes]]) -> None:
        """From now on other nodes' questions get this answer; it must not raise."""
        self._serve = answer
        await self.hear(node_channel(self.node), self._told, lambda: None)

    async def stop(self) -> None:
        """Hear and answer nothing any more."""
        self._serve = None
        await self.ear.stop()

    def publish(
        self, channel: str, payload: bytes, heard_by: Callable[[int], None] = lambda _: None
    ) -> None:
        """Tell whoever listens now, this node included; that it cannot be told is no error.

        `heard_by` gets the number of those who do.
        """

        def told(reply: Outcome) -> None:
            if isinstance(reply, int):
                heard_by(reply)

        with suppress(StoreError):
            self._store.call_cb(("SPUBLISH", channel, payload), told)

    async def deaf(self, nodes: Iterable[str]) -> set[str]:
        """Which of these nodes do not listen any more. Raises `StoreError`."""
        channels = {node_channel(node): node for node in nodes}
        if not channels:
            return set()
        reply = await self._store.call("PUBSUB", "SHARDNUMSUB", *channels)
        assert isinstance(reply, list)
        return {
            channels[channel.decode()]
            for channel, listeners in zip(reply[::2], reply[1::2], strict=True)
            if isinstance(channel, bytes) and listeners == 0
        }

    async def ask(self, node: str, question: bytes) -> bytes:
        """Ask another node.

        Raises:
            NodeGone: it does not listen, or has not answered in time.
            StoreError: the question did not leave, or either node has too many under way.
        """
        if len(self._asked) >= ASKED_MAX:
            raise StoreBusy("Too many questions to other nodes are under way.")
        self._next += 1
        number = self._next
        answer: asyncio.Future[_Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        try:
            sent = _encode(_Question(number, self.node, question))
            if await self._store.call("SPUBLISH", node_channel(node), sent) == 0:
                raise NodeGone(f"Node {node} does not listen.")
            got = await asyncio.wait_for(answer, ANSWER_WITHIN)
        except TimeoutError as error:
            raise NodeGone(f"Node {node} does not answer.") from error
        finally:
            del self._asked[number]
        if got.busy:
            raise StoreBusy("The node that was asked has too much to do.")
        return got.body

    def _told(self, payload: bytes) -> None:
        match _decoder.decode(payload):
            case _Answer() as answer:
                waiting = self._asked.get(answer.id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(answer)
            case _Question() as question:
                if self._answering >= ANSWERING_MAX or self._serve is None:
                    self._reply(question, b"", busy=True)
                else:
                    self._answering += 1
                    _ = spawn(self._answer(question, self._serve), name="answer a node")

    async def _answer(
        self, question: _Question, serve: Callable[[bytes], Awaitable[bytes]]
    ) -> None:
        try:
            self._reply(question, await serve(question.body))
        finally:
            self._answering -= 1

    def _reply(self, question: _Question, body: bytes, *, busy: bool = False) -> None:
        self.publish(node_channel(question.node), _encode(_Answer(question.id, body, busy)))
