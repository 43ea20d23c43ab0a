"""The embedded store: a durable Valkey as our child, on a Unix socket in the data folder.

It starts before everything else, is started again when it dies, and never outlives us: a watcher
blocked on a pipe from us ends it when we vanish, however we vanish. Its counterpart is
`server/storage/client.py`, which talks to it.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

import hiredis
import structlog

from server.storage.binary import find_binary
from server.storage.errors import StoreStartError
from server.storage.lock import lock_folder
from server.tasks import cancel, spawn

log = structlog.get_logger(__name__)

# The subshell waits for a line or the end of the pipe. A line dismisses it; the end of the pipe
# means that the server is gone, and then it ends the store, whose process number is the shell's
# own because `exec` keeps it. What the store writes is nobody else's to read, whatever the folder.
WATCHED = """
umask 077
exec 3<&0
(read -r dismissed <&3 || kill -TERM $$) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null
"""
FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "--port": "0",
        "--unixsocketperm": "700",
        "--daemonize": "no",
        "--databases": "1",
        "--appendonly": "yes",
        # The reply follows the fsync: an acknowledged command survives a power cut.
        "--appendfsync": "always",
        # A torn last write was never acknowledged: drop it and start.
        "--aof-load-truncated": "yes",
        "--save": "",
        "--maxmemory-policy": "noeviction",
        "--notify-keyspace-events": "Ex",
    }
)
SOCKET_PATH_MAX = 100  # of 108, less what the kernel and libraries add
LOG_MAX = 1 << 20
ACCEPT_TIMEOUT = 10.0
LOADING_TIMEOUT = 600.0
STOP_TIMEOUT = 10.0
LOCK_TIMEOUT = 3.0
BACKOFF_FIRST = 0.05
BACKOFF_MAX = 2.0
STABLE_AFTER = 10.0
_POLL = 0.005
_APPENDS = "appendonlydir"  # as Valkey names it by itself


class EmbeddedStore:
    """One Valkey or Redis process on `data`, supervised.

    `socket` is where it listens; it stays the same over restarts.
    """

    def __init__(self, data: Path, *, binary: Path | None = None) -> None:
        self.data = data.absolute()
        self.socket = _socket_path(self.data)
        self.restarts = 0
        self._chosen = binary
        self._binary = Path()
        self._lock: int | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._leash: int | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._launched_at = 0.0

    @property
    def has_run(self) -> bool:
        """Whether a store ever kept anything on this folder."""
        return (self.data / _APPENDS).exists()

    @property
    def pid(self) -> int | None:
        """The process number of the running store."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Return when the store has loaded its data and answers. Raises `StoreStartError`."""
        self._binary = await asyncio.to_thread(find_binary, self._chosen)
        self._lock = await lock_folder(self.data, LOCK_TIMEOUT)
        try:
            await self._launch()
        except BaseException:
            await self.stop()
            raise
        self._supervisor = spawn(self._supervise(), name="embedded store")

    async def stop(self) -> None:
        """End the store cleanly and release the data folder. Safe to call twice."""
        if self._supervisor is not None:
            await cancel(self._supervisor)
            self._supervisor = None
        await self._end_process()
        await asyncio.to_thread(self.socket.unlink, missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _supervise(self) -> None:
        delay = BACKOFF_FIRST
        while self._process is not None:
            status = await self._process.wait()
            await self._dismiss_watcher()
            lived = asyncio.get_running_loop().time() - self._launched_at
            delay = BACKOFF_FIRST if lived > STABLE_AFTER else min(delay * 2, BACKOFF_MAX)
            log.error("store.died", status=status, lived_s=round(lived, 1), again_in_s=delay)
            await asyncio.sleep(delay)
            self.restarts += 1
            try:
                await self._launch()
            except (StoreStartError, OSError) as error:
                log.error("store.restart_failed", reason=str(error))

    async def _launch(self) -> None:
        self._launched_at = asyncio.get_running_loop().time()
        tail, length = await asyncio.to_thread(_tail, self.data)
        try:
            self._process = await self._spawn_process()
            await self._until_ready(self._process)
        except BaseException:
            await self._end_process()
            raise
        torn = length - await asyncio.to_thread(_length, tail, length)
        if torn > 0:
            says = "The last write had not reached the disk whole. It was never acknowledged."
            log.warning("store.torn_tail", dropped_bytes=torn, says=says)

    async def _spawn_process(self) -> asyncio.subprocess.Process:
        assert self._lock is not None
        output = await asyncio.to_thread(self._prepare)
        read_end, self._leash = os.pipe()
        os.set_blocking(self._leash, False)
        try:
            return await asyncio.create_subprocess_exec(
                *("/bin/sh", "-c", WATCHED, "sh", *self._command()),
                stdin=read_end,
                stdout=output,
                stderr=output,
                # Ctrl-C belongs to us: the store must be the last to end.
                start_new_session=True,
                pass_fds=(self._lock,),
            )
        finally:
            os.close(read_end)
            os.close(output)

    def _command(self) -> list[str]:
        command = [str(self._binary), "--dir", str(self.data), "--unixsocket", str(self.socket)]
        for flag, value in FLAGS.items():
            command += [flag, value]
        return command

    def _prepare(self) -> int:
        """Make room for the socket and return a descriptor of the store's log."""
        _private_folder(self.socket.parent)
        self.socket.unlink(missing_ok=True)
        path = self.data / "store.log"
        fresh = path.exists() and path.stat().st_size > LOG_MAX
        mode = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if fresh else 0)
        return os.open(path, mode, 0o600)

    async def _until_ready(self, process: asyncio.subprocess.Process) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + ACCEPT_TIMEOUT
        while process.returncode is None and loop.time() < deadline:
            said = await _ask(self.socket)
            if said and said.get("process_id") != str(process.pid):
                raise StoreStartError(f"A store that is not ours listens on {self.socket}.")
            if said.get("loading") == "0":
                return
            if said:
                deadline = self._launched_at + LOADING_TIMEOUT
            await asyncio.sleep(_POLL)
        raise StoreStartError(await asyncio.to_thread(self._why_not, process.returncode))

    def _why_not(self, status: int | None) -> str:
        lines = (self.data / "store.log").read_text(errors="replace").splitlines()
        how = "did not answer in time" if status is None else f"ended with status {status}"
        return f"The embedded store {how}: {lines[-1] if lines else 'it said nothing'}"

    async def _end_process(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_TIMEOUT)
            except TimeoutError:
                log.error("store.killed", after_s=STOP_TIMEOUT)
                process.kill()
                await process.wait()
        await self._dismiss_watcher()

    async def _dismiss_watcher(self) -> None:
        """Send the watcher home once the store has ended: its number may soon be another's.

        Returns when it is gone, and with it the last who shares the lock on the data folder; after
        `STOP_TIMEOUT` in any case.
        """
        leash, self._leash = self._leash, None
        if leash is None:
            return
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                while True:
                    os.write(leash, b"\n")
                    await asyncio.sleep(_POLL)
        except (BrokenPipeError, BlockingIOError, TimeoutError):
            return
        finally:
            os.close(leash)


