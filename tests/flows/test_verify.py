"""A downloaded transcript, checked without the server: every tampering is found."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from server.protocol import SignedHead
from server.record.sign import public_key
from server.record.verify import verify
from tests.support.parley import Parley

Json = dict[str, Any]


async def transcript_of(server: Parley, *, messages: int = 4) -> tuple[Json, bytes]:
    """A transcript with some messages, and the published key."""
    async with server.both() as (interview, ada, ben):
        for number in range(messages):
            await (ada if number % 2 else ben).do("message:post", text=f"Message {number}")
        text = await server.download(interview, ada.cookie, "client")
    async with server.http.get(f"{server.address}/api/signing-key") as response:
        published = await response.json()
    return json.loads(text), public_key(published["publicKey"])


def check(transcript: Json, public: bytes, earlier: tuple[SignedHead, ...] = ()) -> list[str]:
    return verify(json.dumps(transcript).encode(), public, earlier)


async def test_an_untouched_transcript_has_nothing_wrong_with_it(server: Parley) -> None:
    transcript, public = await transcript_of(server)

    assert check(transcript, public) == []


def flip_event(transcript: Json) -> None:
    line = transcript["record"][4]
    line["event"] = line["event"].replace("client", "clieNt", 1).replace("free", "fREe", 1)


def flip_text(transcript: Json) -> None:
    transcript["record"][4]["text"] = "I never said this"


def delete_one(transcript: Json) -> None:
    del transcript["record"][3]


def swap_two(transcript: Json) -> None:
    record = transcript["record"]
    record[3], record[4] = record[4], record[3]


def cut_tail(transcript: Json) -> None:
    del transcript["record"][-1]


def cut_tail_and_its_head(transcript: Json) -> None:
    del transcript["record"][-1]
    transcript["heads"] = []


def forge_head(transcript: Json) -> None:
    del transcript["record"][-1]
    last = transcript["record"][-1]
    transcript["heads"][0] |= {"seq": last["seq"], "hash": last["hash"]}


@pytest.mark.parametrize(
    "tamper",
    [
        flip_event,
        flip_text,
        delete_one,
        swap_two,
        cut_tail,
        cut_tail_and_its_head,
        forge_head,
    ],
)
async def test_tampering_is_found(server: Parley, tamper: Callable[[Json], None]) -> None:
    transcript, public = await transcript_of(server)

    tamper(transcript)

    assert check(transcript, public) != []


async def test_a_shorter_record_with_an_older_head_is_found_by_who_kept_a_newer_one(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, _):
        await ada.do("message:post", text="one")
        older = json.loads(await server.download(interview, ada.cookie, "client"))
        await ada.do("message:post", text="two")
        newer = json.loads(await server.download(interview, ada.cookie, "client"))
    async with server.http.get(f"{server.address}/api/signing-key") as response:
        public = public_key((await response.json())["publicKey"])
    received = msgspec.convert(newer["heads"], tuple[SignedHead, ...])

    assert check(older, public) == []
    assert any("were told" in problem for problem in check(older, public, received))
    assert check(newer, public, msgspec.convert(older["heads"], tuple[SignedHead, ...])) == []


async def test_another_servers_key_is_told_apart(server: Parley) -> None:
    transcript, _ = await transcript_of(server)

    problems = check(transcript, bytes(range(32)))

    assert any("another key" in problem for problem in problems)


async def test_an_erased_text_leaves_a_record_that_still_verifies(server: Parley) -> None:
    async with server.both() as (interview, ada, _):
        seq = (await ada.do("message:post", text="Delete me"))["seq"]
        await ada.do("message:delete", message=seq)
        transcript = json.loads(await server.download(interview, ada.cookie, "client"))
    async with server.http.get(f"{server.address}/api/signing-key") as response:
        public = public_key((await response.json())["publicKey"])

    assert check(transcript, public) == []
    assert "Delete me" not in json.dumps(transcript)


async def test_both_sides_are_handed_signed_heads_as_the_record_grows(server: Parley) -> None:
    async with server.both() as (interview, ada, ben):
        first = (await ada.snapshot())["heads"]
        last = (await ben.do("message:post", text="Hello"))["seq"]
        told = [
            (await seated.client.next("head", lambda m: m["head"]["seq"] == last))["head"]
            for seated in (ada, ben)
        ]
        transcript = json.loads(await server.download(interview, ada.cookie, "client"))
    async with server.http.get(f"{server.address}/api/signing-key") as response:
        public = public_key((await response.json())["publicKey"])
    heads = msgspec.convert([*first, *told], tuple[SignedHead, ...])

    assert {head.lane for head in heads} == {"shared"}
    assert check(transcript, public, heads) == []
