"""The command line beside a running server: it makes links that lead in, and takes them back."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.crash import server_process

Json = dict[str, Any]


async def parley(data: Path, *words: str) -> str:
    """What the command prints, which must succeed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *words),
        env={**os.environ, "PARLEY_DATA": str(data)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, trouble = await process.communicate()
    assert process.returncode == 0, trouble.decode()
    return told.decode()


async def enter(link: str) -> Json:
    """The server's answer to who opens the link and presses the button."""
    address, _, token = link.partition("#")
    origin = "/".join(address.split("/")[:3])
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{origin}/api/sessions", json={"token": token}) as response,
    ):
        answer: Json = await response.json()
        return answer


async def test_links_from_the_command_line_lead_in_until_they_are_revoked(tmp_path: Path) -> None:
    async with server_process(tmp_path):
        made = json.loads(await parley(tmp_path, "interview", "create", "--json"))
        interview = made["interview"]
        desk = json.loads(await parley(tmp_path, "moderator", "link", "--name", "Li", "--json"))

        assert await enter(made["client"]) == {"path": f"/i/{interview}/client"}
        assert await enter(desk["moderator"]) == {"path": "/mod"}

        await parley(tmp_path, "revoke", made["freelancer"])
        assert (await enter(made["freelancer"]))["code"] == "link_invalid"


async def test_without_json_the_links_are_printed_for_people(tmp_path: Path) -> None:
    async with server_process(tmp_path) as server:
        printed = await parley(tmp_path, "interview", "create", "--reusable", "--client", "Ada")

        names, links = zip(*(line.split() for line in printed.splitlines()), strict=True)
        assert names == ("interview", "client", "freelancer")
        for link in links[1:]:
            assert link.startswith(f"{server.address}/i/{links[0]}/")
            assert await enter(link) == await enter(link)
