"""A process that runs one engine for its owner (`workers`): `python -m signaling.worker`.

It ends when its owner does: their socket then reads as closed.
"""

import asyncio
import gc
import logging
import socket
import sys
from asyncio import IncompleteReadError, StreamWriter
from typing import Final, assert_never

from signaling import wire
from signaling.engine import Engine
from signaling.events import EngineFull, InvalidSdp

BEAT_EVERY: Final = 0.5
"""Seconds between two signs of life."""

_log = logging.getLogger(__name__)


async def _main(descriptor: int, host: str, port: int, announce: list[str]) -> None:
    owner = socket.socket(fileno=descriptor)
    reader, writer = await asyncio.open_connection(sock=owner)
    engine = Engine(
        host=host,
        port=port,
        announce=announce,
        on_event=lambda event: wire.send(writer, wire.Happened(event)),
    )
    try:
        await engine.start()
    except OSError as error:
        wire.send(writer, wire.Failed(str(error)))
        await writer.drain()
        return
    wire.send(writer, wire.Ready(engine.port))
    # What start-up made stays: the collector need not look at it again in the middle of a call.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    _beat(writer)
    try:
        while True:
            _obey(engine, writer, await wire.receive(reader))
    except (IncompleteReadError, ConnectionError):
        await engine.close()


def _beat(writer: StreamWriter) -> None:
    wire.send(writer, wire.Beat())
    asyncio.get_running_loop().call_later(BEAT_EVERY, _beat, writer)


def _obey(engine: Engine, writer: StreamWriter, message: object) -> None:
    assert isinstance(message, wire.ToWorker)
    match message:
        case wire.Offer():
            wire.send(writer, _answer(engine, message))
        case wire.Leave(call, peer):
            engine.leave(call, peer)
        case wire.End(call):
            engine.end(call)
        case wire.Silence(call, peer, kind, number, silent):
            engine.silence(call, peer, kind, number=number, silent=silent)
        case wire.Show(call, peer, source, height):
            engine.show(call, peer, source, height)
        case wire.AskStatistics(number, call):
            wire.send(writer, wire.Statistics(number, engine.statistics(call)))
        case _:
            assert_never(message)


def _answer(engine: Engine, offer: wire.Offer) -> wire.Answered | wire.Refused:
    try:
        sdp = engine.answer(offer.call, offer.peer, offer.sdp, offer.generation, sends=offer.sends)
        return wire.Answered(offer.number, sdp)
    except InvalidSdp as error:
        return wire.Refused(offer.number, str(error), full=False)
    except EngineFull as error:
        return wire.Refused(offer.number, str(error), full=True)
    except Exception as error:  # noqa: BLE001 - one offer must not end the calls of everybody here
        _log.exception("An offer could not be dealt with.")
        why = f"The offer could not be dealt with ({type(error).__name__})."
        return wire.Refused(offer.number, why, full=False)


def main() -> None:
    """Run with arguments: descriptor of the owner's socket, host, port, announced addresses."""
    descriptor, host, port, *announce = sys.argv[1:]
    try:
        import uvloop as loop
    except ImportError:
        asyncio.run(_main(int(descriptor), host, int(port), announce))
    else:
        loop.run(_main(int(descriptor), host, int(port), announce))


if __name__ == "__main__":
    main()
