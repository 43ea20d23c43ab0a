"""Background tasks: the only place that starts one, so that none is lost, nameless or silent."""

import asyncio
from collections.abc import Coroutine
from typing import Final, TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

# The loop itself holds tasks only weakly: one that nobody else refers to could vanish in mid-air.
# A task leaves this set when it ends, so nothing outlives its loop here.
_running: Final[set[asyncio.Task[object]]] = set()


def spawn(coro: Coroutine[object, object, T], *, name: str) -> asyncio.Task[T]:
    """Run `coro` in the background; an exception that ends it is logged once, under `name`."""
    task = asyncio.get_running_loop().create_task(coro, name=name)
    _running.add(task)
    task.add_done_callback(_ended)
    return task


async def cancel(task: asyncio.Task[T]) -> None:
    """Cancel `task` and wait until it has ended, whatever it ends with."""
    task.cancel()
    await asyncio.wait([task])


def _ended(task: asyncio.Task[T]) -> None:
    _running.discard(task)
    if task.cancelled():
        return
    error = task.exception()
    if error is not None:
        log.error("task.failed", task=task.get_name(), exc_info=error)
