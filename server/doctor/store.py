"""The store: reached, quick, recent, durable, with room; and the clocks."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from statistics import median
from time import perf_counter
from typing import Final

from server.clock import Clock
from server.config import Config
from server.doctor.finding import Finding, broken, fine, warning
from server.storage import EmbeddedStore, Reply, Store, StoreError, unix_url

PATIENCE: Final = 3.0
PINGS: Final = 20
SLOW_MS: Final = 20
"""Round trip above which people wait noticeably longer for each message."""
OLDEST: Final = (7, 0)
"""Functions and sharded channels came with Redis 7.0."""
FULL: Final = 0.9
"""Part of `maxmemory` from which it is time to act."""
CLOCK_WARNING_S: Final = 5
CLOCK_BROKEN_S: Final = 60

Facts = dict[str, str]
"""What INFO says, and `appendfsync` where the store tells it."""


async def store_and_clock(config: Config, clock: Clock) -> list[Finding]:
    """Everything about the store that the running server uses."""
    try:
        async with _reached(config) as store:
            facts = await _facts(store)
            return [
                await round_trip(store),
                version(facts),
                durability(facts, config.redis_replicas),
                memory(facts),
                await clocks(store, clock),
            ]
    except (StoreError, OSError) as error:
        return [_unreachable(config, str(error))]


def _unreachable(config: Config, reason: str) -> Finding:
    if config.redis_url:
        return broken(
            "store",
            f"Nothing can be kept. {reason}",
            "Check the store, and PARLEY_REDIS_URL.",
        )
    return broken(
        "store",
        f"No server runs on the data folder {config.data.resolve()}.",
        "Start it (parley serve), or name its folder in PARLEY_DATA.",
    )


@asynccontextmanager
async def _reached(config: Config) -> AsyncIterator[Store]:
    url = config.redis_url or unix_url(str(EmbeddedStore(config.data).socket))
    store = Store(url)
    await store.start(patience=PATIENCE)
    try:
        yield store
    finally:
        await store.stop()


async def _facts(store: Store) -> Facts:
    told = await store.call("INFO")
    assert isinstance(told, bytes)
    facts = dict(re.findall(r"^(\w+):(.*?)\r?$", told.decode(), re.MULTILINE))
    try:
        listed = await store.call("CONFIG", "GET", "appendfsync")
    except StoreError:  # a store that somebody else runs may not show its configuration
        return facts
    match listed:
        case [_, bytes(policy)]:
            facts["appendfsync"] = policy.decode()
        case _:
            pass
    return facts


async def round_trip(store: Store) -> Finding:
    """How long every message waits for the store at least."""
    taken = []
    for _ in range(PINGS):
        begun = perf_counter()  # the loop's own clock counts whole milliseconds
        await store.call("PING")
        taken.append(perf_counter() - begun)
    milliseconds = median(taken) * 1000
    if milliseconds > SLOW_MS:
        return warning(
            "store",
            f"The store answers after {milliseconds:.0f} ms, and every message waits for that.",
            "Run it on the same machine or in the same data centre.",
        )
    return fine("store", f"The store answers after {milliseconds:.2f} ms.")


def version(facts: Facts) -> Finding:
    """Whether the store has what we use."""
    name, number = "Valkey", facts.get("valkey_version", "")
    if not number:
        name, number = "Redis", facts.get("redis_version", "0")
    if tuple(int(part) for part in number.split(".")[:2]) < OLDEST:
        return broken(
            "store version",
            f"The store is {name} {number}: it lacks the functions that keep messages in order.",
            "Use Valkey, or Redis 7.0 or newer.",
        )
    return fine("store version", f"The store is {name} {number}.")


def durability(facts: Facts, replicas: int) -> Finding:
    """Whether a message that counts as kept survives a power cut."""
    subject = "durability"
    if facts.get("aof_last_write_status", "ok") != "ok":
        return broken(
            subject,
            "The store failed to write to its disk the last time.",
            "Look at its log and at its disk.",
        )
    if facts.get("aof_enabled") != "1":
        return broken(
            subject,
            "The store keeps no log: when it stops, messages that people think are kept are lost.",
            "Set appendonly yes and appendfsync always, as deploy/valkey.conf does.",
        )
    policy = facts.get("appendfsync")
    if policy == "always":
        return fine(subject, "A message counts as kept only when it is on the disk.")
    says = f"The store writes to its disk with appendfsync {policy}"
    do = "Set appendfsync always, as deploy/valkey.conf does."
    if policy is None:
        says, do = "The store does not tell when it writes to its disk", f"Make sure of it: {do}"
    if policy is None or replicas:
        return warning(subject, f"{says}: a power cut everywhere at once may lose messages.", do)
    return broken(subject, f"{says}: a power cut loses messages that count as kept.", do)


def memory(facts: Facts) -> Finding:
    """Whether the store refuses, and never forgets, when it is full."""
    policy = facts.get("maxmemory_policy", "")
    if policy != "noeviction":
        return broken(
            "store memory",
            f"With maxmemory-policy {policy} the store throws records away when it is full.",
            "Set maxmemory-policy noeviction, as deploy/valkey.conf does.",
        )
    used, most = int(facts.get("used_memory", "0")), int(facts.get("maxmemory", "0"))
    if most and used > FULL * most:
        return warning(
            "store memory",
            f"The store has used {used / most:.0%} of its memory; full, it takes no more messages.",
            "Give it more (maxmemory).",
        )
    return fine("store memory", f"The store uses {used / 2**20:.0f} MiB and forgets nothing.")


async def clocks(store: Store, clock: Clock) -> Finding:
    """Whether server and store agree on the time: links, sessions and relays expire by it."""
    match await store.call("TIME"):
        case [bytes(seconds), bytes()]:
            apart = abs(clock.now_ms() / 1000 - int(seconds))
        case other:
            raise StoreError(f"The store does not tell the time: {_shortly(other)}")
    do = "Let both machines set their clocks by NTP (timedatectl set-ntp true)."
    says = f"The clocks of server and store are {apart:.0f} s apart"
    if apart > CLOCK_BROKEN_S:
        return broken("clock", f"{says}: links and relays expire too early or too late.", do)
    if apart > CLOCK_WARNING_S:
        return warning("clock", f"{says}, and drift on.", do)
    return fine("clock", "The clocks of server and store agree.")


def _shortly(reply: Reply) -> str:
    return repr(reply)[:60]


def disk(config: Config) -> Finding:
    """Whether there is room for what people will write."""
    free = shutil.disk_usage(config.data).free >> 20
    floor = config.disk_floor_mb
    do = "Make room, or move PARLEY_DATA to a larger disk."
    if free < floor:
        return broken(
            "disk",
            f"{free} MiB are free, less than the {floor} MiB at which writing stops.",
            do,
        )
    if free < 5 * floor:
        return warning(
            "disk", f"{free} MiB are free; at {floor} MiB nothing is written any more.", do
        )
    return fine("disk", f"{free} MiB are free.")
