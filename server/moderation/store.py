"""The inbox: which interviews have cases. An index only: the cases are in the interviews.

Written before the flag is appended (intent first), on the same connection, so that no case can be
missing from it; entries that came to nothing are swept when the queue is read.
"""

from typing import Final

from server.storage import Store

INBOX: Final = "mod:inbox"
"""ZSET: interview -> time of its latest flag, in ms."""


class Inbox:
    """The index over all interviews. Methods raise `StoreError`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def expect(self, interview: str, now_ms: int) -> None:
        """A flag of this interview is about to be appended; ordered before it, not waited for."""
        self._store.require_room()
        self._store.call_cb(("ZADD", INBOX, "GT", str(now_ms), interview), _nothing)

    async def latest(self, limit: int) -> list[str]:
        """Interviews, the latest flag first."""
        found = await self._store.call("ZRANGE", INBOX, 0, limit - 1, "REV")
        assert isinstance(found, list)
        return [name.decode() for name in found if isinstance(name, bytes)]

    async def forget(self, interview: str) -> None:
        await self._store.call("ZREM", INBOX, interview)


def _nothing(_: object) -> None:
    """The append that follows on the same connection tells whether the store took it."""
