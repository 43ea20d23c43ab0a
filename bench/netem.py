"""Two network namespaces joined by a bad line: `tc netem` in user space, for kernels without it.

`python -m bench.netem NAME_A NAME_B`: makes both namespaces with a TAP device each (10.77.0.1 and
10.77.0.2), carries frames between them, and reads a JSON object per line from its standard input:
`{"loss": percent, "delay": ms, "jitter": ms, "burst": mean packets, "kbit": rate, "down": bool}`.
The end of its input removes everything. Needs root and /dev/net/tun.
"""

import asyncio
import ctypes
import fcntl
import json
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

_TUNSETIFF = 0x400454CA
_IFF_TAP_NO_PI = 0x1002
_CLONE_NEWNET = 0x40000000
_ARP = b"\x08\x06"
_QUEUE_S = 0.5


@dataclass(frozen=True)
class Line:
    """How bad the line is, each way."""

    loss: float = 0
    """Percent of frames."""
    burst: float = 1
    """Mean length of a run of lost frames (Gilbert's model)."""
    delay: float = 0
    """Milliseconds one way."""
    jitter: float = 0
    kbit: float = 0
    """Rate limit with half a second of queue; 0: none."""
    down: bool = False


class Way:
    """One direction: reads frames from a TAP device, writes what survives to the other."""

    def __init__(self, source: int, sink: int, line: Callable[[], Line]) -> None:
        self._source = source
        self._sink = sink
        self._line = line
        self._losing = False
        self._free_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(source, self._readable)

    def _readable(self) -> None:
        for _ in range(64):
            try:
                frame = os.read(self._source, 65536)
            except BlockingIOError:
                return
            self._carry(frame)

    def _carry(self, frame: bytes) -> None:
        line = self._line()
        if frame[12:14] == _ARP:
            self._put(frame)
            return
        if line.down or self._lost(line):
            return
        wait = max(0.0, line.delay + random.uniform(-1, 1) * line.jitter) / 1000
        if line.kbit:
            now = self._loop.time()
            free_at = max(now, self._free_at) + len(frame) * 8 / (line.kbit * 1000)
            if free_at - now > _QUEUE_S:
                return
            self._free_at = free_at
            wait += free_at - now
        if wait:
            self._loop.call_later(wait, self._put, frame)
        else:
            self._put(frame)

    def _lost(self, line: Line) -> bool:
        share, burst = line.loss / 100, max(1.0, line.burst)
        if not share:
            return False
        chance = 1 - 1 / burst if self._losing else share / (burst * (1 - share))
        self._losing = random.random() < chance
        return self._losing

    def _put(self, frame: bytes) -> None:
        with suppress(OSError):
            os.write(self._sink, frame)


def _tap(namespace: str, address: str) -> int:
    """A namespace with a TAP device in it; returns the device's file descriptor."""
    _run(f"ip netns add {namespace}")
    libc = ctypes.CDLL("libc.so.6", use_errno=True)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/var/run/netns/{namespace}", os.O_RDONLY)
    if libc.setns(there, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH", b"line", _IFF_TAP_NO_PI))
    libc.setns(home, _CLONE_NEWNET)
    os.close(home)
    os.close(there)
    for words in ("link set lo up", f"addr add {address}/24 dev line", "link set line up"):
        _run(f"ip -n {namespace} {words}")
    return device


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True)


async def main(names: tuple[str, str]) -> None:
    """Carry frames until the standard input ends."""
    line = Line()
    try:
        first, second = (
            _tap(name, address)
            for name, address in zip(names, ("10.77.0.1", "10.77.0.2"), strict=True)
        )
        Way(first, second, lambda: line)
        Way(second, first, lambda: line)
        print("up", flush=True)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while said := await reader.readline():
            line = replace(Line(), **json.loads(said))
            print("set", flush=True)
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False)  # noqa: ASYNC221 - the end


if __name__ == "__main__":
    asyncio.run(main((sys.argv[1], sys.argv[2])))
