"""How soon small messages arrive over TCP on a bad line: `python -m bench.lossy [LOSS...]`.

For each loss (percent, each way) twice: as the system sends by itself, and with what
`server/transport/thin.py` asks for. Needs root (`bench/netem.py`); 80 s for each. Prints the share
of messages that arrived within 20 s, and how late the median and the 95th percentile were.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from contextlib import AsyncExitStack, suppress
from typing import TypeAlias

from server.transport.thin import retry_soon
from tests.browser.line import NEAR_ADDRESS, inside, line

_PORT = 9000
_CONNECTIONS = 60
_SIZE = 250
_SETTLES_S, _COUNTED_S, _WAITS_S = 15.0, 20.0, 40.0
"""What is sent right after the loss began is not counted; then it is; then the latest may come."""
_SOON_S = 20.0

Came: TypeAlias = list[tuple[float, float]]
"""When each message was sent, and when it came; the clock is the machine's."""


async def _say(writer: asyncio.StreamWriter) -> None:
    """Send the time, and filling, once a second."""
    while True:
        writer.write(f"{time.monotonic()}".ljust(_SIZE).encode() + b"\n")
        await asyncio.sleep(1)


async def _hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, came: Came) -> None:
    """Say something and hear everything, until the other side is gone."""
    saying = asyncio.ensure_future(_say(writer))
    try:
        while said := await reader.readline():
            came.append((float(said), time.monotonic()))
    except OSError:
        return
    finally:
        saying.cancel()
        writer.close()


async def serve(*, thin: bool) -> None:
    """The near place: talks to whoever comes."""

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if thin:
            retry_soon(writer.transport)
        await _hear(reader, writer, [])

    server = await asyncio.start_server(come, NEAR_ADDRESS, _PORT)
    print("up", flush=True)
    await server.serve_forever()


async def listen() -> None:
    """The far place: prints how late the messages were, in seconds; who never came is left out."""
    came: Came = []
    talks = [
        asyncio.ensure_future(_hear(*await asyncio.open_connection(NEAR_ADDRESS, _PORT), came))
        for _ in range(_CONNECTIONS)
    ]
    print("up", flush=True)
    begin = time.monotonic() + _SETTLES_S
    await asyncio.sleep(_SETTLES_S + _COUNTED_S + _WAITS_S)
    for talk in talks:
        talk.cancel()
    late = [there - sent for sent, there in came if begin <= sent < begin + _COUNTED_S]
    print(json.dumps(sorted(late)), flush=True)
    os._exit(0)  # what nobody takes any more is not waited for


def _kill(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()


async def _measure(loss: float, which: str) -> None:
    async with AsyncExitStack() as stack:
        between = await stack.enter_async_context(line())
        ends = []
        for place, words in ((between.near, (which,)), (between.far, ("listen",))):
            end = await asyncio.create_subprocess_exec(
                *(*inside(place), sys.executable, "-m", "bench.lossy", *words),
                stdout=subprocess.PIPE,
                limit=2**24,
            )
            assert end.stdout is not None
            await end.stdout.readline()
            ends.append(end.stdout)
            stack.push_async_callback(end.wait)
            stack.callback(_kill, end)
        await between.become(loss=loss)
        late: list[float] = json.loads(await ends[1].readline())
    all_of_them = round(_CONNECTIONS * _COUNTED_S)
    soon = sum(each <= _SOON_S for each in late) / all_of_them
    at = [
        f"{late[i]:.1f} s" if (i := round(all_of_them * p)) < len(late) else "never"
        for p in (0.5, 0.95)
    ]
    print(
        f"{loss:g} % lost, {which}: {soon:.0%} within 20 s, median {at[0]}, 95 % {at[1]}",
        flush=True,
    )


async def main(losses: list[float]) -> None:
    """Measure one after the other."""
    for loss in losses:
        for which in ("plain", "thin"):
            await _measure(loss, which)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["plain" | "thin" as which]:
            asyncio.run(serve(thin=which == "thin"))
        case ["listen"]:
            asyncio.run(listen())
        case losses:
            asyncio.run(main([float(each) for each in losses] or [45, 60]))
