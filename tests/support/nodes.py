"""Several servers on one store."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.support.parley import OPERATOR_KEY, Parley, parley

SECRET = "the same on every node"


@asynccontextmanager
async def nodes(
    folder: Path, url: str, count: int = 2, **settings: object
) -> AsyncIterator[list[Parley]]:
    """So many servers in this loop, on the store at `url`."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                parley(
                    folder / f"node-{number}",
                    redis_url=url,
                    secret=SECRET,
                    operator_key=OPERATOR_KEY,
                    **settings,
                )
            )
            for number in range(count)
        ]
