"""Which node carries an interview's call: one hash per interview, with a fencing number.

The number grows with every change of hands and goes into the record with each `call:joined` and
`call:left`, so that a node which was replaced without noticing can neither write nor go on.

No clock has a say, neither a node's nor the store's: a lease never expires. It changes hands only
when its holder gives it up or, asked over the bus, does not answer (`carriers.py`).
"""

from typing import Final, Self

import msgspec

from server.storage import Reply, Store

# Together in one step: who comes second gets the first one's answer.
_CLAIM: Final = """
local held = redis.call('HMGET', KEYS[1], 'call', 'node', 'fence')
local call, fence = tonumber(held[1] or 0), tonumber(held[3] or 0)
local wanted = tonumber(ARGV[1])
local taken = call == wanted and held[2] ~= '' and fence ~= tonumber(ARGV[3])
if not (taken or call > wanted) then
  held = {ARGV[1], ARGV[2], tostring(fence + 1)}
  redis.call('HSET', KEYS[1], 'call', held[1], 'node', held[2], 'fence', held[3])
end
return held
"""
_RELEASE: Final = """
if redis.call('HGET', KEYS[1], 'fence') == ARGV[1] then
  redis.call('HSET', KEYS[1], 'node', '')
end
return 1
"""


def lease_key(interview: str) -> str:
    """HASH of the latest call: its number, its node ('' when given up), the fencing number.

    It lives as long as the record: the number may never begin anew.
    """
    return f"{{{interview}}}:call"


class Lease(msgspec.Struct, frozen=True):
    """That a node carries a call."""

    call: int
    node: str
    fence: int

    @classmethod
    def of(cls, reply: Reply) -> Self | None:
        """Read what the store holds; None where there was never a call."""
        match reply:
            case [bytes(call), bytes(node), bytes(fence)]:
                return cls(int(call), node.decode(), int(fence))
            case _:
                return None


class Leases:
    """The leases of all calls. Methods raise `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, interview: str, call: int, node: str, *, instead_of: int = 0) -> Lease:
        """Take the call, or learn who has it. `instead_of` is the number of who does not answer."""
        self._store.require_room()
        lease = Lease.of(
            await self._store.call("EVAL", _CLAIM, 1, lease_key(interview), call, node, instead_of)
        )
        assert lease is not None
        return lease

    async def find(self, interview: str) -> Lease | None:
        """Who has the latest call."""
        key = lease_key(interview)
        return Lease.of(await self._store.call("HMGET", key, "call", "node", "fence"))

    async def release(self, interview: str, fence: int) -> None:
        """Give the call up, unless somebody else has it already."""
        await self._store.call("EVAL", _RELEASE, 1, lease_key(interview), fence)