async def _ask(socket: Path) -> dict[str, str]:
    """Return what the store on `socket` says of itself; nothing while it does not listen."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return {}
    parser = hiredis.Reader()
    try:
        writer.write(b"INFO server persistence\r\n")
        async with asyncio.timeout(1):
            while (reply := parser.gets()) is False:
                data = await reader.read(65536)
                if not data:
                    return {}
                parser.feed(data)
    except (OSError, TimeoutError):
        return {}
    finally:
        writer.close()
    if not isinstance(reply, bytes):
        return {}
    pairs = (line.partition(":") for line in reply.decode().splitlines())
    return {key: value for key, found, value in pairs if found}


def _tail(data: Path) -> tuple[Path, int]:
    """Return the file that the store was last writing to, and its length; 0 when there is none."""
    written = (data / _APPENDS).glob("*.incr.aof")
    newest = max(written, key=lambda path: int(path.name.split(".")[-3]), default=data / "none")
    return newest, _length(newest, 0)


def _length(path: Path, otherwise: int) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return otherwise


def _socket_path(data: Path) -> Path:
    """Return the socket's place: in the data folder, or a short one where that is too long."""
    wanted = data / "store.sock"
    if len(os.fsencode(wanted)) <= SOCKET_PATH_MAX:
        return wanted
    short = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"parley-{os.getuid()}-{short}" / "store.sock"


def _private_folder(folder: Path) -> None:
    """Make `folder`, or refuse one that somebody else could have put there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    about = folder.lstat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise StoreStartError(f"{folder} must belong to you and be writable by nobody else.")
