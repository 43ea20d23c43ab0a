"""Free space under the data folder: with too little of it we stop writing before the store must."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

import structlog

from server.tasks import cancel, spawn

log = structlog.get_logger(__name__)

PERIOD: Final = 0.5  # seconds; a full disk is noticed and a freed one used within twice this


class DiskWatch:
    """Looks at the free space around `folder`; `full` is true below `floor` bytes of it.

    A store with `appendfsync always` ends itself when a write fails, so we stop well before.
    """

    def __init__(self, folder: Path, floor: int, *, period: float = PERIOD) -> None:
        self.free = 0
        self.full = False
        self._folder = folder
        self.floor = floor
        self._period = period
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look once, and then again and again."""
        await self._look()
        self._task = spawn(self._watch(), name="disk watch")

    async def stop(self) -> None:
        """Stop looking."""
        if self._task is not None:
            await cancel(self._task)
            self._task = None

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._period)
            await self._look()

    async def _look(self) -> None:
        try:
            self.free = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        except OSError as error:
            log.error("disk.unreadable", folder=str(self._folder), error=str(error))
            self.free = 0
        was, self.full = self.full, self.free < self.floor
        if was != self.full:
            log.warning("disk.full" if self.full else "disk.room_again", free_bytes=self.free)
