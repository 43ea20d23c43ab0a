"""Engines in processes of their own, one per core, each with its own port; calls placed by load.

`Workers` has the methods of `engine.Engine`; those that need an answer are coroutines. A call
never spans processes. A worker that dies, or hangs for a second and a half, is killed and
replaced; everybody who was on it is reported with `Reason.WORKER_LOST`, and when their browsers
offer again, they are placed anew.
"""

import asyncio
import socket
import sys
from asyncio import AbstractEventLoop, IncompleteReadError, StreamReader, StreamWriter
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Final

from signaling import wire
from signaling.events import (
    EngineEvent,
    EngineFull,
    InvalidSdp,
    Kind,
    PeerDisconnected,
    Reason,
)
from signaling.stats import CallStatistics

HANGS_AFTER: Final = 1.5
"""Seconds without a sign of life after which a worker is killed."""
LOOKS: Final = 3
"""How often it is looked at in that time. They are counted, not the time that went by: an owner
that stood still has looked once, and then hears what came meanwhile."""
START_WITHIN: Final = 15.0
RETRY_AFTER: Final = 0.5
"""Seconds until a worker that could not be begun is begun again."""
ANSWER_WITHIN: Final = 3.0


class WorkerLost(EngineFull):
    """The worker of a call went away while it was asked; the browser should offer again."""


class _Worker:
    """One process, as its owner sees it."""

    def __init__(self, process: Process, reader: StreamReader, writer: StreamWriter) -> None:
        self.process = process
        self.reader = reader
        self.writer = writer
        self.calls: dict[str, set[str]] = {}
        """Call -> its people."""
        self.asked: dict[int, asyncio.Future[object]] = {}
        self.port = 0
        self.silent = 0
        """Looks since it was heard last."""

    @property
    def load(self) -> int:
        """How many people are on it."""
        return sum(map(len, self.calls.values()))


