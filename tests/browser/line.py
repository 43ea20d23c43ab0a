"""A real network of two places with a line between them that tests make worse, or cut.

Each place is a network namespace (`bench/netem.py` carries the frames), so only root has one.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser

from tests.browser.people import chromium, chromium_path
from tests.browser.site import Site

NEAR_ADDRESS: Final = "10.77.0.1"
FAR_ADDRESS: Final = "10.77.0.2"
ANSWERS_WITHIN: Final = 10.0


class Line:
    """The server's place, `near`, and another one, `far`."""

    def __init__(self, process: asyncio.subprocess.Process, near: str, far: str) -> None:
        self._process = process
        self.near = near
        self.far = far

    async def become(self, **how: float | bool) -> None:
        """What `bench.netem.Line` has fields for; without any, a good line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(how).encode() + b"\n")
        await self.said("set")

    async def said(self, word: str) -> None:
        assert self._process.stdout is not None
        async with asyncio.timeout(ANSWERS_WITHIN):
            line = await self._process.stdout.readline()
        assert line.decode().strip() == word, line

    async def move_far(self, address: str) -> None:
        """The far place is in another network from now on: its old address is gone."""
        for words in ("addr flush dev line", f"addr add {address}/24 dev line"):
            process = await asyncio.create_subprocess_exec("ip", "-n", self.far, *words.split())
            assert await process.wait() == 0

    async def processes(self, place: str) -> list[int]:
        """Everything that runs in a place."""
        process = await asyncio.create_subprocess_exec(
            *("ip", "netns", "pids", place), stdout=subprocess.PIPE
        )
        told, _ = await process.communicate()
        return [int(pid) for pid in told.split()]


def inside(place: str) -> tuple[str, ...]:
    """What runs a program in a place."""
    return ("ip", "netns", "exec", place)


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    """Two places and a good line between them."""
    near, far = f"near-{os.getpid()}", f"far-{os.getpid()}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.netem", near, far),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        made = Line(process, near, far)
        await made.said("up")
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def chromium_in(place: str, site: Site, folder: Path) -> AsyncIterator[Browser]:
    """A real Chromium in a place, which trusts this site as it would one with a certificate."""
    starter = folder / f"chromium-{place}"
    await asyncio.to_thread(_write, starter, place)
    trust = f"--unsafely-treat-insecure-origin-as-secure={site.address}"
    async with chromium(trust, path=starter) as browser:
        yield browser


def _write(starter: Path, place: str) -> None:
    path = chromium_path()
    assert path is not None, "There is no Chromium on PATH: name one in PARLEY_CHROMIUM."
    starter.write_text(f'#!/bin/sh\nexec {" ".join(inside(place))} {path} "$@"\n')
    starter.chmod(0o755)
