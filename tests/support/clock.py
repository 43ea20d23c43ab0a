"""A clock that jumps, for a server in a process of its own and for its store: libfaketime's."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from server.storage.binary import find_binary
from tests.support.crash import running

LIBRARIES: Final = "*/faketime/libfaketimeMT.so.1"
MISSING: Final = (
    "libfaketime is not installed, and this test moves a server's clock with it. "
    "On Debian and Ubuntu: apt-get install faketime (make test does it where it may)."
)


class JumpingClock:
    """The wall clock of whatever is started with `settings`; monotonic time goes on by itself.

    `program` is a store that goes by it. A server does so only beside a store that runs already:
    libfaketime 0.9.10 breaks `time.sleep`, with which Python waits for a store's version.
    """

    def __init__(self, folder: Path) -> None:
        libraries = list(Path("/usr/lib").glob(LIBRARIES))
        assert libraries, MISSING
        self._offset = folder / "offset"
        self.jump_to(0)
        self.settings: Mapping[str, str] = {
            "LD_PRELOAD": str(libraries[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.program = folder / "store-with-this-clock"
        words = [f"{name}={shlex.quote(value)}" for name, value in self.settings.items()]
        store = shlex.quote(str(find_binary()))
        self.program.write_text(f'#!/bin/sh\nexec env {" ".join(words)} {store} "$@"\n')
        self.program.chmod(0o700)

    def jump_to(self, seconds: int) -> None:
        """From now on the clock is so far from the truth."""
        # At once: a reader must never find the file empty.
        fresh = self._offset.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}s\n")
        fresh.replace(self._offset)

    @staticmethod
    def tidy() -> None:
        """Removes what libfaketime leaves in memory of processes that were killed."""
        for left in Path("/dev/shm").glob("*faketime_*_*"):
            if not running(int(left.name.rpartition("_")[2])):
                left.unlink(missing_ok=True)
