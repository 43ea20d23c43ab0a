"""Two servers to measure beside the product: `python -m bench.message_servers edge|raw SOCKET`.

`edge` is our transport and our store's link with every bound on, and the yardstick's append instead
of the product's; `raw` is aiohttp's WebSocket without Socket.IO and without any bound.
Both do what `node/server.mjs` does. They print their port.
"""

import asyncio
import sys
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import msgspec
import uvloop
from aiohttp import WSMsgType, web

from server.storage import Store, unix_url
from server.transport import Connection, Transport, frame_event

KEEP = Path(__file__).with_name("keep.lua").read_text()


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message of the yardstick."""

    id: Annotated[str, msgspec.Meta(max_length=64)]
    text: Annotated[str, msgspec.Meta(max_length=4000)]


class NumberedPost(Post, frozen=True):
    """The same without Socket.IO's acknowledgement ids."""

    n: int


class Told(msgspec.Struct, frozen=True):
    """The same, as the others get it."""

    id: str
    seq: str
    sender: str = msgspec.field(name="from")
    text: str


class Seat(msgspec.Struct, frozen=True):
    """CONNECT's auth: any room, any name."""

    room: str
    name: str


decode_post = msgspec.json.Decoder(Post).decode
decode_numbered = msgspec.json.Decoder(NumberedPost).decode
decode_seat = msgspec.json.Decoder(Seat).decode
encode = msgspec.json.Encoder().encode


class Edge:
    """Rooms of two over `server.transport`."""

    def __init__(self, store: Store, sha: bytes) -> None:
        self._store = store
        self._sha = sha
        self._rooms: dict[str, list[Connection]] = defaultdict(list)

    async def connect(self, connection: Connection, auth: bytes) -> Seat:
        seat = decode_seat(auth)
        self._rooms[seat.room].append(connection)
        return seat

    def disconnect(self, connection: Connection, _: str) -> None:
        assert isinstance(connection.seat, Seat)
        self._rooms[connection.seat.room].remove(connection)

    def event(self, connection: Connection, _: str, argument: bytes, ack: int | None) -> None:
        seat = connection.seat
        assert isinstance(seat, Seat)
        assert ack is not None
        try:
            post = decode_post(argument)
        except msgspec.ValidationError:
            connection.ack(ack, b'{"ok":false,"code":"malformed"}')
            return

        def kept(reply: object) -> None:
            match reply:
                case [bytes(seq), int(fresh)]:
                    if fresh:
                        told = encode(Told(post.id, seq.decode(), seat.name, post.text))
                        frame = frame_event("told", told)
                        for other in self._rooms[seat.room]:
                            if other is not connection:
                                other.send(frame)
                    connection.ack(ack, b'{"ok":true,"seq":"%b"}' % seq)
                case _:
                    connection.ack(ack, b'{"ok":false,"code":"store_down"}')

        keys = (f"s:{{{seat.room}}}", f"d:{{{seat.room}}}")
        self._store.call_cb(("EVALSHA", self._sha, 2, *keys, post.id, seat.name, post.text), kept)


async def edge(path: str) -> web.Application:
    """Our transport."""
    rooms = Edge(*await connected(path))
    app = web.Application()
    transport = Transport(
        on_connect=rooms.connect,
        on_event=rooms.event,
        on_disconnect=rooms.disconnect,
        person=lambda seat: seat,
    )
    transport.attach(app)
    return app


async def raw(path: str) -> web.Application:
    """WebSocket by hand: aiohttp as it comes, with our own link to the store."""
    store, sha = await connected(path)
    rooms: dict[str, list[web.WebSocketResponse]] = defaultdict(list)

    async def serve(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False, max_msg_size=262_144)
        await ws.prepare(request)
        room, name = request.query["room"], request.query["name"]
        rooms[room].append(ws)
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                break
            post = decode_numbered(message.data)
            keys = (f"s:{{{room}}}", f"d:{{{room}}}")
            match await store.call("EVALSHA", sha, 2, *keys, post.id, name, post.text):
                case [bytes(seq), int(fresh)]:
                    told = encode(Told(post.id, seq.decode(), name, post.text)).decode()
                    for other in rooms[room] if fresh else ():
                        if other is not ws:
                            await other.send_str(told)
                    await ws.send_str(f'{{"ack":{post.n},"ok":true,"seq":"{seq.decode()}"}}')
                case _:
                    await ws.send_str(f'{{"ack":{post.n},"ok":false}}')
        rooms[room].remove(ws)
        return ws

    app = web.Application()
    app.router.add_get("/raw", serve)
    return app


async def connected(path: str) -> tuple[Store, bytes]:
    """Return the store, and the yardstick's script in it."""
    store = Store(unix_url(path))
    await store.start()
    sha = await store.call("SCRIPT", "LOAD", KEEP)
    assert isinstance(sha, bytes)
    return store, sha


async def main(kind: str, path: str) -> None:
    """Serve until killed."""
    app = await (edge(path) if kind == "edge" else raw(path))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2]))
