"""What two browsers make of a lossy line: `python -m bench.loss [--json] [--seconds N]` (root).

Real Chromium on both ends, in two network namespaces. One sits beside the engine, the other behind
a line that loses packets both ways with a round trip of 40 ms. The figures are the browsers' own
statistics: `up` is what the near browser makes of the far one's media, `down` the reverse.
"""

import argparse
import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, Playwright, async_playwright

NEAR, FAR = f"parley-near-{os.getpid()}", f"parley-far-{os.getpid()}"
NEAR_ADDRESS = "10.77.0.1"
LOSSES = (0, 5, 10, 20)
DELAY_MS = 20
SETTLE_S = 8
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream=fps=30",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
PAGE = Path(__file__).with_name("loss.html").read_text()

Figures = dict[str, float]


@asynccontextmanager
async def line() -> AsyncIterator[asyncio.subprocess.Process]:
    """The two namespaces and the line between them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.netem", NEAR, FAR),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        await _said(process, "up")
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def change(process: asyncio.subprocess.Process, *, loss: int = 0, down: bool = False) -> None:
    """Make the line lose this many percent, or everything."""
    assert process.stdin is not None
    how = {"loss": loss, "delay": DELAY_MS, "down": down}
    process.stdin.write(json.dumps(how).encode() + b"\n")
    await _said(process, "set")


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[Path]:
    """The engine in the near namespace; yields its control socket, which crosses namespaces."""
    path = folder / "engine.sock"
    process = await asyncio.create_subprocess_exec(
        *("ip", "netns", "exec", NEAR),
        *(sys.executable, "-m", "bench.media_server", str(path), NEAR_ADDRESS),
    )
    try:
        async with asyncio.timeout(10):
            while not path.exists():  # noqa: ASYNC110 - a file comes without an event
                await asyncio.sleep(0.02)
        yield path
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def tab(
    playwright: Playwright, folder: Path, control: Path, namespace: str, call: str
) -> AsyncIterator[Page]:
    """Somebody in a browser in this namespace, not yet in the call."""
    chromium = os.environ.get("PARLEY_CHROMIUM") or shutil.which("chromium") or "chromium"
    wrapper = folder / f"chromium-{namespace}"
    wrapper.write_text(f'#!/bin/sh\nexec ip netns exec {namespace} {chromium} "$@"\n')
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    browser = await playwright.chromium.launch(executable_path=wrapper, args=ARGUMENTS)
    page = await browser.new_page()
    await page.route(
        "https://call.test/", lambda route: route.fulfill(content_type="text/html", body=PAGE)
    )
    await page.goto("https://call.test/")
    await page.expose_function("answer", lambda offer: _ask(control, call, namespace, offer))
    try:
        yield page
    finally:
        await browser.close()


@asynccontextmanager
async def apart(loss: int = 0) -> AsyncIterator[tuple[asyncio.subprocess.Process, Page, Page]]:
    """The line, and two people who may call each other over it: near the engine, and far from it.

    The pages' functions are in `loss.html`.
    """
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loss")))
        process = await stack.enter_async_context(line())
        await change(process, loss=loss)
        control = await stack.enter_async_context(engine(folder))
        playwright = await stack.enter_async_context(async_playwright())
        near, far = [
            await stack.enter_async_context(tab(playwright, folder, control, namespace, "call"))
            for namespace in (NEAR, FAR)
        ]
        yield process, near, far


async def measure(loss: int, seconds: float) -> Figures:
    """One call over a line that loses `loss` percent each way."""
    async with apart(loss) as (_, near, far):
        await near.evaluate("join()")
        set_up = await far.evaluate("join()")
        await far.wait_for_timeout(SETTLE_S * 1000)
        before = [await page.evaluate("look()") for page in (near, far)]
        await far.wait_for_timeout(seconds * 1000)
        after = [await page.evaluate("look()") for page in (near, far)]
    figures = {"loss_percent": float(loss), "set_up_s": set_up / 1000}
    near_gained, far_gained = [
        {name: new[name] - old[name] for name in new}
        for old, new in zip(before, after, strict=True)
    ]
    for way, sender, receiver in (
        ("up", far_gained, near_gained),
        ("down", near_gained, far_gained),
    ):
        heard = 1 - receiver["concealed"] / max(1, receiver["samples"])
        figures[f"{way}_audio_percent"] = 100 * heard
        figures[f"{way}_sent_fps"] = sender["sent"] / sender["at"] * 1000
        figures[f"{way}_video_fps"] = receiver["frames"] / receiver["at"] * 1000
        figures[f"{way}_freezes"] = receiver["freezes"]
    return figures


async def _ask(control: Path, call: str, peer: str, offer: str) -> str:
    reader, writer = await asyncio.open_unix_connection(control, limit=1 << 20)
    writer.write(json.dumps({"call": call, "peer": peer, "offer": offer}).encode() + b"\n")
    reply: str = json.loads(await reader.readline())["answer"]
    writer.close()
    return reply


async def _said(process: asyncio.subprocess.Process, word: str) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(10):
        while (await process.stdout.readline()).decode().strip() != word:
            if process.returncode is not None:
                raise RuntimeError("the line is gone")


def _table(rows: list[Figures]) -> str:
    lines = [
        "| loss | set-up | audio up / down | video decoded of sent, up / down | freezes |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['loss_percent']:.0f} % | {row['set_up_s']:.2f} s "
        f"| {row['up_audio_percent']:.1f} / {row['down_audio_percent']:.1f} % "
        f"| {row['up_video_fps']:.1f} of {row['up_sent_fps']:.1f} "
        f"/ {row['down_video_fps']:.1f} of {row['down_sent_fps']:.1f} fps "
        f"| {row['up_freezes']:.0f} / {row['down_freezes']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure every loss and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = [asyncio.run(measure(loss, options.seconds)) for loss in LOSSES]
    print(_table(rows))
    if options.json:
        print(json.dumps({f"loss_{row['loss_percent']:.0f}": row for row in rows}))


if __name__ == "__main__":
    main()
