"""What every test gets: the loop that the product runs on, and its own real store if it asks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop
from hypothesis import HealthCheck, settings

from server.storage import EmbeddedStore, Store
from tests.support.valkey import connected, embedded_store, url_of

# A busy machine is slow: that is no defect of what is tested.
settings.register_profile("parley", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("parley")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run every test on uvloop, whose transports and subprocesses differ from asyncio's own."""
    return {"uvloop": uvloop.new_event_loop}


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
