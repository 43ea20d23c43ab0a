"""The doctor: the whole examination, and every verdict about a real store."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typing_extensions import override

from server.clock import Clock
from server.config import Config
from server.doctor import Verdict, examine
from server.doctor.store import disk, durability, store_and_clock, version
from server.storage import EmbeddedStore, Store
from tests.support.doctor import about, bad, config_of
from tests.support.parley import Parley
from tests.support.ports import free_port
from tests.support.valkey import url_of


class Astray(Clock):
    """A clock that is wrong by so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._wrong_by = round(seconds * 1000)

    @override
    def now_ms(self) -> int:
        return super().now_ms() + self._wrong_by


@asynccontextmanager
async def far_away(socket_path: Path, seconds: float) -> AsyncIterator[str]:
    """The store behind a line on which every answer takes so long; yields its address."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            await asyncio.sleep(seconds)
            writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(str(socket_path))
        async with asyncio.TaskGroup() as both:
            both.create_task(carry(reader, back))
            both.create_task(carry(there, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_sound_installation_is_found_so(server: Parley) -> None:
    findings = await examine(config_of(server), Clock())

    assert bad(findings) == []
    assert {finding.subject for finding in findings} == {
        *("store", "store version", "durability", "store memory", "clock", "disk"),
        *("certificate", "pages", "saving", "socket"),
        *("media address", "media port (udp)", "media port (tcp)", "relay"),
    }
    assert server.base.config.data.is_dir()


async def test_every_complaint_says_what_to_do(tmp_path: Path) -> None:
    findings = await examine(
        Config(data=tmp_path / "none", public_url="http://198.51.100.7"), Clock()
    )

    complaints = [finding for finding in findings if finding.verdict is not Verdict.OK]
    assert {finding.subject for finding in complaints} == {"store", "certificate", "calls"}
    assert all(finding.says.endswith(".") and finding.do.endswith(".") for finding in complaints)
    assert not (tmp_path / "none").exists(), "to examine is not to install"


async def test_the_command_prints_json_and_its_exit_code_says_whether_all_is_well(
    server: Parley, tmp_path: Path
) -> None:
    good = {"PARLEY_DATA": str(server.base.config.data), "PARLEY_PUBLIC_URL": server.address}

    code, well = await _command(good, "--json")
    ill_code, ill = await _command({"PARLEY_DATA": str(tmp_path / "none")}, "--json")

    assert (code, json.loads(well)["ok"]) == (0, True)
    assert (ill_code, json.loads(ill)["ok"]) == (1, False)
    assert {finding["verdict"] for finding in json.loads(well)["findings"]} == {"ok"}


async def test_the_command_speaks_in_sentences(tmp_path: Path) -> None:
    _, said = await _command({"PARLEY_DATA": str(tmp_path / "none")})

    lines = said.splitlines()
    assert lines[0] == f"broken   store: No server runs on the data folder {tmp_path / 'none'}."
    assert lines[1] == "         -> Start it (parley serve), or name its folder in PARLEY_DATA."


async def _command(settings: dict[str, str], *words: str) -> tuple[int | None, str]:
    program = Path(sys.executable).parent / "parley"
    plain = {name: text for name, text in os.environ.items() if not name.startswith("PARLEY_")}
    process = await asyncio.create_subprocess_exec(
        *(str(program), "doctor", *words), env=plain | settings, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_a_store_that_cannot_be_reached_is_broken(tmp_path: Path) -> None:
    config = Config(data=tmp_path, redis_url=f"redis://127.0.0.1:{free_port()}")

    (found,) = await store_and_clock(config, Clock())

    assert found.verdict is Verdict.BROKEN
    assert "PARLEY_REDIS_URL" in found.do


@pytest.mark.parametrize(
    ("setting", "value", "replicas", "subject", "verdict"),
    [
        ("appendfsync", "everysec", 0, "durability", Verdict.BROKEN),
        ("appendfsync", "everysec", 1, "durability", Verdict.WARNING),
        ("appendonly", "no", 1, "durability", Verdict.BROKEN),
        ("maxmemory-policy", "allkeys-lru", 0, "store memory", Verdict.BROKEN),
        ("maxmemory", "1000000", 0, "store memory", Verdict.WARNING),
    ],
)
async def test_a_store_that_may_lose_something_is_told_of(
    embedded: EmbeddedStore,
    store: Store,
    setting: str,
    value: str,
    replicas: int,
    subject: str,
    verdict: Verdict,
) -> None:
    config = Config(redis_url=url_of(embedded), redis_replicas=replicas)
    before = await store_and_clock(config, Clock())

    await store.call("CONFIG", "SET", setting, value)
    after = await store_and_clock(config, Clock())

    assert bad(before) == []
    assert about(after, subject).verdict is verdict
    assert len(bad(after)) == 1


async def test_a_store_that_hides_its_settings_is_a_warning(
    embedded: EmbeddedStore, store: Store
) -> None:
    await store.call("ACL", "SETUSER", "guest", "on", ">pass", "~*", "+@all", "-config")
    hidden = url_of(embedded).replace("unix://", "unix://guest:pass@")

    findings = await store_and_clock(Config(redis_url=hidden), Clock())

    assert about(findings, "durability").verdict is Verdict.WARNING
    assert len(bad(findings)) == 1


async def test_a_store_far_away_is_a_warning(embedded: EmbeddedStore) -> None:
    async with far_away(embedded.socket, 0.015) as url:
        findings = await store_and_clock(Config(redis_url=url), Clock())

    assert about(findings, "store").verdict is Verdict.WARNING
    assert "every message waits" in about(findings, "store").says


def test_a_store_that_is_too_old_is_broken() -> None:
    assert version({"redis_version": "6.2.14"}).verdict is Verdict.BROKEN
    assert version({"redis_version": "7.0.15"}).verdict is Verdict.OK
    assert version({"redis_version": "7.2.4", "valkey_version": "9.1.2"}).says.endswith("9.1.2.")


def test_a_store_whose_disk_failed_it_is_broken() -> None:
    facts = {"aof_enabled": "1", "appendfsync": "always", "aof_last_write_status": "err"}

    assert durability(facts, replicas=2).verdict is Verdict.BROKEN


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [(2, Verdict.OK), (-20, Verdict.WARNING), (20, Verdict.WARNING), (-900, Verdict.BROKEN)],
)
async def test_clocks_apart_are_told_of(
    embedded: EmbeddedStore, seconds: float, verdict: Verdict
) -> None:
    findings = await store_and_clock(Config(redis_url=url_of(embedded)), Astray(seconds))

    assert about(findings, "clock").verdict is verdict


def test_a_disk_that_fills_up_is_told_of(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free >> 20

    verdicts = [
        disk(Config(data=tmp_path, disk_floor_mb=floor)).verdict
        for floor in (0, free // 3, 2 * free)
    ]

    assert verdicts == [Verdict.OK, Verdict.WARNING, Verdict.BROKEN]
