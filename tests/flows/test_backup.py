"""The backup that docs/self-hosting.md describes, taken while people write, and put back."""

import asyncio
import shutil
from itertools import count
from pathlib import Path

from server.storage import Store
from tests.support.parley import Parley, Seated, parley

PAGE = Path(__file__).parent.parent.parent / "docs" / "self-hosting.md"
KEPT_APART = ("secret", "signing-key")


async def back_up(store: Store, data: Path, backup: Path) -> None:
    """What the page says, in its order."""
    await store.call("CONFIG", "SET", "auto-aof-rewrite-percentage", "0")
    facts = await store.call("INFO", "persistence")
    assert isinstance(facts, bytes)
    assert b"aof_rewrite_in_progress:0" in facts
    await asyncio.to_thread(shutil.copytree, data / "appendonlydir", backup / "appendonlydir")
    await store.call("CONFIG", "SET", "auto-aof-rewrite-percentage", "100")
    for name in KEPT_APART:
        await asyncio.to_thread(shutil.copy, data / name, backup / name)


async def write_on(seated: Seated) -> None:
    """Somebody who does not stop."""
    for number in count():
        await seated.do("message:post", text=f"meanwhile {number}")


async def texts(server: Parley, interview: str, cookie: str) -> list[str]:
    """All messages, as one who comes back with their old cookie reads them."""
    async with server.seat(interview, "client", cookie=cookie) as seated:
        thread = (await seated.snapshot())["view"]["thread"]
    return [item["versions"][0]["text"] for item in thread if item["kind"] == "message"]


async def test_a_backup_taken_while_people_write_brings_everything_before_it_back(
    tmp_path: Path,
) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    before = [f"before {number}" for number in range(30)]

    async with parley(data) as server, server.both() as (interview, ada, ben):
        for text in before:
            await ada.do("message:post", text=text)
        busy = asyncio.get_running_loop().create_task(write_on(ben), name="writing")
        await back_up(server.base.store, data, backup)
        busy.cancel()
        await asyncio.wait([busy])
        key = server.base.config.data / "signing-key"
        signed_with = key.read_bytes()
        cookie = ada.cookie

    async with parley(backup) as restored:
        found = await texts(restored, interview, cookie)
        async with restored.seat(interview, "client", cookie=cookie) as again:
            await again.do("message:post", text="after")

    assert found[: len(before)] == before
    assert all(text.startswith("meanwhile") for text in found[len(before) :])
    assert (backup / "signing-key").read_bytes() == signed_with


def test_the_page_describes_the_backup_that_is_tested() -> None:
    page = PAGE.read_text()

    steps = [
        "config set auto-aof-rewrite-percentage 0",
        "info persistence | grep aof_rewrite_in_progress",
        "/appendonlydir",
        "config set auto-aof-rewrite-percentage 100",
        *(f"/data/{name}" for name in KEPT_APART),
    ]
    places = [page.find(step) for step in steps]
    assert -1 not in places
    assert places == sorted(places)
