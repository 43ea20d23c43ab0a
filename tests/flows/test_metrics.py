"""What the operator's monitoring sees."""

from tests.support.parley import OPERATOR_KEY, Parley


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


async def test_metrics_are_nobodys_business_without_the_key(server: Parley) -> None:
    async with server.http.get(f"{server.address}/metrics") as response:
        refused = await response.json()

    assert (response.status, refused["code"]) == (403, "not_allowed")