class Workers:
    """All engines of a machine behind one face."""

    def __init__(
        self,
        number: int,
        *,
        host: str,
        port: int,
        announce: Sequence[str] = (),
        on_event: Callable[[EngineEvent], None],
    ) -> None:
        """Prepare `number` workers on ports from `port` on (0 = any free ones)."""
        self._host = host
        self._first_port = port
        self._announce = tuple(announce)
        self._on_event = on_event
        self._slots: list[_Worker | None] = [None] * number
        self._numbers = count()
        self._there = asyncio.Event()
        self._keepers: set[asyncio.Task[None]] = set()
        self._closing = False
        self._loop: AbstractEventLoop | None = None

    @property
    def ports(self) -> list[int]:
        """The ports of the workers that are there."""
        return [each.port for each in self._slots if each is not None]

    @property
    def peers(self) -> int:
        """People in the calls of all workers."""
        there = (each for each in self._slots if each is not None)
        return sum(len(people) for each in there for people in each.calls.values())

    @property
    def processes(self) -> list[int]:
        """The process numbers of the workers that are there."""
        return [each.process.pid for each in self._slots if each is not None]

    async def start(self) -> None:
        """Start all workers. Raises OSError when one cannot bind its port."""
        self._loop = asyncio.get_running_loop()
        try:
            for place in range(len(self._slots)):
                self._keep(place, await self._begin(place))
        except OSError:
            await self.close()
            raise

    async def close(self) -> None:
        """End all calls and all workers."""
        self._closing = True
        for worker in self._slots:
            if worker is not None:
                worker.writer.close()
        if self._keepers:
            await asyncio.wait(self._keepers, timeout=2 * HANGS_AFTER)
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    # ------------------------------------------------------------------------- the engine's face

    async def answer(
        self, call: str, peer: str, offer: str, generation: int, *, sends: bool = True
    ) -> str:
        """As `Engine.answer`; the first offer of a call places it on the least loaded worker."""
        if self._of(call) is None:
            await self._some_worker()
        worker = self._of(call) or self._least_loaded()
        # Placed before anything is awaited: two people may offer at the same moment.
        people = worker.calls.setdefault(call, set())
        is_new = peer not in people
        people.add(peer)
        try:
            return await self._answer(worker, wire.Offer(0, call, peer, offer, generation, sends))
        except (InvalidSdp, EngineFull):
            if is_new:
                self._forget(worker, call, peer)
            raise

    async def _answer(self, worker: _Worker, offer: wire.Offer) -> str:
        reply = await self._ask(worker, lambda number: replace(offer, number=number))
        match reply:
            case wire.Answered():
                return reply.sdp
            case wire.Refused(full=True):
                raise EngineFull(reply.why)
            case wire.Refused():
                raise InvalidSdp(reply.why)
            case _:
                raise TypeError(f"A worker answered an offer with {reply!r}.")

    def leave(self, call: str, peer: str) -> None:
        """As `Engine.leave`."""
        if (worker := self._of(call)) is not None:
            wire.send(worker.writer, wire.Leave(call, peer))
            self._forget(worker, call, peer)

    def end(self, call: str) -> None:
        """As `Engine.end`."""
        if (worker := self._of(call)) is not None:
            wire.send(worker.writer, wire.End(call))
            del worker.calls[call]

    def silence(self, call: str, peer: str, kind: Kind, *, number: int = 0, silent: bool) -> None:
        """As `Engine.silence`."""
        if (worker := self._of(call)) is not None:
            wire.send(worker.writer, wire.Silence(call, peer, kind, number, silent))

    def show(self, call: str, peer: str, source: str, height: int) -> None:
        """As `Engine.show`."""
        if (worker := self._of(call)) is not None:
            wire.send(worker.writer, wire.Show(call, peer, source, height))

    async def statistics(self, call: str) -> CallStatistics:
        """As `Engine.statistics`."""
        worker = self._of(call)
        if worker is None:
            return CallStatistics(())
        reply = await self._ask(worker, lambda number: wire.AskStatistics(number, call))
        if not isinstance(reply, wire.Statistics):
            raise TypeError(f"A worker answered for statistics with {reply!r}.")
        return reply.statistics

    # --------------------------------------------------------------------------------- placing

    def _forget(self, worker: _Worker, call: str, peer: str) -> None:
        people = worker.calls.get(call, set())
        people.discard(peer)
        if not people:
            worker.calls.pop(call, None)

    def _of(self, call: str) -> _Worker | None:
        return next((each for each in self._slots if each is not None and call in each.calls), None)

    async def _some_worker(self) -> None:
        """Wait while all are being replaced. Raises WorkerLost when that takes too long."""
        try:
            await asyncio.wait_for(self._there.wait(), START_WITHIN)
        except TimeoutError:
            raise WorkerLost("The media processes are being restarted.") from None

    def _least_loaded(self) -> _Worker:
        there = [each for each in self._slots if each is not None]
        if not there:
            raise WorkerLost("The media processes are being restarted.")
        return min(there, key=lambda each: each.load)

    async def _ask(self, worker: _Worker, message: Callable[[int], wire.ToWorker]) -> object:
        assert self._loop is not None
        number = next(self._numbers)
        answered: asyncio.Future[object] = self._loop.create_future()
        worker.asked[number] = answered
        wire.send(worker.writer, message(number))
        try:
            return await asyncio.wait_for(answered, ANSWER_WITHIN)
        except TimeoutError:
            raise WorkerLost("The media process does not answer.") from None
        finally:
            worker.asked.pop(number, None)

    # ------------------------------------------------------------------------------- processes

    async def _begin(self, place: int) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "signaling.worker",
                str(theirs.fileno()),
                self._host,
                str(self._first_port + place if self._first_port else 0),
                *self._announce,
                pass_fds=(theirs.fileno(),),
            )
        worker = _Worker(process, *await asyncio.open_connection(sock=ours))
        try:
            first = await asyncio.wait_for(wire.receive(worker.reader), START_WITHIN)
        except (TimeoutError, IncompleteReadError):
            first = wire.Failed("it did not start")
        if not isinstance(first, wire.Ready):
            await self._stop(worker)
            why = first.why if isinstance(first, wire.Failed) else "it said something else"
            raise OSError(f"A media process cannot be used: {why}")
        worker.port = first.port
        return worker

    def _keep(self, place: int, worker: _Worker) -> None:
        assert self._loop is not None
        self._slots[place] = worker
        self._there.set()
        keeper = self._loop.create_task(self._listen(place, worker), name=f"worker {place}")
        self._keepers.add(keeper)
        keeper.add_done_callback(self._keepers.discard)

    async def _listen(self, place: int, worker: _Worker) -> None:
        """Hear a worker until it is gone, then replace it. One that hangs is killed by a look."""
        self._look(place, worker)
        try:
            with suppress(IncompleteReadError, ConnectionError):
                while True:
                    message = await wire.receive(worker.reader)
                    worker.silent = 0
                    self._hear(worker, message)
        finally:
            self._slots[place] = None
            if not any(self._slots):
                self._there.clear()
            await self._stop(worker)
        if self._closing:
            return
        self._mourn(worker)
        await self._replace(place)

    def _look(self, place: int, worker: _Worker) -> None:
        """Kill a worker that was silent at each of the last looks: `_listen` then reads its end."""
        assert self._loop is not None
        if self._slots[place] is not worker:
            return
        if worker.silent == LOOKS:
            with suppress(ProcessLookupError):
                worker.process.kill()
            return
        worker.silent += 1
        self._loop.call_later(HANGS_AFTER / LOOKS, self._look, place, worker)

    async def _replace(self, place: int) -> None:
        """Begin again until it works: a port may not be free at once. The others carry on."""
        while not self._closing:
            with suppress(OSError):
                self._keep(place, await self._begin(place))
                return
            await asyncio.sleep(RETRY_AFTER)

    def _hear(self, worker: _Worker, message: object) -> None:
        match message:
            case wire.Happened(event):
                self._emit(event)
            case wire.Answered(number) | wire.Refused(number) | wire.Statistics(number):
                asked = worker.asked.get(number)
                if asked is not None and not asked.done():
                    asked.set_result(message)
            case _:
                pass  # a beat: that it came is all it says

    def _mourn(self, worker: _Worker) -> None:
        for asked in worker.asked.values():
            if not asked.done():
                asked.set_exception(WorkerLost("The media process has ended."))
        for call, people in worker.calls.items():
            for peer in people:
                self._emit(PeerDisconnected(call, peer, Reason.WORKER_LOST))

    def _emit(self, event: EngineEvent) -> None:
        # As `Engine` does: what fails at it must not end whoever listens to the worker.
        assert self._loop is not None
        self._loop.call_soon(self._on_event, event)

    async def _stop(self, worker: _Worker) -> None:
        worker.writer.close()
        try:
            # One that hangs does not hear that it should end.
            if self._closing:
                await asyncio.wait_for(worker.process.wait(), HANGS_AFTER)
        except TimeoutError:
            pass
        finally:
            with suppress(ProcessLookupError):
                worker.process.kill()
        await worker.process.wait()
