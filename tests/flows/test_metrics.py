"""What the operator sees: metrics, and a log in which one id leads from a browser to the store."""

import asyncio
import re
import signal
from collections.abc import Coroutine, Sequence
from pathlib import Path

from structlog.testing import capture_logs

from server.interview.room import SLOW
from server.record.store import done_key
from server.storage import EmbeddedStore
from tests.support.parley import OPERATOR_KEY, Json, Parley, command_id, parley, refusal_in
from tests.support.valkey import eventually, kill_store, url_of


async def test_metrics_count_commands_refusals_appends_and_fan_out(server: Parley) -> None:
    async with server.both() as (_, ada, _):
        await ada.do("message:post", text="Hello")
        await ada.attempt("message:post", text=" ")
        await ada.attempt("no:such")
        url, key = f"{server.address}/metrics", {"Authorization": f"Bearer {OPERATOR_KEY}"}
        async with server.http.get(url, headers=key) as response:
            page = await response.text()

    assert 'parley_commands_total{name="message:post",outcome="ok"} 1.0' in page
    assert 'parley_commands_total{name="message:post",outcome="empty"} 1.0' in page
    assert 'parley_commands_total{name="unknown",outcome="unknown_command"} 1.0' in page
    assert "parley_connections 2.0" in page
    assert "parley_store_up 1.0" in page
    assert "parley_append_seconds_count 3.0" in page
    assert "parley_events_total" in page
    assert "parley_told_total" in page


async def test_every_metric_is_explained_in_the_manual(server: Parley) -> None:
    url, key = f"{server.address}/metrics", {"Authorization": f"Bearer {OPERATOR_KEY}"}
    async with server.http.get(url, headers=key) as response:
        told = re.findall(r"# TYPE parley_(\w+) ", await response.text())
    manual = (Path(__file__).parents[2] / "docs/self-hosting.md").read_text()

    assert [name for name in told if f"`parley_{name}`" not in manual] == []
    assert sorted(re.findall(r"^\| `parley_(\w+)`", manual, re.MULTILINE)) == sorted(told)


async def test_metrics_are_nobodys_business_without_the_key(server: Parley) -> None:
    async with server.http.get(f"{server.address}/metrics") as response:
        refused = await response.json()

    assert (response.status, refused["code"]) == (403, "not_allowed")


async def slowly(
    embedded: EmbeddedStore, server: Parley, asked: Sequence[Coroutine[object, object, Json]]
) -> list[Json]:
    """What comes of commands, each in a room of its own, that wait for a slow store together."""

    def waiting() -> str:
        there = server.base.writer.outstanding
        return "" if there == len(asked) else f"{there} of {len(asked)} wait"

    kill_store(embedded, signal.SIGSTOP)
    answers = asyncio.gather(*asked)
    await eventually(waiting)
    await asyncio.sleep(1.5 * SLOW)
    kill_store(embedded, signal.SIGCONT)
    return await answers


async def test_one_id_leads_from_the_browser_through_the_log_to_the_store(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    post = {"id": command_id(), "text": "Where did it go?"}
    async with (
        parley(tmp_path, redis_url=url_of(embedded)) as server,
        server.both() as (interview, ada, _),
    ):
        with capture_logs() as said:
            (kept,) = await slowly(embedded, server, [ada.client.call("message:post", post)])
            done = await server.base.store.call("HKEYS", done_key(interview))
            lost = {"id": command_id(), "text": "And this?"}
            kill_store(embedded, signal.SIGSTOP)
            waiting = await ada.client.ask("message:post", lost)
            await eventually(lambda: "" if server.base.writer.outstanding else "nothing is asked")
            kill_store(embedded, signal.SIGKILL)
            refused = await waiting

    named = [(one["event"], one["commands"]) for one in said if "commands" in one]
    assert kept["ok"]
    assert refusal_in(refused) == "store_down"
    assert named == [
        ("append.slow", [f"client:{post['id']}"]),
        ("append.lost", [f"client:{lost['id']}"]),
    ]
    assert isinstance(done, list)
    assert f"client:{post['id']}".encode() in done


async def test_a_store_that_is_slow_for_everybody_fills_no_log(
    tmp_path: Path, embedded: EmbeddedStore
) -> None:
    async with (
        parley(tmp_path, redis_url=url_of(embedded)) as server,
        server.both() as (_, ada, _),
        server.both() as (_, cy, _),
    ):
        with capture_logs() as said:
            asked = [
                one.client.call("message:post", {"id": command_id(), "text": "Slow"})
                for one in (ada, cy)
            ]
            kept = await slowly(embedded, server, asked)

    assert [one["ok"] for one in kept] == [True, True]
    assert [one["event"] for one in said].count("append.slow") == 1
