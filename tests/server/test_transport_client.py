"""The edge as the official socket.io-client meets it."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

from server.transport import TransportLimits
from tests.support.edge import Edge, running_edge
from tests.support.sio import TIMEOUT_S

CLIENT = Path(__file__).parents[1] / "support" / "official_client.mjs"


async def official(edge: Edge, script: str) -> dict[str, Any]:
    """Run one of the client's scripts against the edge, and return what it printed."""
    node = shutil.which("node")
    assert node is not None, "node is missing"
    process = await asyncio.create_subprocess_exec(
        node, str(CLIENT), edge.url, script, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(TIMEOUT_S):
        printed, _ = await process.communicate()
    assert process.returncode == 0
    told = json.loads(printed)
    assert isinstance(told, dict)
    return told


async def test_two_official_clients_talk_to_each_other() -> None:
    async with running_edge() as edge:
        told = await official(edge, "story")

    assert told["acks"] == [{"ok": True, "echo": {"n": n, "text": "ü€🙂"}} for n in range(5)]
    assert told["told"] == {"text": "ü€🙂"}
    assert sorted(told["ids"]) == sorted(connection.id for connection, _ in edge.left)


async def test_an_official_client_learns_why_it_was_refused() -> None:
    async with running_edge() as edge:
        told = await official(edge, "refused")

    assert told["message"] == "You may not."
    assert told["data"] == {"code": "not_allowed", "retryAfterMs": 7}


async def test_an_official_client_learns_that_there_is_no_such_namespace() -> None:
    async with running_edge() as edge:
        assert await official(edge, "namespace") == {"message": "Invalid namespace"}


async def test_an_official_client_returns_after_a_cut() -> None:
    async with running_edge() as edge:
        told = await official(edge, "returns")

    assert told == {"reason": "transport close", "another": True}
    assert len(edge.left) == 2


async def test_an_official_client_stays_away_after_a_final_close() -> None:
    async with running_edge() as edge:
        told = await official(edge, "leave")

    assert told == {"reason": "io server disconnect", "active": False}


async def test_an_official_client_answers_our_heartbeat() -> None:
    async with running_edge(TransportLimits(ping_interval=0.2)) as edge:
        assert await official(edge, "heartbeat") == {"connected": True}


async def test_an_official_client_that_polls_is_refused() -> None:
    async with running_edge() as edge:
        assert (await official(edge, "polling"))["status"] == 400
