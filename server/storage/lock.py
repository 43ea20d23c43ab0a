"""The lock on a data folder: two stores on one folder would write the same file.

The store inherits the lock, so it is held until the *store* has ended, even when the server
that started it was killed.
"""

import asyncio
import fcntl
import os
from pathlib import Path

from server.storage.errors import StoreStartError

_POLL = 0.02


async def lock_folder(folder: Path, timeout: float) -> int:  # noqa: ASYNC109
    """Return a descriptor that holds the lock on `folder`, which is created if absent.

    Waits up to `timeout` seconds, since the store of a server that was killed needs a moment to
    end. Raises `StoreStartError` when the lock is still held then.
    """
    descriptor = await asyncio.to_thread(_open, folder)
    try:
        async with asyncio.timeout(timeout):
            while not _try(descriptor):  # noqa: ASYNC110  # another process lets go of it
                await asyncio.sleep(_POLL)
    except TimeoutError:
        holder = await asyncio.to_thread(os.pread, descriptor, 20, 0)
        os.close(descriptor)
        raise StoreStartError(
            f"Another Parley server (process {holder.decode() or 'unknown'}) is using {folder}."
        ) from None
    except BaseException:
        os.close(descriptor)
        raise
    await asyncio.to_thread(_sign, descriptor)
    return descriptor


def _open(folder: Path) -> int:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
