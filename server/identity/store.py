"""Where links and sessions lie. Both expire by themselves; the keys are spelled only here."""

from typing import Final

from server.storage import Store

# One step each, so that of 200 people who redeem a single-use link at once exactly one wins.
_ADD: Final = """
redis.call('HSET', KEYS[1], 'expires', ARGV[1], 'uses', ARGV[2], 'used', 0)
return redis.call('PEXPIREAT', KEYS[1], ARGV[1])
"""
# 1: good, 0: used up, -1: unknown, expired or revoked. `uses` 0 means any number.
_USE: Final = """
local link = redis.call('HMGET', KEYS[1], 'expires', 'uses', 'used')
if not link[1] or tonumber(link[1]) <= tonumber(ARGV[1]) then return -1 end
local uses, used = tonumber(link[2]), tonumber(link[3])
if uses > 0 and used >= uses then return 0 end
redis.call('HINCRBY', KEYS[1], 'used', 1)
return 1
"""
# A seat whose owner has come is theirs: from then on no other link is made for it.
_REPLACE: Final = """
local before = redis.call('GET', KEYS[1])
if before ~= 'taken' then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return before
"""
_TAKEN: Final = "taken"


def _link(token_id: str) -> str:
    return f"link:{token_id}"


def _seat_link(interview: str, seat: str) -> str:
    """STRING: the id of the link that leads to a seat; `taken` stays, as the record does."""
    return f"seat-link:{interview}:{seat}"


def _session(hashed: str) -> str:
    return f"session:{hashed}"


def _epoch(person: str) -> str:
    """STRING: how often this moderator was turned away. It stays: it may never begin anew."""
    return f"epoch:{person}"


_DESK: Final = "desk:people"
"""SET: the moderators to whom a link was made and who were not turned away since."""


class IdentityStore:
    """Links by id and sessions by the hash of their token. Every method raises `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def add_link(self, token_id: str, expires: int, uses: int) -> None:
        self._store.require_room()
        await self._store.call("EVAL", _ADD, 1, _link(token_id), expires, uses)

    async def use_link(self, token_id: str, now: int) -> bool | None:
        """True: good, and used now. False: used up. None: there is no such link (any more)."""
        self._store.require_room()  # also for the session that follows
        got = await self._store.call("EVAL", _USE, 1, _link(token_id), now)
        return None if got == -1 else got == 1

    async def remove_link(self, token_id: str) -> None:
        await self._store.call("DEL", _link(token_id))

    async def replace_link(
        self, interview: str, seat: str, token_id: str, lifetime_ms: int
    ) -> bool:
        """Of the links named so, a seat has one at a time: the one before is removed.

        Whether it is; not if somebody has a session at this seat.
        """
        key = _seat_link(interview, seat)
        before = await self._store.call("EVAL", _REPLACE, 1, key, token_id, lifetime_ms)
        if before == _TAKEN.encode():
            return False
        if isinstance(before, bytes):
            await self.remove_link(before.decode())
        return True

    async def take_seat(self, interview: str, seat: str) -> None:
        """Somebody has a session at this seat."""
        await self._store.call("SET", _seat_link(interview, seat), _TAKEN)

    async def epoch(self, person: str) -> int:
        """How often this moderator was turned away."""
        found = await self._store.call("GET", _epoch(person))
        return int(found) if isinstance(found, bytes) else 0

    async def next_epoch(self, person: str) -> None:
        self._store.require_room()
        await self._store.call("INCR", _epoch(person))

    async def may_come(self, person: str) -> None:
        """From now on this moderator has a way to the desk."""
        self._store.require_room()
        await self._store.call("SADD", _DESK, person)

    async def no_longer(self, person: str) -> bool:
        """From now on they have none. Whether they had one."""
        return await self._store.call("SREM", _DESK, person) == 1

    async def put_session(self, hashed: str, place: bytes, lifetime_s: int) -> None:
        self._store.require_room()
        await self._store.call("SET", _session(hashed), place, "EX", lifetime_s)

    async def session(self, hashed: str) -> bytes | None:
        found = await self._store.call("GET", _session(hashed))
        return found if isinstance(found, bytes) else None
