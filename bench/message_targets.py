"""The servers that `messages` measures, each a process, and how to get a seat in them."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.message_load import TEXT, Place
from server.app import Foundation, guest
from server.cli import OPERATOR
from server.config import Config
from server.identity.links import Place as SeatPlace
from server.identity.sessions import cookie_name
from server.interview.lifecycle import CreateInterview
from server.interview.service import new_interview_id
from server.interview.state import Actor
from server.protocol import AcceptInvitation, Format, Role

HERE = Path(__file__).parent
NODE = HERE / "node"
SOCKET_IO = "/socket.io/?EIO=4&transport=websocket"


@dataclass(frozen=True)
class Target:
    """One running server."""

    pid: int
    port: int
    places: list[Place]
    """Two for each room, side by side."""


@asynccontextmanager
async def running(kind: str, socket: Path, rooms: int) -> AsyncIterator[Target]:
    """Run one of `product`, `edge`, `node`, `raw`, with places in so many rooms."""
    if kind == "product":
        async with _product(socket, rooms) as target:
            yield target
        return
    command = {
        "edge": [sys.executable, "-m", "bench.message_servers", "edge", str(socket)],
        "raw": [sys.executable, "-m", "bench.message_servers", "raw", str(socket)],
        "node": [node_program(), str(NODE / "server.mjs"), str(socket), str(HERE / "keep.lua")],
    }[kind]
    async with process_of(command, {}) as process:
        port = int(await line_of(process, lambda line: line.strip().isdigit()))
        # A store of many runs: no room of an earlier one.
        rooms_here = [f"{kind}{process.pid}-{number}" for number in range(rooms)]
        make = _raw_place if kind == "raw" else room_place
        places = [make(room, name) for room in rooms_here for name in ("ada", "bob")]
        yield Target(process.pid, port, places)


@asynccontextmanager
async def process_of(
    command: list[str], environment: dict[str, str]
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        cwd=HERE.parent,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


async def line_of(process: asyncio.subprocess.Process, wanted: Callable[[bytes], bool]) -> bytes:
    """Return the first line that says what we wait for; log lines come before it."""
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while line := await process.stdout.readline():
            if wanted(line):
                return line
    raise SystemExit("a server ended before it was ready")


def node_program() -> str:
    """Return Node itself: a launcher on the path would be measured, and ended, in its place."""
    if not (NODE / "node_modules").exists():
        raise SystemExit("First run: npm --prefix bench/node ci")
    node = shutil.which("node")
    assert node is not None, "node is missing"
    asked = [node, "--print", "process.execPath"]
    return subprocess.run(
        asked, check=True, capture_output=True, text=True, timeout=20
    ).stdout.strip()


def room_place(room: str, name: str) -> Place:
    auth = json.dumps({"room": room, "name": name}).encode()

    def message(number: int, command_id: str) -> bytes:
        return b'42%d["post",{"id":"%b","text":"%b"}]' % (
            number,
            command_id.encode(),
            TEXT.encode(),
        )

    return Place(SOCKET_IO, b"40" + auth, message, acked=b"43", told=b'["told",')


def _raw_place(room: str, name: str) -> Place:
    def message(number: int, command_id: str) -> bytes:
        return b'{"n":%d,"id":"%b","text":"%b"}' % (number, command_id.encode(), TEXT.encode())

    path = f"/raw?room={room}&name={name}"
    return Place(path, None, message, acked=b'{"ack"', told=b'"from":')


@asynccontextmanager
async def _product(socket: Path, rooms: int) -> AsyncIterator[Target]:
    """`parley serve` as it comes: with an embedded store of its own, the same program."""
    data = Path(tempfile.mkdtemp(dir=socket.parent))
    environment = {"PARLEY_DATA": str(data), "PARLEY_PORT": "0"}
    async with process_of([sys.executable, "-m", "server", "serve"], environment) as process:
        line = await line_of(process, lambda line: b"ready at" in line)
        assert process.stdout is not None
        drain = asyncio.get_running_loop().create_task(process.stdout.read())
        async with guest(Config(data=data), print) as base:
            places = [place for _ in range(rooms) for place in await open_interview(base)]
        yield Target(process.pid, int(line.strip().rpartition(b":")[2]), places)
        drain.cancel()


async def open_interview(base: Foundation) -> list[Place]:
    """Make an open interview; return its two seats."""
    interview = new_interview_id()
    create = CreateInterview(
        id=interview, title="Bench", format=Format.TEXT, client="Ada", freelancer="Bob"
    )
    await base.interviews.create(OPERATOR, create)
    ada = Actor(person="client", role=Role.CLIENT)
    bob = Actor(person="freelancer", role=Role.FREELANCER)
    await base.interviews.carry_out(interview, bob, AcceptInvitation(id="bench-accepts"))
    return [await _seat(base, interview, actor) for actor in (ada, bob)]


async def _seat(base: Foundation, interview: str, actor: Actor) -> Place:
    token = await base.sessions.open(SeatPlace(actor=actor, interview=interview))
    auth = json.dumps({"interview": interview, "seat": actor.person}).encode()
    name = cookie_name(interview, actor.person, secure=False)

    def message(number: int, command_id: str) -> bytes:
        return b'42%d["message:post",{"id":"%b","text":"%b"}]' % (
            number,
            command_id.encode(),
            TEXT.encode(),
        )

    return Place(
        SOCKET_IO,
        b"40" + auth,
        message,
        b"43",
        b'"event":{"type":"message:posted"',
        copies=2,
        cookie=f"{name}={token}",
    )
