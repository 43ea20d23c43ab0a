"""Many people who write at once while cruel things happen, and what their histories show then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tests.support.checker import Fault, History
from tests.support.person import Person
from tests.support.valkey import eventually

Cruelty = Callable[[], Awaitable[None]]


@asynccontextmanager
async def crowd(
    reachable: Sequence[Callable[[], Awaitable[str]]],
    interviews: list[tuple[str, dict[str, str]]],
    *,
    per_seat: int,
) -> AsyncIterator[list[Person]]:
    """Several sockets in each seat of each interview, all connected, in turn to each server."""
    async with AsyncExitStack() as stack:
        people: list[Person] = []
        for interview, cookies in interviews:
            for seat, cookie in cookies.items():
                for number in range(per_seat):
                    name = f"{interview}/{seat}/{number}"
                    where = reachable[len(people) % len(reachable)]
                    person = Person(name, interview, seat, cookie, where)
                    people.append(await stack.enter_async_context(person))
        await asyncio.gather(*(person.connected() for person in people))
        yield people


async def write_until(person: Person, enough: asyncio.Event) -> None:
    """Writes, edits and deletes without a pause, and drops the socket now and then by oneself."""
    number = 0
    while not enough.is_set():
        number += 1
        message = await person.write(f"{person.name} says {number}")
        if number % 5 == 0:
            await person.edit(message, f"{person.name} means {number}")
        if number % 7 == 0:
            await person.delete(message)
        if number % 17 == 0:
            await person.leave()


async def burst(people: list[Person], cruelties: Iterable[Cruelty], *, between: int) -> None:
    """Everybody writes while cruel things happen, each so many messages after the last."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as writers:
        for person in people:
            writers.create_task(write_until(person, enough), name=person.name)
        for cruelty in cruelties:
            await until_acked(people, acked(people) + between)
            await cruelty()
        await until_acked(people, acked(people) + between)
        enough.set()


def acked(people: list[Person]) -> int:
    """How many messages were acknowledged so far."""
    return sum(person.acked for person in people)


async def until_acked(people: list[Person], target: int) -> None:
    """Returns when so many messages are acknowledged."""

    def complaint() -> str:
        return f"{acked(people)} of {target} acknowledged" if acked(people) < target else ""

    await eventually(complaint, within=60)


async def faults_among(people: list[Person]) -> list[Fault]:
    """Each interview's history, once everybody has heard everything, held against the record."""
    faults = []
    for interview in {person.auth["interview"] for person in people}:
        present = [person for person in people if person.auth["interview"] == interview]
        for person in present:
            await person.connected()
        async with fresh_reader(present[0]) as fresh:
            record = fresh.places
        await _until_told(present, record[-1].seq)
        readers = {person.name: person.places for person in present} | {"the record": record}
        sent = [one for person in present for one in person.sent]
        faults += History(sent, readers).faults()
    return faults


async def _until_told(people: list[Person], head: int) -> None:
    await eventually(lambda: " ".join(person.behind(head) for person in people).strip())


@asynccontextmanager
async def fresh_reader(like: Person) -> AsyncIterator[Person]:
    """Somebody who was never here before and gets a snapshot."""
    interview, seat = like.auth["interview"], like.auth["seat"]
    async with Person("a fresh reader", interview, seat, like.cookie, like.reachable) as person:
        client = await person.connected()
        await client.frame(lambda frame: frame.startswith('42["snapshot"'))
        yield person
