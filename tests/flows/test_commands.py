"""The command line beside a running server: it makes links that lead in, and takes them back."""

import asyncio
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.storage import EmbeddedStore
from tests.support.crash import server_process
from tests.support.sio import ConnectRefused, SioClient

Json = dict[str, Any]


async def parley(data: Path, *words: str) -> str:
    """What the command prints, which must succeed."""
    return (await both_said(data, *words))[0]


async def both_said(data: Path, *words: str) -> tuple[str, str]:
    """What the command prints, and what it says beside that; it must succeed."""
    code, told, trouble = await tried(data, *words)
    assert code == 0, trouble
    return told, trouble


async def tried(data: Path, *words: str, **settings: str) -> tuple[int | None, str, str]:
    """How the command ends, what it prints, and what it says beside that."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *words),
        env={**os.environ, "PARLEY_DATA": str(data), **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, trouble = await process.communicate()
    return process.returncode, told.decode(), trouble.decode()


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


async def test_whoever_opened_a_link_in_the_wrong_browser_gets_another_to_the_same_seat(
    tmp_path: Path,
) -> None:
    async with server_process(tmp_path):
        made = json.loads(await parley(tmp_path, "interview", "create", "--json"))
        seat = f"{made['interview']}/freelancer"
        await enter(made["freelancer"])
        told = [
            json.loads(await parley(tmp_path, "interview", "link", lost, "--json"))
            for lost in (made["freelancer"], seat)
        ]

        assert (await enter(made["freelancer"]))["code"] == "link_used"
        for one in told:
            assert list(one) == ["freelancer"]
            assert await enter(one["freelancer"]) == {"path": f"/i/{seat}"}


@pytest.mark.parametrize(
    ("seat", "says"),
    [
        ("nonsense", "interview/seat"),
        ("abcdefghijklmnop/client", "no such interview"),
        ("{interview}/observer", "Nobody has this seat"),
    ],
)
async def test_a_seat_that_is_nobodys_gets_no_link(tmp_path: Path, seat: str, says: str) -> None:
    async with server_process(tmp_path):
        made = json.loads(await parley(tmp_path, "interview", "create", "--json"))
        with pytest.raises(AssertionError, match=says):
            await parley(tmp_path, "interview", "link", seat.format(**made))


async def test_a_moderator_who_is_turned_away_loses_every_link_and_every_desk(
    tmp_path: Path,
) -> None:
    async def link(name: str) -> str:
        words = ("moderator", "link", "--name", name, "--json", "--reusable")
        return str(json.loads(await parley(tmp_path, *words))["moderator"])

    async with server_process(tmp_path) as server:
        old, other = await link("Li"), await link("Mo")
        cookies = [await server.redeem(one.partition("#")[2]) for one in (old, other)]
        async with (
            SioClient.connect(server.address, auth={"desk": True}, cookie=cookies[0]) as li,
            SioClient.connect(server.address, auth={"desk": True}, cookie=cookies[1]) as mo,
        ):
            await parley(tmp_path, "moderator", "revoke", "--name", "Li")
            bye = await li.next("bye")
            await li.closed()
            with pytest.raises(ConnectRefused) as refused:
                async with SioClient.connect(
                    server.address, auth={"desk": True}, cookie=cookies[0]
                ):
                    pass
            again = await enter(old)
            anew = await enter(await link("Li"))
            mo_stays = not mo.ended.is_set()

    assert (bye["code"], refused.value.code) == ("not_signed_in", "not_signed_in")
    assert again["code"] == "link_invalid"
    assert anew == {"path": "/mod"}
    assert mo_stays


async def test_whoever_turns_nobody_away_reads_that(tmp_path: Path) -> None:
    revoke = ("moderator", "revoke", "--name")
    async with server_process(tmp_path):
        await parley(tmp_path, "moderator", "link", "--name", "Li")
        misspelt = await tried(tmp_path, *revoke, "Lee")
        meant = await tried(tmp_path, *revoke, " Li ")
        again = await tried(tmp_path, *revoke, "Li")

    assert misspelt == (1, "", "Nobody named Lee has a way to the desk.\n")
    assert meant[0] == 0
    assert again == (1, "", "Nobody named Li has a way to the desk.\n")


async def test_a_moderators_link_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="--name"):
        await parley(tmp_path, "moderator", "link")


async def test_without_json_the_links_are_printed_for_people(tmp_path: Path) -> None:
    async with server_process(tmp_path) as server:
        printed = await parley(tmp_path, "interview", "create", "--reusable", "--client", "Ada")

        names, links = zip(*(line.split() for line in printed.splitlines()), strict=True)
        assert names == ("interview", "client", "freelancer")
        for link in links[1:]:
            assert link.startswith(f"{server.address}/i/{links[0]}/")
            assert await enter(link) == await enter(link)


async def test_who_makes_links_reads_beside_them_that_no_server_runs_there(tmp_path: Path) -> None:
    async with server_process(tmp_path) as server:
        served = await both_said(tmp_path, "interview", "create")
        await server.terminate(within=60)
        alone = await both_said(tmp_path, "interview", "create")

    assert alone[1] == (
        f"No server runs on the data folder {tmp_path} now. "
        "Links lead in once one runs there again, at the same address.\n"
    )
    assert served[1] == ""
    assert alone[0].count("http") == served[0].count("http") == 2


@pytest.mark.parametrize(
    "words",
    [
        ("interview", "create"),
        ("interview", "link", "some/client"),
        ("moderator", "link", "--name", "Li"),
        ("moderator", "revoke", "--name", "Li"),
        ("revoke", "some"),
    ],
    ids=" ".join,
)
async def test_where_no_server_ever_ran_no_link_is_made_and_no_folder(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    data = tmp_path / ".parley"

    code, told, trouble = await tried(data, *words)

    assert (code, told) == (1, "")
    assert trouble.startswith(f"No server has run on the data folder {data}, so ")
    assert "PARLEY_DATA" in trouble
    assert not data.exists()


async def test_beside_a_store_elsewhere_no_key_is_made_with_which_no_server_signs(
    tmp_path: Path,
) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    async with server_process(data):
        store = {"PARLEY_REDIS_URL": f"unix://{EmbeddedStore(data).socket}"}
        secret = {"PARLEY_SECRET": "known to every node"}
        keyless = await tried(elsewhere, "interview", "create", **store)
        none_made = not elsewhere.exists()
        keyed = await tried(elsewhere, "interview", "create", **store, **secret)

    assert (keyless[0], keyless[1], none_made) == (1, "", True)
    assert (keyed[0], keyed[1].count("http"), keyed[2]) == (0, 2, "")


async def test_a_misspelt_setting_is_told_at_the_start_and_by_each_command(tmp_path: Path) -> None:
    says = "PARLEY_PROT is no setting of Parley and is ignored. Was PARLEY_PORT meant?"
    async with server_process(tmp_path, PARLEY_PROT="8088"):
        first = (tmp_path / "server.log").read_text().splitlines()[0]
        code, told, trouble = await tried(tmp_path, "interview", "create", PARLEY_PROT="8088")

    warning = json.loads(first)
    assert (warning["level"], warning["says"]) == ("warning", says)
    assert (code, told.count("http"), trouble) == (0, 2, says + "\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("none.json",), "'none.json' does not exist."),
        (("folder",), "'folder' is a directory."),
        (("some.json", "--heads", "none.json"), "'none.json' does not exist."),
        (("some.json", "--key", "none.pem"), "'none.pem' is no public key, nor a file with one."),
        (("some.json", "--key", "some.json"), "'some.json' is no public key, nor a file with one."),
        (("some.json",), "data holds no server's key. Give it by --key"),
    ],
    ids=["no file", "a folder", "no heads", "no key", "another file as key", "no server's folder"],
)
async def test_what_cannot_be_checked_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "folder").mkdir()
    (tmp_path / "some.json").write_text("{}")

    code, told, trouble = await tried(tmp_path / "data", "verify", *words, COLUMNS="200")

    assert (code, told) == (2, "")
    assert says in trouble
    assert "Errno" not in trouble
    assert list((tmp_path / "data").iterdir()) == []


async def test_the_command_says_its_version(tmp_path: Path) -> None:
    assert await both_said(tmp_path, "--version") == (f"Parley {version('parley')}\n", "")
