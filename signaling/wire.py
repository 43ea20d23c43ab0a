"""What a worker process and its owner say to each other: frozen messages, framed and pickled.

Both ends are this package, started by the same program over a socket pair that nobody else holds,
so pickle is safe here. The counterparts are `workers` (the owner) and `worker` (the process).
"""

import pickle
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass

from signaling.events import EngineEvent, Kind
from signaling.stats import CallStatistics


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker's port is bound."""

    port: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The worker's loop is alive; said twice a second."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The worker could not start."""

    why: str


@dataclass(frozen=True, slots=True)
class Offer:
    """Answer this."""

    number: int
    call: str
    peer: str
    sdp: str
    generation: int
    sends: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to an offer."""

    number: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The offer cannot be answered: a broken one, or there is no room."""

    number: int
    why: str
    full: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """A person leaves."""

    call: str
    peer: str


@dataclass(frozen=True, slots=True)
class End:
    """Everybody leaves."""

    call: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Keep a person's media from everybody, or let it through."""

    call: str
    peer: str
    kind: Kind
    number: int
    silent: bool


@dataclass(frozen=True, slots=True)
class Show:
    """A person shows another's pictures in so many pixels of height."""

    call: str
    peer: str
    source: str
    height: int


@dataclass(frozen=True, slots=True)
class AskStatistics:
    """Tell how a call is doing."""

    number: int
    call: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """How a call is doing."""

    number: int
    statistics: CallStatistics


@dataclass(frozen=True, slots=True)
class Happened:
    """The engine in the worker says so."""

    event: EngineEvent


ToWorker = Offer | Leave | End | Silence | Show | AskStatistics
FromWorker = Ready | Beat | Failed | Answered | Refused | Statistics | Happened


def send(writer: StreamWriter, message: ToWorker | FromWorker) -> None:
    """Queue a message; both ends are on one machine, and messages are rare and small."""
    data = pickle.dumps(message)
    writer.write(len(data).to_bytes(4, "big") + data)


async def receive(reader: StreamReader) -> object:
    """The next message. Raises IncompleteReadError when the other end is gone."""
    size = int.from_bytes(await reader.readexactly(4), "big")
    return pickle.loads(await reader.readexactly(size))  # noqa: S301 - see the module
