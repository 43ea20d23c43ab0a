"""What every test gets: its own real store on a Unix socket, when it asks for one."""

from collections.abc import AsyncIterator

import pytest

from server.storage import EmbeddedStore, Store
from tests.support.valkey import connected, embedded_store, url_of


@pytest.fixture
async def embedded() -> AsyncIterator[EmbeddedStore]:
    """Give the test an embedded store of its own, on an empty folder."""
    async with embedded_store() as store:
        yield store


@pytest.fixture
async def store(embedded: EmbeddedStore) -> AsyncIterator[Store]:
    """Give the test a connection to its own store, without functions."""
    async with connected(url_of(embedded)) as store:
        yield store
