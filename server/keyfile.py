"""Keys of this installation, each in a file of its own in the data folder."""

import os
from collections.abc import Callable
from pathlib import Path


def kept_key(path: Path, make: Callable[[], bytes], size: int) -> bytes:
    """The key at `path`, made at the first start and readable by its owner only.

    Raises `OSError`, also for one of less than `size` bytes: then the disk was full when it was
    written, and anybody could sign with what is there.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(make())
    key = path.read_bytes()
    if len(key) < size:
        raise OSError(f"{path} was not written to its end. Remove it, and start again.")
    return key
