"""An engine for each test that asks."""

from collections.abc import AsyncIterator

import pytest

from tests.signaling.support import Running, running_engine


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """Give the test an engine of its own."""
    async with running_engine() as running:
        yield running
