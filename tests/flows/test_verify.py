"""A downloaded transcript, checked without the server: every tampering is found."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from server.protocol import SignedHead
from server.record.sign import public_key
from server.record.verify import verify
from tests.support.parley import Parley, Seated

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


# ---------------------------------------------------------------- every change, one by one

Path = tuple[str | int, ...]


async def everything_of(server: Parley) -> tuple[Json, bytes]:
    """A transcript with all that people can do to words, in each lane that its reader has."""
    async with server.panel() as (interview, ada, ben, bo, _), server.desk() as mo:
        first = (await ben.do("message:post", text="A question?"))["seq"]
        await ada.do("message:post", text="An answer", replyTo=first)
        mine = (await ada.do("message:post", text="A slip"))["seq"]
        await ada.do("message:edit", message=mine, text="No slip")
        gone = (await ben.do("message:post", text="Take it back"))["seq"]
        await ben.do("message:delete", message=gone)
        for text in ("What do you think?", "Good"):
            await (ada if text.endswith("?") else bo).do("message:post", text=text, side=True)
        bad = (await ben.do("message:post", text="An insult"))["seq"]
        await ada.do("message:flag", message=bad, reason="harassment")
        case = {"interview": interview, "case": 1}
        await mo.do("case:claim", **case)
        await mo.do("case:decide", action="hide", explanation="Not here.", **case)
        await ada.told("flag:answered")
        await ada.do("interview:end", reason="Thank you.")
        text = await server.download(interview, ada.cookie, "client")
    async with server.http.get(f"{server.address}/api/signing-key") as response:
        published = await response.json()
    return json.loads(text), public_key(published["publicKey"])


def leaves(part: object, at: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every value in a JSON document that holds no other, with where it stands."""
    if isinstance(part, dict | list):
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(inner, (*at, key))
    else:
        yield at, part


def flips(value: object) -> Iterator[object]:
    """A value with one thing changed, in every way that is as small as can be."""
    match value:
        case str() if value:
            for n, character in enumerate(value):
                yield value[:n] + chr(ord(character) ^ 1) + value[n + 1 :]
        case bool():
            yield not value
        case int():
            yield value + 1
        case _:
            yield "x"


@contextmanager
def replaced(transcript: Json, at: Path, value: object) -> Iterator[None]:
    """Another value at this place, for a while."""
    part: Any = transcript
    for key in at[:-1]:
        part = part[key]
    before, part[at[-1]] = part[at[-1]], value
    yield
    part[at[-1]] = before


@pytest.mark.parametrize("spoiled", [b"\xff", b"{", b"[" * 100_000, b'{"format":"\xff"}'])
def test_what_is_no_transcript_is_said_to_be_none(spoiled: bytes) -> None:
    (problem,) = verify(spoiled, bytes(32))

    assert problem.startswith("This is no transcript of this version")


async def test_every_flip_is_found(server: Parley) -> None:
    transcript, public = await everything_of(server)
    assert check(transcript, public) == []
    assert {line["lane"] for line in transcript["record"]} == {
        *("person:client", "shared", "side:client")
    }

    unfound = []
    for at, value in leaves(transcript):
        for flipped in flips(value):
            with replaced(transcript, at, flipped):
                if not check(transcript, public):
                    unfound.append((at, flipped))

    assert unfound == []


async def test_every_deletion_swap_and_cut_tail_is_found(server: Parley) -> None:
    transcript, public = await everything_of(server)
    record, heads = transcript["record"], transcript["heads"]

    def found(record: list[Json], heads: list[Json] = heads) -> bool:
        return check({**transcript, "record": record, "heads": heads}, public) != []

    count = range(len(record))
    for n in count:
        assert found(record[:n] + record[n + 1 :]), n
        assert found(record[:n]), n
        assert found(record[:n], [head for head in heads if head["lane"] != record[n]["lane"]]), n
        for m in range(n):
            swapped = list(record)
            swapped[n], swapped[m] = record[m], record[n]
            assert found(swapped), (n, m)
    for n, head in enumerate(heads):
        assert found(record, heads[:n] + heads[n + 1 :])
        older = {**head, "seq": head["seq"] - 1, "hash": record[0]["hash"]}
        assert found(record, [*heads[:n], older, *heads[n + 1 :]])
    assert found([], [])


async def test_a_text_that_is_taken_out_everywhere_is_missed(server: Parley) -> None:
    transcript, public = await everything_of(server)

    (line,) = (one for one in transcript["record"] if one.get("text") == "A question?")
    del line["text"], line["salt"]
    for item in transcript["view"]["thread"]:
        for version in item.get("versions", ()):
            version["text"] = None if version["text"] == "A question?" else version["text"]

    assert check(transcript, public) == [f"The text of event shared/{line['seq']} is missing."]


async def test_a_lane_that_is_taken_out_whole_is_missed_by_who_kept_its_head(
    server: Parley,
) -> None:
    transcript, public = await everything_of(server)
    kept = msgspec.convert(transcript["heads"], tuple[SignedHead, ...])
    another = tuple(msgspec.structs.replace(head, lane="person:freelancer") for head in kept)

    for part in ("record", "heads"):
        transcript[part] = [one for one in transcript[part] if one["lane"] != "person:client"]
    transcript["view"]["own"] = []

    assert check(transcript, public) == []  # nobody was promised that lane
    assert any("person:client" in problem for problem in check(transcript, public, kept))
    assert not any("were told" in problem for problem in check(transcript, public, another))


async def test_a_transcript_taken_while_people_write_has_nothing_wrong_with_it(
    server: Parley,
) -> None:
    async with server.both() as (interview, ada, ben):

        async def write(who: Seated) -> None:
            for number in range(80):
                seq = (await who.do("message:post", text=f"message {number}"))["seq"]
                await who.do("message:delete", message=seq)

        writing = asyncio.gather(write(ada), write(ben))
        transcripts = [await server.download(interview, ada.cookie, "client") for _ in range(20)]
        await writing
    async with server.http.get(f"{server.address}/api/signing-key") as response:
        public = public_key((await response.json())["publicKey"])

    assert [check(json.loads(one), public) for one in transcripts] == [[]] * 20


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
