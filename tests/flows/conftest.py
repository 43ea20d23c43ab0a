"""What flow tests get: a whole server, in the test's own loop."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.parley import OPERATOR_KEY, Parley, parley


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Parley]:
    """Give the test a running server with an empty store."""
    async with parley(tmp_path, operator_key=OPERATOR_KEY) as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give the test somebody who signs certificates."""
    return Authority(tmp_path / "authority")
