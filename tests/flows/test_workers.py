"""Calls carried by processes of their own: one that dies costs a moment, not the call."""

import os
import signal
from pathlib import Path

from tests.support.caller import calling, hear_each_other, in_call
from tests.support.crash import children_of
from tests.support.parley import parley, refusal_in
from tests.support.valkey import eventually


def workers() -> set[int]:
    """The numbers of this process's media processes that live."""
    return {
        pid
        for pid, child in children_of(os.getpid(), recursive=True)
        if "signaling" in " ".join(child["cmdline"] or ())
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
        await in_call(ada, ben)
        await hear_each_other(ada_calls, ben_calls)
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
            await hear_each_other(ada_again, ben_again)


async def test_who_offers_to_a_process_that_dies_is_asked_to_offer_again(tmp_path: Path) -> None:
    async with parley(tmp_path, media_workers=1) as server, server.both() as (_, ada, ben):
        await in_call(ada, ben)
        for pid in workers():
            os.kill(pid, signal.SIGSTOP)

        answer = await ada.client.call("call:offer", {"generation": 1, "sdp": "v=0"})

        assert refusal_in(answer) == "busy"
        async with calling(ada) as ada_calls, calling(ben) as ben_calls:
            await hear_each_other(ada_calls, ben_calls)
