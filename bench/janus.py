"""Janus as the other forwarder: started with a configuration of its own, driven over its API.

Debian's package `janus`. Two people are a call of its videocall plugin; more are a room of its
videoroom plugin, where each has one connection to publish and one to receive on.
"""

import asyncio
import json
import socket
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from bench.light_peer import LightPeer

CONFIGURATION = {
    "janus.jcfg": """
general: {{ configs_folder = "{folder}"  debug_level = 2  log_to_stdout = true
  session_timeout = 0 }}
media: {{ ipv6 = false  rtp_port_range = "20000-40000" }}
nat: {{ ice_lite = true  ice_tcp = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
""",
    # Not its Unix sockets: their thread ends, and takes the socket with it, where it runs before
    # the plugin calls itself initialized. On one core that is every other start.
    "janus.transport.websockets.jcfg": """
general: {{ json = "plain"  ws = true  ws_interface = "lo"  ws_port = {port}  wss = false }}
admin: {{ admin_ws = false  admin_wss = false }}
""",
    "janus.plugin.videocall.jcfg": "general: {{}}\n",
    "janus.plugin.videoroom.jcfg": "general: {{}}\n",
}
UNUSED_PLUGINS = (
    "audiobridge duktape echotest lua nosip recordplay sip streaming textroom voicemail"
)
UNUSED_TRANSPORTS = "http mqtt nanomsg pfunix rabbitmq"


def configure(folder: Path) -> int:
    """Write a configuration; the port of the API's WebSocket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    names = {
        "folder": str(folder),
        "port": str(port),
        "plugins": ",".join(f"libjanus_{each}.so" for each in UNUSED_PLUGINS.split()),
        "transports": ",".join(f"libjanus_{each}.so" for each in UNUSED_TRANSPORTS.split()),
    }
    for name, text in CONFIGURATION.items():
        (folder / name).write_text(text.format(**names))
    return port


@dataclass
class Handle:
    """One attachment of a person to a plugin: one connection."""

    api: "Api"
    session: int
    id: int
    events: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def say(self, body: dict[str, Any], jsep: dict[str, str] | None = None) -> None:
        """Send a message to the plugin."""
        message: dict[str, Any] = {
            "janus": "message",
            "session_id": self.session,
            "handle_id": self.id,
            "body": body,
        }
        if jsep is not None:
            message["jsep"] = jsep
        await self.api.ask(message)

    async def hears(self, *, jsep: bool) -> dict[str, Any]:
        """The next event, or the next one with a description."""
        while True:
            event = await asyncio.wait_for(self.events.get(), 10)
            data = event["plugindata"]["data"]
            assert "error" not in data, data
            if not jsep or "jsep" in event:
                return event


class Api:
    """Janus's API over a WebSocket."""

    def __init__(self, session: ClientSession, socket: ClientWebSocketResponse) -> None:
        self._session = session
        self._socket = socket
        self._transactions = (f"t{number}" for number in count())
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._handles: dict[int, Handle] = {}
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, address: str) -> "Api":
        """The API at `ws://...`."""
        session = ClientSession()
        return cls(session, await session.ws_connect(address, protocols=("janus-protocol",)))

    async def close(self) -> None:
        """Hang up."""
        self._reader.cancel()
        await self._session.close()

    async def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Send a request; its acknowledgement or its answer."""
        transaction = next(self._transactions)
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[transaction] = answered
        await self._socket.send_str(json.dumps(message | {"transaction": transaction}))
        return await asyncio.wait_for(answered, 10)

    async def attach(self, plugin: str) -> Handle:
        """A new person's attachment."""
        session = (await self.ask({"janus": "create"}))["data"]["id"]
        return await self.attach_in(session, plugin)

    async def attach_in(self, session: int, plugin: str) -> Handle:
        """Another attachment of the same person."""
        asked = {"janus": "attach", "session_id": session, "plugin": f"janus.plugin.{plugin}"}
        handle = Handle(self, session, (await self.ask(asked))["data"]["id"])
        self._handles[handle.id] = handle
        return handle

    async def _read(self) -> None:
        async for frame in self._socket:
            message = json.loads(frame.data)
            transaction = message.get("transaction")
            if message["janus"] == "event":
                self._handles[message["sender"]].events.put_nowait(message)
            elif transaction in self._waiting:
                self._waiting.pop(transaction).set_result(message)
            elif message["janus"] == "error":
                raise RuntimeError(message["error"]["reason"])


async def call(api: Api, number: int, caller: LightPeer, callee: LightPeer) -> None:
    """Put two people through to each other."""
    first, second = await api.attach("videocall"), await api.attach("videocall")
    names = f"caller{number}", f"callee{number}"
    for handle, name in zip((first, second), names, strict=True):
        await handle.say({"request": "register", "username": name})
        await handle.hears(jsep=False)
    offer = {"type": "offer", "sdp": caller.description()}
    await first.say({"request": "call", "username": names[1]}, offer)
    incoming = (await second.hears(jsep=True))["jsep"]["sdp"]
    callee.read_remote(incoming)
    answer = {"type": "answer", "sdp": callee.description(answers=incoming)}
    await second.say({"request": "accept"}, answer)
    accepted = (await first.hears(jsep=True))["jsep"]["sdp"]
    caller.read_remote(accepted)


async def room(api: Api, number: int, people: list[tuple[LightPeer, LightPeer]]) -> None:
    """Put people, each with a connection to publish and one to receive on, into a room."""
    feeds: list[int] = []
    sessions: list[int] = []
    for publisher, _ in people:
        handle = await api.attach("videoroom")
        sessions.append(handle.session)
        if not feeds:
            await handle.say(
                {
                    "request": "create",
                    "room": number,
                    "publishers": len(people),
                    "bitrate": 0,
                    "audiocodec": "opus",
                    "videocodec": "vp8",
                }
            )
        await handle.say({"request": "join", "ptype": "publisher", "room": number})
        feeds.append((await handle.hears(jsep=False))["plugindata"]["data"]["id"])
        offer = {"type": "offer", "sdp": publisher.description()}
        await handle.say({"request": "publish", "audio": True, "video": True}, offer)
        publisher.read_remote((await handle.hears(jsep=True))["jsep"]["sdp"])
        await publisher.connect()
    for place, (_, subscriber) in enumerate(people):
        handle = await api.attach_in(sessions[place], "videoroom")
        others = [{"feed": feed} for feed in feeds if feed != feeds[place]]
        await handle.say(
            {"request": "join", "ptype": "subscriber", "room": number, "streams": others}
        )
        offered = (await handle.hears(jsep=True))["jsep"]["sdp"]
        subscriber.read_remote(offered)
        answer = {"type": "answer", "sdp": subscriber.description(answers=offered)}
        await handle.say({"request": "start"}, answer)
        await subscriber.connect()


def own_address() -> str:
    """The address under which Janus names itself: that of the first interface, never loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("198.51.100.1", 9))
        return str(probe.getsockname()[0])
