"""Firefox, driven without a driver: a small client of W3C "WebDriver BiDi" over its own socket.

Playwright drives a patched Firefox only; this is the one that people have.
"""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import aiohttp

from server.tasks import spawn
from tests.browser.people import MEDIA_WITHIN, PATIENCE_MS

MISSING: Final = "There is no Firefox to test with. Install firefox-esr."
LISTENS: Final = b"WebDriver BiDi listening on "
STARTS_WITHIN: Final = MEDIA_WITHIN
ANSWERS_WITHIN: Final = MEDIA_WITHIN
ENTER: Final = "\ue007"
"""As WebDriver names the key."""

PRESSABLE: Final = """async (one) => {
  one.scrollIntoView({block: 'nearest'});
  const drawn = () => new Promise(requestAnimationFrame);
  const place = () => JSON.stringify(one.getBoundingClientRect());
  await drawn();
  const before = place();
  await drawn();
  const {left, top, width, height} = one.getBoundingClientRect();
  const front = document.elementFromPoint(left + width / 2, top + height / 2);
  return one.isConnected && !one.disabled && place() === before && one.contains(front);
}"""
"""Whether an element may be pressed, stands still, and has nothing above its middle."""

PREFERENCES: Final = {
    # Fake devices, granted without a question; a page that may play sound without a press.
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    # Nothing that calls home or asks on a first start.
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}

Json = dict[str, Any]


class Bidi:
    """One session: commands go out numbered, answers come back in any order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self.complaints: list[str] = []
        """What pages logged as errors."""

    async def read(self) -> None:
        """Reads until the socket closes."""
        async for message in self._socket:
            told: Json = json.loads(message.data)
            if told["type"] == "event":
                self._hear(told)
            elif not (waiting := self._waiting.pop(told["id"])).done():  # nobody waits any more
                waiting.set_result(told)

    async def ask(self, method: str, **params: object) -> Json:
        """The result of a command, which must succeed."""
        number = next(self._numbers)
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(ANSWERS_WITHIN):
            told = await waiting
        assert told["type"] == "success", told
        result: Json = told["result"]
        return result

    async def tab(self, script: str) -> "Tab":
        """A new page, in each document of which `script` runs before its own."""
        await self.ask("script.addPreloadScript", functionDeclaration=f"() => {script}")
        created = await self.ask("browsingContext.create", type="tab")
        return Tab(self, created["context"])

    def _hear(self, told: Json) -> None:
        if told["method"] == "log.entryAdded" and told["params"]["level"] == "error":
            self.complaints.append(str(told["params"]["text"]))


class Tab:
    """One page of this Firefox, and what a person does in it."""

    def __init__(self, bidi: Bidi, context: str) -> None:
        self._bidi = bidi
        self._context = context

    async def goto(self, url: str) -> None:
        await self._bidi.ask(
            "browsingContext.navigate", context=self._context, url=url, wait="interactive"
        )

    async def reload(self) -> None:
        await self._bidi.ask("browsingContext.reload", context=self._context, wait="interactive")

    async def evaluate(self, function: str) -> Any:  # noqa: ANN401 - whatever JSON the page gives
        """What an async JavaScript function returns, by way of JSON."""
        told = await self._bidi.ask(
            "script.evaluate",
            expression=f"({function})().then(JSON.stringify)",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert told["type"] == "success", told.get("exceptionDetails", {}).get("text")
        return json.loads(told["result"]["value"]) if "value" in told["result"] else None

    async def press(self, name: str, role: str = "button") -> None:
        """Presses the one control of this role and accessible name, as a mouse does."""
        there = {"context": self._context}
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        nodes: list[Json] = []

        async def found() -> bool:
            told = await self._bidi.ask("browsingContext.locateNodes", **there, locator=locator)
            nodes[:] = told["nodes"]
            return len(nodes) == 1 and await self._is_ready({"sharedId": nodes[0]["sharedId"]})

        await self._until(found, f"there is not one {role} {name!r} that can be pressed")
        element = {"sharedId": nodes[0]["sharedId"]}
        move = {"type": "pointerMove", "x": 0, "y": 0}
        move["origin"] = {"type": "element", "element": element}
        click = [move, *({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))]
        mouse = {"type": "pointer", "id": "mouse", "actions": click}
        await self._bidi.ask("input.performActions", **there, actions=[mouse])

    async def _is_ready(self, element: Json) -> bool:
        """Brings an element into view; whether a press on its middle would be one on it."""
        told = await self._bidi.ask(
            "script.callFunction",
            functionDeclaration=PRESSABLE,
            arguments=[element],
            target={"context": self._context},
            awaitPromise=True,
        )
        return bool(told["type"] == "success" and told["result"]["value"])

    async def types(self, text: str) -> None:
        """Types into what has the focus, and Enter at the end."""
        keys = [{"type": way, "value": one} for one in text + ENTER for way in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": keys}
        await self._bidi.ask("input.performActions", context=self._context, actions=[keyboard])

    async def sees(self, text: str) -> None:
        """Waits until the page shows this text."""

        async def shown() -> bool:
            return text in await self._text()

        await self._until(shown, f"does not see {text!r}")

    async def reaches(self, function: str) -> None:
        """Waits until this async JavaScript function about media returns something true."""

        async def reached() -> bool:
            return bool(await self.evaluate(function))

        await self._until(reached, f"never true: {function}", MEDIA_WITHIN)

    async def _text(self) -> str:
        return str(await self.evaluate("async () => document.body?.innerText ?? ''"))

    async def _until(
        self,
        true: Callable[[], Awaitable[bool]],
        complaint: str,
        within: float = PATIENCE_MS / 1000,
    ) -> None:
        deadline = asyncio.get_running_loop().time() + within
        while not await true():
            if asyncio.get_running_loop().time() > deadline:
                raise AssertionError(f"{complaint}; the page shows {await self._text()!r}")
            await asyncio.sleep(0.1)


def write_profile(folder: Path) -> None:
    """A new profile with our preferences."""
    folder.mkdir()
    lines = [f"user_pref({json.dumps(n)}, {json.dumps(v)});\n" for n, v in PREFERENCES.items()]
    (folder / "user.js").write_text("".join(lines))


@asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[Bidi]:
    """A real Firefox with fake devices and an empty profile."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program is not None, MISSING
    await asyncio.to_thread(write_profile, profile)
    process = await asyncio.create_subprocess_exec(
        *(program, "--headless", "--no-remote", "--profile", str(profile)),
        *("--remote-debugging-port=0", "about:blank"),
        env={**os.environ, "HOME": str(profile)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=1 << 24,  # it would stand still if nobody took what it says
    )
    try:
        url = await _listening(process)
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(f"{url}/session", max_msg_size=0) as socket,
        ):
            bidi = Bidi(socket)
            reading = spawn(bidi.read(), name="bidi")
            await bidi.ask("session.new", capabilities={})
            await bidi.ask("session.subscribe", events=["log.entryAdded"])
            yield bidi
            await bidi.ask("browser.close")
            await reading
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def _listening(process: asyncio.subprocess.Process) -> str:
    """Where it takes commands. If it ends instead, what it said is the failure."""
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(STARTS_WITHIN):
        async for line in process.stderr:
            said += line
            if line.startswith(LISTENS):
                return line.removeprefix(LISTENS).decode().strip()
    raise AssertionError(f"Firefox ended at once: {said.decode()}")
