"""Calls carried by processes of their own: one that dies costs a moment, not the call."""

import asyncio
import os
import signal
from pathlib import Path

import psutil

from tests.support.caller import calling
from tests.support.parley import parley
from tests.support.valkey import eventually


def workers() -> set[int]:
    """The numbers of this process's media processes that live."""
    return {
        child.pid
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "signaling" in " ".join(child.cmdline())
    }


async def test_people_rebuild_their_media_when_the_process_that_carried_it_dies(
    tmp_path: Path,
) -> None:
    async with (
        parley(tmp_path, media_workers=2) as server,
        server.both() as (_, ada, ben),
        calling(ada) as ada_calls,
        calling(ben) as ben_calls,
    ):
        await ada.do("call:ring", media="audio")
        await ben.told("call:rang")
        await ben.do("call:accept")
        await ada.told("call:accepted")
        await asyncio.gather(ada_calls.connect(), ben_calls.connect())
        async with asyncio.timeout(15):
            await asyncio.gather(ada_calls.heard.wait(), ben_calls.heard.wait())
        before = workers()
        assert len(before) == 2

        for pid in before:
            os.kill(pid, signal.SIGKILL)

        for seated in (ada, ben):
            assert (await seated.client.next("call:renegotiate"))["rebuild"] is True
        await eventually(
            lambda: "" if len(workers() - before) == 2 else f"{workers()} after {before}"
        )
        async with calling(ada) as ada_again, calling(ben) as ben_again:
            await asyncio.gather(ada_again.connect(), ben_again.connect())
            async with asyncio.timeout(15):
                await asyncio.gather(ada_again.heard.wait(), ben_again.heard.wait())
