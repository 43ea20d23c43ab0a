"""Who carries the media: one engine in this loop, or worker processes, behind one face."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

import structlog

from server.config import Config
from server.errors import Code, Refusal
from signaling import Engine, EngineEvent, EngineFull, InvalidSdp, Kind, WorkerLost, Workers

log = structlog.get_logger(__name__)


class Media(Protocol):
    """What the calls need of the engine; see `signaling.Engine` for the meaning."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def answer(
        self, call: str, peer: str, offer: str, generation: int, *, sends: bool = True
    ) -> str: ...

    def leave(self, call: str, peer: str) -> None: ...

    def silence(
        self, call: str, peer: str, kind: Kind, *, number: int = 0, silent: bool
    ) -> None: ...

    def end(self, call: str) -> None: ...

    def show(self, call: str, peer: str, source: str, height: int) -> None: ...


async def answered(
    media: Media, call: str, peer: str, offer: str, generation: int, *, sends: bool = True
) -> str:
    """The engine's answer to somebody's offer. Raises `Refusal`."""
    try:
        return await media.answer(call, peer, offer, generation, sends=sends)
    except InvalidSdp as error:
        log.info("offer.refused", call=call, peer=peer, reason=str(error))
        raise Refusal(
            Code.INVALID_SDP, "Your browser's description of its media cannot be used."
        ) from error
    except WorkerLost as error:
        raise Refusal(Code.BUSY, "The call is being moved. Try again.", retryAfterMs=500) from error
    except EngineFull as error:
        raise Refusal(
            Code.CALLS_FULL, "This server carries as many calls as it can. Try again soon."
        ) from error


class InLoop:
    """The engine in the loop that also serves messages: the default."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.start = engine.start
        self.close = engine.close
        self.leave = engine.leave
        self.silence = engine.silence
        self.end = engine.end
        self.show = engine.show

    async def answer(
        self, call: str, peer: str, offer: str, generation: int, *, sends: bool = True
    ) -> str:
        """As `Engine.answer`."""
        return self._engine.answer(call, peer, offer, generation, sends=sends)


def media_of(
    config: Config, on_event: Callable[[EngineEvent], None]
) -> tuple[Media, Callable[[], Mapping[str, float]]]:
    """The media as configured, and what it counts: `peers`, and datagrams dropped by reason.

    Workers count what they drop in their own processes; of them only `peers` is known here.
    """
    host, port, announce = config.media_host, config.media_port, config.media_announce
    if config.media_workers:
        workers = Workers(
            config.media_workers, host=host, port=port, announce=announce, on_event=on_event
        )
        return workers, lambda: {"peers": workers.peers}
    engine = Engine(host=host, port=port, announce=announce, on_event=on_event)
    return InLoop(engine), lambda: {"peers": engine.peers, **asdict(engine.counters)}
