"""A power cut, simulated: of what the store wrote, only what it had synced is still there.

`strace` notes the store's writes and syncs, so the length that each file was sure to have on the
disk at any moment is known. Nothing of the store is changed for it.
"""

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Final

from server.storage.binary import find_binary

# -D: the tracer is the child, so that the store stays the process that its server started.
_TRACED: Final = """#!/bin/sh
case "$1" in --version) exec {store} "$1" ;; esac
exec strace -D -f -qq -y -s 0 --seccomp-bpf -A -o {trace} \
-e trace=write,fdatasync,fsync {store} "$@"
"""
_CALL: Final = re.compile(r"(write|fdatasync|fsync)\(\d+<(.+?\.aof)>.*\) = (\d+)$")


MISSING: Final = (
    "strace is not installed, and this test watches with it what reaches the disk. "
    "On Debian and Ubuntu: apt-get install strace (make test does it where it may)."
)


class PowerSupply:
    """What feeds a store on `data`. Start the store by `program`; both lie in `folder`."""

    def __init__(self, data: Path, folder: Path) -> None:
        assert shutil.which("strace"), MISSING
        self.program = folder / "traced-store"
        self._trace = folder / "trace"
        self._files = data / "appendonlydir"
        self._known: dict[str, int] = {}
        self._from = 0
        store = shlex.quote(str(find_binary()))
        self.program.write_text(_TRACED.format(store=store, trace=shlex.quote(str(self._trace))))
        self.program.chmod(0o700)

    def watch(self) -> None:
        """From now on, of which the files' lengths are known. Call it while nothing is written."""
        self._known = {str(path): path.stat().st_size for path in self._files.glob("*.aof")}
        self._from = self._trace.stat().st_size

    def cut(self) -> int:
        """Takes away what was not synced; returns how many bytes. The store must be dead."""
        lost = 0
        for path, length in self._synced().items():
            lost += max(0, path.stat().st_size - length)
            os.truncate(path, length)
        return lost

    def _synced(self) -> dict[Path, int]:
        written, synced = dict(self._known), dict(self._known)
        with self._trace.open() as trace:
            trace.seek(self._from)
            for line in trace:
                if call := _CALL.search(line.rstrip()):
                    what, name, result = call.groups()
                    if what == "write":
                        written[name] = written.get(name, 0) + int(result)
                    else:
                        synced[name] = written.get(name, 0)
        return {Path(name): n for name, n in synced.items() if Path(name).exists()}
